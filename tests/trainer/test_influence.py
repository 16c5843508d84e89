"""Who taught it this: exact with one card an update, an estimate that adds up with more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flashcards.learner.learner import Learner
from flashcards.learner.saving import extra_of
from flashcards.learner.study import Study
from flashcards.runs.commands import (
    AnyCommand,
    PauseAt,
    Pin,
    Rewind,
    SetLearningRate,
    SetSpeed,
    Step,
    Stop,
    TakeDeck,
    Unpin,
)
from flashcards.runs.events import (
    AnyEvent,
    DeckChanged,
    PinTaught,
    RunResumed,
    RunRewound,
    StepsTaken,
)
from flashcards.runs.folder import RunFolder, read_state
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.runs.values import Speed
from flashcards.trainer.memory import LessonMemory
from flashcards.trainer.opening import Opened
from flashcards.trainer.questions.accounts import GONE
from tests.decks import write_capitals
from tests.trainer.lessons import ScriptedInbox, run_lesson

Script = list[tuple[int, AnyCommand]]


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


def pin_error(learner: Learner, card_index: int) -> float:
    return learner.study([card_index]).card_nats[0]


def test_with_one_card_an_update_the_ledger_is_the_change_of_the_error(
    deck: Path, tmp_path: Path
) -> None:
    """The same lesson again by hand: each update's card, and the error before and after it."""
    script: Script = [(0, Pin(prompt="Egypt")), (0, Step(n_cards=14)), (14, Stop())]
    opened, watched = run_lesson(deck, tmp_path / "a", script=script)
    told = watched.of(PinTaught)[-1]
    assert (told.prompt, told.is_exact, told.since_step) == ("Egypt", True, 1)
    fresh, _ = run_lesson(deck, tmp_path / "b", script=[(0, Stop())])
    taught = fresh.training
    egypt = [card.prompt for card in taught.deck.cards].index("Egypt")
    by_card: dict[str, float] = {}
    for n in range(told.step):
        before = pin_error(taught.learner, egypt)
        card_index = taught.order.next(1)[0]
        taught.learner.adjust(taught.learner.study([card_index]))
        change = pin_error(taught.learner, egypt) - before
        if n >= 1:
            prompt = taught.deck.cards[card_index].prompt
            by_card[prompt] = by_card.get(prompt, 0.0) + change
    assert taught.learner.weights_sha256() == opened.training.learner.weights_sha256()
    helped = sorted((nats, prompt) for prompt, nats in by_card.items() if nats < 0)[:5]
    assert [(by.prompt) for by in told.by] == [prompt for _, prompt in helped]
    assert [by.change_nats for by in told.by] == pytest.approx([n for n, _ in helped], abs=1e-4)
    assert told.total_nats == pytest.approx(sum(by_card.values()), abs=1e-4)
    assert (told.n_updates, told.n_cards) == (13, len(by_card))


@pytest.mark.slow
def test_of_batches_the_shares_add_up_to_what_was_measured(deck: Path, tmp_path: Path) -> None:
    script: Script = [(0, Pin(prompt="Egypt")), (0, Pin(prompt="no such card"))]
    opened, watched = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(step=250))
    told = watched.of(PinTaught)
    assert {e.prompt for e in told} == {"Egypt"}
    assert not any(e.is_exact for e in told)
    last = told[-1]
    assert last.n_cards == 10
    assert all(by.change_nats < 0 for by in last.by)
    assert all(by.change_nats > 0 for by in last.against)
    (account,) = opened.training.accounts.of
    assert sum(account.shares().values()) == pytest.approx(account.shared_nats)
    state = RunState()
    for event in opened.keeper.folder.events():
        state.fold(event)
    assert state.pins["Egypt"].taught == last


def test_the_ledger_changes_nothing_of_the_run(deck: Path, tmp_path: Path) -> None:
    shas = set()
    for name, pins in (("a", 0), ("b", 8)):
        prompts = ["Egypt", "Kenya", "France", "Poland", "Italy", "Spain", "Peru", "Cuba"][:pins]
        script: Script = [(0, Pin(prompt=prompt)) for prompt in prompts]
        opened, _ = run_lesson(deck, tmp_path / name, script=script, goal=Goal(step=40))
        shas.add((opened.training.learner.weights_sha256(), opened.training.memory.nominal_s))
    assert len(shas) == 1


def test_without_pins_nothing_is_measured(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_studied: list[int] = []
    study = Learner.study

    def counted(self: Learner, card_indices: Sequence[int], *rest: Any) -> Study:
        n_studied.append(len(card_indices))
        return study(self, card_indices, *rest)

    monkeypatch.setattr(Learner, "study", counted)
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=40))
    assert len(n_studied) == 40


