"""A run's learner and deck, as its start describes them: see `lesson_kinds.started`."""

from collections.abc import Sequence

import msgspec

from flashcards.cards.audit import commonest, floor_nats, leaks
from flashcards.cards.card import Deck
from flashcards.cards.chapters import Difference, in_both, prompts_of
from flashcards.cards.exceptions import exception_sections
from flashcards.cards.printable import printable
from flashcards.cards.text import TextDeck
from flashcards.learner.learner import Learner
from flashcards.rivals.lookup import LookupTable
from flashcards.runs.events import ChapterBegan, RunStarted
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import pack
from flashcards.runs.values import (
    CommonAnswer,
    DeckNote,
    DeckProblem,
    NoteKind,
    Rival,
    Score,
    TextFacts,
)
from flashcards.trainer import judging, training_state, versions

N_LEAKS_NAMED = 3
COMMON = 0.1  # from this share of the cards on it is told that one answer is right for so many
N_MEASURED = 64  # Windows of a text from which the length of a piece is taken
N_IN_BOTH_NAMED = 5


def cards_started(folder: RunFolder, training: training_state.TrainingState) -> RunStarted:
    deck = training.deck
    learner = training.learner
    before = training.ledger.before
    start = _named(folder, deck.own, learner, is_named=len(deck.earlier) == folder.info.chapter)
    deck = deck.own
    deck_leaks = leaks(deck)
    return msgspec.structs.replace(
        start,
        sections=deck.section_names,
        floor_nats=floor_nats(deck) / learner.pieces_per_answer,
        leaks=tuple(
            DeckNote(_LEAKS[leak.how], (leak.card.prompt, leak.twin.prompt), leak.twin.line)
            for leak in deck_leaks[:N_LEAKS_NAMED]
        ),
        n_leaks=len(deck_leaks),
        exceptions=exception_sections(deck),
        rivals=_rivals(deck),
        common=common_answer(deck),
        judge=judging.facts_of(deck),
        is_shuffled=folder.info.is_shuffled,
        known="" if before is None else pack(bytes(before[: deck.n_own])),
    )


def text_started(folder: RunFolder, deck: TextDeck, learner: Learner) -> RunStarted:
    windows = deck.taught[:: -(-len(deck.taught) // N_MEASURED)]
    n_pieces = sum(len(learner.tokenizer.encode(deck.cards[i].answer)) for i in windows)
    n_characters = sum(len(deck.cards[i].answer) for i in windows)
    return msgspec.structs.replace(
        _named(folder, deck, learner, is_named=folder.info.chapter == 0),
        text=TextFacts(
            n_characters=deck.cards.n_characters,
            characters_per_piece=1.0 if deck.is_by_character else n_characters / n_pieces,
        ),
    )


def _named(folder: RunFolder, deck: Deck, learner: Learner, *, is_named: bool) -> RunStarted:
    """The fields that cards and texts share; `is_named`: the run's names are this deck's."""
    info = folder.info
    return RunStarted(
        step=0,
        run=info.run,
        folder=str(folder.path),
        deck=info.deck if is_named else deck.slug,
        name=info.deck_name if is_named else deck.name,
        deck_path=info.deck_path if is_named else "",
        seed=info.seed,
        device=info.device,
        n_taught=len(deck.taught),
        n_held_out=len(deck.never_seen),
        n_parameters=learner.n_parameters,
        n_pieces=learner.n_pieces,
        guessing_nats=learner.guessing_nats,
        batch_size=learner.settings.batch_size,
        learning_rate=learner.settings.learning_rate,
        held_out=pack(deck.never_seen_mask),
        description=deck.meta.description,
        # what a deck shows of a model that knows nothing, it need not show of one that has read
        shows=deck.meta.shows if info.base is None else "",
        because=deck.meta.because if info.base is None else "",
        chosen=info.chosen,
        filled_to=learner.settings.filled_to,
        is_aligned=learner.settings.is_aligned,
        ask=printable(deck.ask),
        base="" if info.base is None else info.base.name,
        n_learned=0 if info.base is None else learner.n_learned("all"),
    )


def with_problems(start: RunStarted, problems: Sequence[DeckProblem]) -> RunStarted:
    return msgspec.structs.replace(
        start, n_problems=len(problems), problem=problems[0] if problems else None
    )


def chapter_event(
    training: training_state.TrainingState, start: RunStarted, file: str, changes: Difference
) -> ChapterBegan:
    deck = training.deck
    both = tuple(dict.fromkeys(p for earlier in deck.earlier for p in in_both(deck.own, earlier)))
    unlearned = training.learner.tokenizer.unlearned(
        text for card in deck.own.cards for text in (card.prompt, *card.answers)
    )
    return ChapterBegan(
        step=training.learner.step,
        start=start,
        file=file,
        n_added=len(changes.added),
        n_changed=len(changes.changed),
        n_removed=changes.n_removed,
        prompts=prompts_of(changes, deck),
        notes=versions.unlearned_note(unlearned),
        earlier=tuple(earlier.name for earlier in deck.earlier),
        after_cards=training.memory.cards_taught,
        in_both=both[:N_IN_BOTH_NAMED],
        n_in_both=len(both),
    )


_LEAKS: dict[str, NoteKind] = {
    "near": "leak_near",
    "reversed": "leak_reversed",
    "swapped": "leak_swapped",
}


def common_answer(deck: Deck) -> CommonAnswer | None:
    """The commonest answer, None where it is right for few cards."""
    answer = commonest(deck)
    if answer is None:
        return None
    seen = Score(answer.n_taught, len(deck.taught))
    unseen = Score(answer.n_never_seen, len(deck.never_seen))
    is_common = max(seen.rate or 0.0, unseen.rate or 0.0) >= COMMON
    return CommonAnswer(printable(answer.answer), seen, unseen) if is_common else None


def _rivals(deck: Deck) -> tuple[Rival, ...]:
    taught = [deck.cards[i] for i in deck.taught]
    never_seen = [deck.cards[i] for i in deck.never_seen]
    lookup = LookupTable(taught)
    return (
        Rival(
            "lookup",
            Score(lookup.n_right(taught), len(taught)),
            Score(lookup.n_right(never_seen), len(never_seen)),
        ),
    )
