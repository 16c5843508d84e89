"""Who taught it this: exact with one card an update, an estimate that adds up with more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from flashcards.learner.learner import Learner
from flashcards.learner.study import Study
from flashcards.runs.commands import AnyCommand, Pin, Rewind, SetLearningRate, Step, Stop
from flashcards.runs.events import AnyEvent, PinTaught, RunRewound, StepsTaken
from flashcards.runs.state import RunState
from flashcards.trainer.ending import Goal
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
    taught = fresh.taught
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
    assert taught.learner.weights_sha256() == opened.taught.learner.weights_sha256()
    helped = sorted((nats, prompt) for prompt, nats in by_card.items() if nats < 0)[:5]
    assert [(by.prompt) for by in told.by] == [prompt for _, prompt in helped]
    assert [by.change_nats for by in told.by] == pytest.approx([n for n, _ in helped], abs=1e-4)
    assert told.total_nats == pytest.approx(sum(by_card.values()), abs=1e-4)
    assert (told.n_updates, told.n_cards) == (13, len(by_card))


def test_of_batches_the_shares_add_up_to_what_was_measured(deck: Path, tmp_path: Path) -> None:
    script: Script = [(0, Pin(prompt="Egypt")), (0, Pin(prompt="no such card"))]
    opened, watched = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(steps=250))
    told = watched.of(PinTaught)
    assert {e.prompt for e in told} == {"Egypt"}
    assert not any(e.is_exact for e in told)
    last = told[-1]
    assert last.n_cards == 10
    assert all(by.change_nats < 0 for by in last.by)
    assert all(by.change_nats > 0 for by in last.against)
    influence = opened.lesson._desk._influence
    (account,) = influence._accounts
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
        opened, _ = run_lesson(deck, tmp_path / name, script=script, goal=Goal(steps=60))
        shas.add((opened.taught.learner.weights_sha256(), opened.taught.memory.nominal_s))
    assert len(shas) == 1


def test_without_pins_nothing_is_measured(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_studied: list[int] = []
    study = Learner.study

    def counted(self: Learner, card_indices: Sequence[int]) -> Study:
        n_studied.append(len(card_indices))
        return study(self, card_indices)

    monkeypatch.setattr(Learner, "study", counted)
    run_lesson(deck, tmp_path / "runs", goal=Goal(steps=40))
    assert len(n_studied) == 40


def test_after_going_back_the_ledger_begins_anew(deck: Path, tmp_path: Path) -> None:
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
    after = [e for e in watched.of(PinTaught) if e.step > back.step and e.since_step > back.step]
    assert after[-1].is_exact
    assert after[-1].since_step == back.step + 1
    assert opened.taught.learner.step == back.step + 3
