"""Who taught it this: exact with one card an update, an estimate that adds up with more."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flashcards.learner.learner import Learner
from flashcards.learner.saving import extra_of
from flashcards.learner.study import Study
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.folder import read_state
from flashcards.runs.goal import Goal
from flashcards.trainer.questions.accounts import GONE
from tests.trainer.lessons import Script, run_lesson


def pin_error(learner: Learner, card_index: int) -> float:
    return learner.study([card_index]).card_nats[0]


def test_with_one_card_the_ledger_is_the_errors_change(deck: Path, tmp_path: Path) -> None:
    """The same lesson again by hand: each update's card, and the error before and after it."""
    script: Script = [(0, cmd.Pin(prompt="Egypt")), (0, cmd.Step(n_cards=14)), (14, cmd.Stop())]
    opened, watched = run_lesson(deck, tmp_path / "a", script=script)
    event = watched.of(ev.PinTaught)[-1]
    assert (event.prompt, event.is_exact, event.since_step) == ("Egypt", True, 1)
    fresh, _ = run_lesson(deck, tmp_path / "b", script=[(0, cmd.Stop())])
    taught = fresh.training
    egypt = [card.prompt for card in taught.deck.cards].index("Egypt")
    by_card: dict[str, float] = {}
    for n in range(event.step):
        before = pin_error(taught.learner, egypt)
        card_index = taught.order.next(1)[0]
        taught.learner.adjust(taught.learner.study([card_index]))
        change = pin_error(taught.learner, egypt) - before
        if n >= 1:
            prompt = taught.deck.cards[card_index].prompt
            by_card[prompt] = by_card.get(prompt, 0.0) + change
    assert taught.learner.weights_sha256() == opened.training.learner.weights_sha256()
    helped = sorted((nats, prompt) for prompt, nats in by_card.items() if nats < 0)[:5]
    assert [(by.prompt) for by in event.by] == [prompt for _, prompt in helped]
    assert [by.change_nats for by in event.by] == pytest.approx([n for n, _ in helped], abs=1e-4)


def test_without_pins_nothing_is_measured(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n_studied: list[int] = []
    study = Learner.study

    def counted(self: Learner, card_indices: Sequence[int], *rest: Any) -> Study:
        n_studied.append(len(card_indices))
        return study(self, card_indices, *rest)

    monkeypatch.setattr(Learner, "study", counted)
    run_lesson(deck, goal=Goal(step=40))
    assert len(n_studied) == 40


@pytest.mark.slow
def test_without_pins_nothing_of_it_is_saved(deck: Path) -> None:
    script: Script = [(2, cmd.Pin(prompt="Egypt")), (40, cmd.Unpin(prompt="Egypt"))]
    opened, _ = run_lesson(deck, script=script, goal=Goal(step=64))
    parts = {}
    for step, path in opened.keeper.folder.state_files():
        saved = read_state(path)
        assert saved is not None
        parts[step] = set(extra_of(saved))
    assert parts[2] == parts[64] == {"memory", "ledger"}
    assert parts[16] == parts[32] == {"memory", "ledger", "accounts"}


@pytest.mark.slow
def test_a_changed_deck_keeps_the_accounts_of_cards_that_stay(deck: Path) -> None:
    """France goes, Malta comes, Peru has another answer: Egypt's account goes on."""
    text = deck.read_text().replace("France :: Paris\n", "").replace("Lima", "Cusco")
    text += "Malta :: Valletta\n"
    script: Script = [(0, cmd.Pin(prompt=prompt)) for prompt in ("Egypt", "Peru", "Malta")]
    script += [
        (50, cmd.TakeDeck(text=text)),
        (90, cmd.TakeDeck(text=text.replace("Oslo", "Bergen"))),
    ]
    opened, watched = run_lesson(deck, script=script, goal=Goal(step=130))
    first, second = watched.of(ev.DeckChanged)
    assert first.step < second.step
    assert not any(event.is_exact for event in watched.of(ev.PinTaught))
    last = {event.prompt: event for event in watched.of(ev.PinTaught)}
    since = {prompt: event.since_step for prompt, event in last.items()}
    assert since == {"Egypt": 1, "Peru": first.step, "Malta": first.step}
    taught, egypt = opened.training, last["Egypt"]
    prompts = {card.prompt for card in taught.deck.cards if not card.is_never_seen}
    assert {by.prompt for by in egypt.by} <= prompts
    account = taught.accounts.of[0]
    assert account.n_times[GONE] > 0
    n_first = taught.learner.settings.batch_size_at(0)
    assert sum(account.n_times.values()) == taught.memory.cards_taught - n_first
    assert sum(account.shares().values()) == pytest.approx(account.shared_nats)