def ledger(run: RunFolder) -> list[AnyEvent]:
    """Who taught what, as the log has it."""
    return [event for event in run.events() if isinstance(event, PinTaught)]


Plan = dict[int, list[AnyCommand]]


def in_parts(deck: Path, runs: Path, plan: Plan, stops: list[int]) -> list[Opened]:
    """The lesson in which these commands come at just these steps, stopped so often."""
    parts: list[Opened] = []
    for start, stop in pairwise([0, *stops]):
        script: Script = []
        points = sorted({start, *(step for step in plan if start <= step < stop)})
        for at, after in pairwise([*points, stop]):
            script += [(at, command) for command in plan.get(at, [])]
            script.append((at, PauseAt(request=1, goal=Goal(step=after))))
        resume = str(parts[-1].keeper.folder.path) if parts else None
        speed: Speed | None = None if parts else "full"
        script.append((stop, Stop()))
        parts.append(run_lesson(deck, runs, script=script, resume=resume, speed=speed)[0])
    return parts


PINS: Plan = {2: [Pin(prompt="Egypt")], 9: [Pin(prompt="Peru"), Pin(prompt="no such card")]}


@pytest.mark.parametrize(
    ("plan", "stops"),
    [
        pytest.param(PINS, [5, 9, 31, 44, 77, 98, 130], marks=pytest.mark.slow),
        pytest.param(
            PINS | {0: [SetSpeed(speed="explain")]},
            [5, 10, 17, 22, 28],
            marks=pytest.mark.slow,
        ),
        (PINS | {30: [SetSpeed(speed="explain")], 33: [SetSpeed(speed="full")]}, [24, 32, 45, 64]),
        pytest.param(
            PINS | {40: [Unpin(prompt="Egypt")], 50: [Pin(prompt="Cuba")]},
            [40, 41, 50, 61, 150],
            marks=pytest.mark.slow,
        ),
    ],
    ids=["batches", "single cards", "both", "pins that change"],
)
def test_a_run_that_is_stopped_and_gone_on_with_has_the_ledger_of_one_that_never_was(
    deck: Path, tmp_path: Path, plan: Plan, stops: list[int]
) -> None:
    (whole,) = in_parts(deck, tmp_path / "whole", plan, stops[-1:])
    parts = in_parts(deck, tmp_path / "parts", plan, stops)
    assert ledger(parts[-1].keeper.folder) == ledger(whole.keeper.folder)
    assert len(ledger(whole.keeper.folder)) >= 4
    assert parts[-1].training.accounts.to_bytes() == whole.training.accounts.to_bytes()
    is_single = plan.get(0) is not None
    assert any(part.training.accounts.n_pending for part in parts) is not is_single


@pytest.mark.slow
def test_a_killed_run_gone_on_with_from_an_earlier_state_has_the_same_ledger(
    deck: Path, tmp_path: Path
) -> None:
    (whole,) = in_parts(deck, tmp_path / "whole", PINS, [110])
    (first,) = in_parts(deck, tmp_path / "killed", PINS, [75])
    folder = first.keeper.folder
    for step, path in folder.state_files():
        if step > 64:
            path.unlink()
    again, watched = run_lesson(
        deck, tmp_path / "killed", goal=Goal(step=110), resume=str(folder.path)
    )
    assert [event.step for event in watched.of(RunResumed)] == [64]
    assert ledger(again.keeper.folder) == ledger(whole.keeper.folder)
    told_again = watched.of(PinTaught)[0]
    assert told_again == [e for e in ledger(whole.keeper.folder) if e.step <= 64][-2]


def test_a_state_without_accounts_still_opens_and_counts_anew(deck: Path, tmp_path: Path) -> None:
    (first,) = in_parts(deck, tmp_path / "runs", PINS, [40])
    folder = first.keeper.folder
    step, path = folder.state_files()[-1]
    saved = read_state(path)
    assert saved is not None
    parts = extra_of(saved)
    del parts["accounts"]
    path.unlink()
    folder.save_resume_point(step, first.training.learner.save(parts))
    _, watched = run_lesson(deck, tmp_path / "runs", goal=Goal(step=66), resume=str(folder.path))
    assert {event.since_step for event in watched.of(PinTaught) if event.step > step} == {41}


def test_without_pins_nothing_of_it_is_saved(deck: Path, tmp_path: Path) -> None:
    script: Script = [(2, Pin(prompt="Egypt")), (40, Unpin(prompt="Egypt"))]
    opened, _ = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(step=64))
    parts = {}
    for step, path in opened.keeper.folder.state_files():
        saved = read_state(path)
        assert saved is not None
        parts[step] = set(extra_of(saved))
    assert parts[2] == parts[64] == {"memory", "ledger"}
    assert parts[16] == parts[32] == {"memory", "ledger", "accounts"}


