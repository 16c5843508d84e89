"""The versions of a run's deck: read as they are taught, and one put in the place of another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.difference import Difference, difference
from flashcards.cards.printable import printable
from flashcards.cards.shelf import DeckUnusable, load
from flashcards.cards.shuffle import shuffled
from flashcards.cards.text import TextDeck, is_text, load_text
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.values import DeckProblem
from flashcards.trainer.training_state import TrainingState


def load_version(folder: RunFolder, file: str) -> Deck:
    """The version with this file name, "" for the first.
    Raises RunError: it is gone or can't be read."""
    path = folder.deck_version(file)
    try:
        if is_text(path):
            return load_text(path, folder.info.deck)
        deck, _ = load(path)
    except DeckUnusable as error:
        raise RunError(f"the run's deck can't be read: {error}") from error
    return as_of_run(deck, folder)


def errors_of(diagnostics: Iterable[Diagnostic], name: str) -> list[DeckProblem]:
    """The errors among them, in a file with this name."""
    return [
        DeckProblem(
            file=printable(name),
            line=found.line,
            column=found.column,
            code=found.code,
            text=found.text,
        )
        for found in diagnostics
        if found.level == "error"
    ]


def as_of_run(deck: Deck, folder: RunFolder) -> Deck:
    """The deck as this run teaches it: under the run's name for it, shuffled if the run is."""
    deck = msgspec.structs.replace(deck, slug=folder.info.deck)
    return shuffled(deck, folder.info.seed) if folder.info.is_shuffled else deck


def with_seen_taught(deck: Deck, times_seen: Sequence[int]) -> Deck:
    """The deck without those held-out cards that this model was taught: they are NEVER SEEN no
    more, whatever the file says now."""
    if isinstance(deck, TextDeck):
        return deck
    if not any(card.is_held_out and n for card, n in zip(deck.cards, times_seen, strict=True)):
        return deck
    cards = tuple(
        msgspec.structs.replace(card, is_held_out=card.is_held_out and not n)
        for card, n in zip(deck.cards, times_seen, strict=True)
    )
    return msgspec.structs.replace(deck, cards=cards)


def change(training: TrainingState, deck: Deck, file: str) -> Difference:
    """Teach this version from now on; `file` is its name in the run folder.

    Depends on nothing but what it is given: a resumed lesson changes as the first one did. Cards
    that stay keep what is known of them, pinned ones their accounts; an exam is due with the next
    update, and the lesson may come to an end again.

    Raises:
        SettingsError: a card is longer than the model can hold; nothing was changed.
    """
    before = difference(training.deck, deck).before
    was_seen = [0 if old is None else training.ledger.times_seen[old] for old in before]
    deck = with_seen_taught(deck, was_seen)
    changes = difference(training.deck, deck)
    accounts, learner = training.accounts, training.learner
    pinned = accounts.read(learner) if accounts.n_pending else None
    learner.take_deck(deck)
    if pinned is not None:
        accounts.flush_pending(pinned)
    training.accounts = accounts.remapped(changes, deck, learner)
    fresh = sorted(i for i in (*changes.added, *changes.changed) if not deck.cards[i].is_held_out)
    training.order = training.order.changed(deck.taught, changes.before, fresh)
    training.ledger = training.ledger.remapped(changes.before)
    training.deck = deck
    memory = training.memory
    memory.deck_file = file
    memory.position, memory.after_change = training.order.position, training.order.after
    memory.next_exam_s = memory.nominal_s
    memory.best_seen = memory.best_unseen = -1.0
    memory.best_loss_nats, memory.best_at_s = None, memory.nominal_s
    memory.has_ended = False
    return changes
