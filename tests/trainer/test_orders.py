"""The order of cards in a real lesson: chosen live, logged, and the same when it goes on."""

import json
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.commands import NextPhase, SetOrder, Stop, TeachCard
from flashcards.runs.events import OrderChanged, PhaseEntered, RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.runs.values import ORDERS
from tests.decks import write_capitals, write_sums
from tests.trainer.lessons import Script, run_lesson


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_sums(tmp_path)


def test_a_card_taught_by_hand_comes_at_once_in_another_order(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [
        (4, SetOrder(order="boxes")),
        (20, TeachCard(request=1, prompt="Sweden", answer="Stockholm")),
        (40, Stop()),
    ]
    opened, _ = run_lesson(deck, script=script)
    index = [card.prompt for card in opened.training.deck.cards].index("Sweden")
    assert opened.training.order.name == "boxes"
    assert opened.training.ledger.times_seen[index] >= 15


def test_an_order_chosen_while_a_card_is_held_holds_from_the_next_card_on(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [(0, NextPhase()), (0, SetOrder(order="deck")), (1, Stop())]
    _, watched = run_lesson(deck, script=script)
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
