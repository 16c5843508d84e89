"""The order of cards in a real lesson: chosen live, logged, and the same when it goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.commands import AnyCommand, NextPhase, SetOrder, Stop, TeachCard
from flashcards.runs.events import OrderChanged, PhaseEntered, RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.runs.values import ORDERS, OrderName
from flashcards.trainer.again.plan import Plan
from flashcards.trainer.again.rerun import Rerun
from tests.decks import write_capitals, write_sums
from tests.trainer.lessons import run_lesson

Script = list[tuple[int, AnyCommand]]
QUEUED: tuple[OrderName, ...] = tuple(name for name in ORDERS if name != "shuffled")


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_sums(tmp_path)


@pytest.mark.parametrize("name", QUEUED)
@pytest.mark.slow
def test_a_lesson_stopped_in_an_order_goes_on_bit_for_bit(
    deck: Path, tmp_path: Path, name: OrderName
) -> None:
    chosen: Script = [(10, SetOrder(order=name))]
    straight, watched = run_lesson(deck, tmp_path / "a", script=chosen, goal=Goal(step=50))
    stopped, _ = run_lesson(deck, tmp_path / "b", script=chosen, goal=Goal(step=23))
    run = str(stopped.keeper.folder.path)
    gone_on, _ = run_lesson(deck, tmp_path / "b", resume=run, goal=Goal(step=50))
    shas = {lesson.training.learner.weights_sha256() for lesson in (straight, gone_on)}
    assert len(shas) == 1
    assert gone_on.training.order.name == name
    (changed,) = watched.of(OrderChanged)
    assert changed.order == name
    assert [e.order for e in watched.of(RecipeChanged)][-1] == name
    state = RunState()
    for event in straight.keeper.folder.events():
        state.fold(event)
    assert state.order == name
    plain, _ = run_lesson(deck, tmp_path / "c", goal=Goal(step=50))
    assert plain.training.learner.weights_sha256() not in shas


@pytest.mark.parametrize(
    "name",
    [QUEUED[0], *(pytest.param(name, marks=pytest.mark.slow) for name in QUEUED[1:])],
)
def test_an_order_changed_back_and_forth_is_logged_and_repeats(
    deck: Path, tmp_path: Path, name: OrderName
) -> None:
    script: Script = [
        (5, SetOrder(order=name)),
        (15, SetOrder(order="shuffled")),
        (25, SetOrder(order=name)),
    ]
    one, watched = run_lesson(deck, tmp_path / "a", script=script, goal=Goal(step=40))
    other, _ = run_lesson(deck, tmp_path / "b", script=script, goal=Goal(step=40))
    assert [e.order for e in watched.of(OrderChanged)] == [name, "shuffled", name]
    assert one.training.learner.weights_sha256() == other.training.learner.weights_sha256()


def test_a_card_taught_by_hand_comes_at_once_in_another_order(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [
        (4, SetOrder(order="boxes")),
        (20, TeachCard(request=1, prompt="Sweden", answer="Stockholm")),
        (40, Stop()),
    ]
    opened, _ = run_lesson(deck, tmp_path / "runs", script=script)
    index = [card.prompt for card in opened.training.deck.cards].index("Sweden")
    assert opened.training.order.name == "boxes"
    assert opened.training.ledger.times_seen[index] >= 15


def test_an_order_chosen_while_a_card_is_held_holds_from_the_next_card_on(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [(0, NextPhase()), (0, SetOrder(order="deck")), (1, Stop())]
    _, watched = run_lesson(deck, tmp_path / "runs", script=script)
    data = [e for e in watched.of(PhaseEntered) if e.phase == "data"]
    (changed,) = watched.of(OrderChanged)
    assert changed.step in (0, data[0].step + 1)


def test_the_command_line_knows_every_order(
    deck: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ORDERS:
        runs = str(tmp_path / name)
        code = main(["train", str(deck), "--order", name, "--steps", "3", "--runs", runs, "--json"])
        assert code == 0
        events = RunFolder.open(Path(json.loads(capsys.readouterr().out)["run"])).events()
        orders = [e.order for e in events if isinstance(e, RecipeChanged)]
        assert orders == [name]


@pytest.mark.parametrize("name", QUEUED)
def test_updates_in_any_order_are_made_again_from_the_log(
    deck: Path, tmp_path: Path, name: OrderName
) -> None:
    script: Script = [(6, SetOrder(order=name)), (19, SetOrder(order="shuffled"))]
    opened, _ = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(step=30))
    plan = Plan(opened.keeper.folder)
    plan.refresh()
    rerun = Rerun(opened.keeper.folder, plan, at_most=0)
    while rerun.step < 30:
        rerun.forward()
    assert rerun.training.learner.weights_sha256() == opened.training.learner.weights_sha256()