@pytest.mark.slow
def test_after_going_back_the_ledger_is_that_of_the_step_gone_back_to(
    deck: Path, tmp_path: Path
) -> None:
    inboxes: list[ScriptedInbox] = []
    is_asked: list[bool] = []

    def react(event: AnyEvent) -> None:
        if isinstance(event, StepsTaken) and event.step >= 70 and not is_asked:
            is_asked.append(True)
            inboxes[0].put(Rewind())
        if isinstance(event, RunRewound):
            inboxes[0].put(Step(n_cards=3))
            inboxes[0].script.append((event.step + 3, Stop()))
            inboxes[0].step = event.step

    script: Script = [(0, Pin(prompt="Egypt")), (40, SetLearningRate(factor=256))]
    opened, watched = run_lesson(
        deck, tmp_path / "runs", script=script, react=react, inboxes=inboxes
    )
    (back,) = watched.of(RunRewound)
    assert opened.training.learner.step == back.step + 3
    at = watched.events.index(back)
    told_again = next(e for e in watched.events[at:] if isinstance(e, PinTaught))
    assert told_again == [e for e in ledger(opened.keeper.folder) if e.step <= back.step][-1]
    straight: Script = [(0, Pin(prompt="Egypt")), (back.step, Step(n_cards=3))]
    straight.append((back.step + 3, Stop()))
    whole, _ = run_lesson(deck, tmp_path / "straight", script=straight)
    assert ledger(opened.keeper.folder) == ledger(whole.keeper.folder)
    assert opened.training.accounts.of[0].since_step == 1


@pytest.mark.slow
def test_a_changed_deck_keeps_the_accounts_of_cards_that_stay(deck: Path, tmp_path: Path) -> None:
    """France goes, Malta comes, Peru has another answer: Egypt's account goes on."""
    text = deck.read_text().replace("France :: Paris\n", "").replace("Lima", "Cusco")
    text += "Malta :: Valletta\n"
    script: Script = [(0, Pin(prompt=prompt)) for prompt in ("Egypt", "Peru", "Malta")]
    script += [(50, TakeDeck(text=text)), (90, TakeDeck(text=text.replace("Oslo", "Bergen")))]
    opened, watched = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(step=130))
    first, second = watched.of(DeckChanged)
    assert first.step < second.step
    last = {event.prompt: event for event in watched.of(PinTaught)}
    since = {prompt: event.since_step for prompt, event in last.items()}
    assert since == {"Egypt": 1, "Peru": first.step, "Malta": first.step}
    taught, egypt = opened.training, last["Egypt"]
    assert egypt.n_updates == egypt.step - 1
    prompts = {card.prompt for card in taught.deck.cards if not card.is_never_seen}
    assert {by.prompt for by in (*egypt.by, *egypt.against)} <= prompts
    assert egypt.n_cards == len(prompts)
    account = taught.accounts.of[0]
    assert account.n_times[GONE] > 0
    n_first = taught.learner.settings.batch_size_at(0)
    assert sum(account.n_times.values()) == taught.memory.cards_taught - n_first
    assert sum(account.shares().values()) == pytest.approx(account.shared_nats)


@pytest.mark.slow
@pytest.mark.parametrize("is_lost", [False, True])
def test_a_run_that_ended_at_a_change_of_the_deck_has_the_same_ledger(
    deck: Path, tmp_path: Path, is_lost: bool
) -> None:
    """Also before it was saved: the state before it, of the same step, is changed again."""
    change = TakeDeck(text=deck.read_text().replace("Poland :: Warsaw\n", ""))
    (whole,) = in_parts(deck, tmp_path / "whole", PINS | {44: [change]}, [90])
    ended: Script = [(44, change), (44, Stop())]
    (first,) = in_parts(deck, tmp_path / "ended", PINS, [44])
    folder = first.keeper.folder
    before = folder.state_files()[-1][1].read_bytes()
    run_lesson(deck, tmp_path / "ended", script=ended, resume=str(folder.path))
    if is_lost:
        folder.save_resume_point(44, before)
    (state,) = [path for step, path in folder.state_files() if step == 44]
    assert deck_file_of(state) == ("" if is_lost else "0001-capitals.deck")
    again, _ = run_lesson(
        deck, tmp_path / "ended", goal=Goal(step=90), resume=str(folder.path), speed=None
    )
    assert ledger(again.keeper.folder) == ledger(whole.keeper.folder)
    assert again.training.accounts.to_bytes() == whole.training.accounts.to_bytes()


def deck_file_of(path: Path) -> str:
    saved = read_state(path)
    assert saved is not None
    return LessonMemory.from_bytes(extra_of(saved)["memory"]).deck_file
