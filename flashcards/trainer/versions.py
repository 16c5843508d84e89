"""The versions of a run's deck: read as they are taught, and one put in the place of another."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from flashcards.cards import chapters, shelf, split, text
from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.printable import printable
from flashcards.learner.order import CardOrder, shapes_of
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.rewards import RewardCounts
from flashcards.runs.values import DeckNote, DeckProblem
from flashcards.trainer.judging import first_practice, judge_in
from flashcards.trainer.training_state import TrainingState

N_UNLEARNED_NAMED = 5


def load_version(folder: RunFolder, file: str) -> Deck:
    """The version with this file name, "" for the first.
    Raises RunError: it is gone or can't be read."""
    earlier = folder.earlier_versions(file)
    deck = after(_load(folder, file, len(earlier)), folder, earlier)
    return msgspec.structs.replace(deck, judge=judge_in(folder, file))


def after(deck: Deck, folder: RunFolder, earlier: Sequence[str]) -> Deck:
    """The deck with those of earlier chapters, by their files, oldest first.
    Raises RunError: one is gone or can't be read."""
    decks = [_load(folder, file, chapter) for chapter, file in enumerate(earlier)]
    return chapters.merged(deck, decks) if decks else deck


def _load(folder: RunFolder, file: str, chapter: int) -> Deck:
    path = folder.deck_version(file)
    try:
        deck, _ = text.load_either(path)
    except shelf.DeckUnusable as error:
        raise RunError(f"the run's deck can't be read: {error}") from error
    return as_of_run(deck, folder, chapter, file)


def errors_of(diagnostics: Iterable[Diagnostic], name: str) -> list[DeckProblem]:
    return [
        DeckProblem(
            file=printable(name),
            line=problem.line,
            column=problem.column,
            code=problem.code,
            text=problem.text,
        )
        for problem in diagnostics
        if problem.level == "error"
    ]


def as_of_run(deck: Deck, folder: RunFolder, chapter: int, file: str = "") -> Deck:
    """The deck as this run teaches it: asked as it was, shuffled if the run is.
    It has the run's name for it; that of an earlier chapter goes by the name of its file."""
    slug = _slug_of(folder, chapter, folder.deck_version(file))
    if not deck.prompted:  # neither asked nor shuffled, whatever the run's file says
        return msgspec.structs.replace(deck, slug=slug)
    deck = msgspec.structs.replace(deck, slug=slug, ask=folder.info.ask_in(chapter))
    return split.shuffled(deck, folder.info.seed) if folder.info.is_shuffled else deck


def _slug_of(folder: RunFolder, chapter: int, path: Path) -> str:
    if chapter == folder.info.chapter:
        return folder.info.deck
    return Path(path.name[5:]).stem


def unlearned_note(unlearned: Sequence[str]) -> tuple[DeckNote, ...]:
    """A note of texts that no learned piece holds; () for none."""
    return (DeckNote("unlearned", tuple(unlearned[:N_UNLEARNED_NAMED])),) if unlearned else ()


def with_seen_taught(deck: Deck, times_seen: Sequence[int]) -> Deck:
    """The deck without never-taught cards that this model was taught, whatever the file says."""
    if not any(deck.cards[i].is_never_seen and times_seen[i] for i in deck.prompted):
        return deck
    mask = zip(deck.never_seen_mask, times_seen, strict=True)
    return deck.with_never_seen(bytes(is_never_seen and not n for is_never_seen, n in mask))


def change(training: TrainingState, deck: Deck, file: str) -> chapters.Difference:
    """Teach this version from now on; `file` is its name in the run folder.
    Depends on nothing but what it is given: a resumed lesson changes as the first one did. Cards
    that stay keep what is known of them, pinned ones their accounts; an exam is due with the next
    update, and the lesson may come to an end again. A deck with one more earlier one begins a
    chapter: order, rates and average begin anew.
    Raises SettingsError: a card is longer than the model can hold; nothing was changed."""
    before = chapters.difference(training.deck, deck).before
    was_seen = [0 if old is None else training.ledger.times_seen[old] for old in before]
    deck = with_seen_taught(deck, was_seen)
    is_chapter = len(deck.earlier) > len(training.deck.earlier)
    changes = chapters.difference(training.deck, deck)
    accounts, learner = training.accounts, training.learner
    pinned = accounts.read(learner) if accounts.n_pending else None
    learner.take_deck(deck)
    if pinned is not None:
        accounts.flush_pending(pinned)
    training.accounts = accounts.remapped(changes, deck, learner)
    training.ledger = training.ledger.remapped(changes.before)
    training.deck = deck
    if training.ledger.before is not None:
        training.ask_before((*changes.added, *changes.changed))
    memory = training.memory
    memory.deck_file = file
    if is_chapter:
        training.order = _first_order(training)
        learner.chapter_step = learner.step
        memory.chapter_step = learner.step
        memory.chapter_s = memory.nominal_s
        memory.pending_steps = 0
        memory.pending_loss_nats = 0.0
        memory.next_correction_s = memory.next_report_s = memory.nominal_s
        memory.next_marks_s = memory.next_confirmation_s = memory.nominal_s
        memory.learning_rate_factor = 1.0
        memory.raised_at_step = None
        memory.rehearsal = 0.0
        memory.learns = "all"
        memory.marks_bytes = 0
        memory.practice = first_practice(deck)
        memory.reward = RewardCounts()
    else:
        of_deck = sorted(i for i in (*changes.added, *changes.changed) if i < deck.n_own)
        fresh = [i for i in of_deck if not deck.cards[i].is_never_seen]
        training.order = training.order.changed(
            deck.taught, changes.before, fresh, shapes_of(deck, learner.settings)
        )
    memory.position = training.order.position
    memory.after_change = training.order.after
    memory.next_exam_s = memory.nominal_s
    memory.best_seen = memory.best_unseen = -1.0
    memory.best_loss_nats = None
    memory.best_at_s = memory.nominal_s
    memory.has_ended = False
    return changes


def _first_order(training: TrainingState) -> CardOrder:
    """The same order of cards, from its beginning, for a new chapter."""
    deck = training.deck
    order = training.order
    ledger = training.ledger
    shapes = shapes_of(deck, training.learner.settings)
    fresh = CardOrder(deck.taught, order.seed, shapes=shapes)
    fresh.choose(order.name, ledger.times_seen, ledger.recent)
    return fresh
