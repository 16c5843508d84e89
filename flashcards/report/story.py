"""A run as its report tells it, gathered from its folder alone: the log, the deck, the settings."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec

from flashcards.cards import grammar, shelf, split
from flashcards.cards.card import Deck, DeckMeta
from flashcards.runs import events
from flashcards.runs.folder import RunError, RunFolder, RunInfo
from flashcards.runs.marks import NOT_ASKED, RIGHT, Marks, unpack
from flashcards.runs.share import line_again
from flashcards.runs.state import RunState
from flashcards.runs.values import Correction, text_of
from flashcards.runs.verdict import Verdict

MAX_STORED_CORRECTIONS = 20_000


@dataclass(slots=True)
class CardRecord:
    """One card over all exams since the deck last changed. `n_asked`, `n_wrong`: exams.
    `n_forgotten`: how often a right answer was followed by one that was not. `last_mark`: as in
    `runs.marks`. `was_known`: right before any card was taught. `also`: more right answers, parted
    by spaced bars."""

    card_index: int
    prompt: str
    answer: str
    is_never_seen: bool
    was_known: bool = False
    n_asked: int = 0
    n_wrong: int = 0
    first_right_step: int | None = None
    n_forgotten: int = 0
    last_mark: int = NOT_ASKED
    also: str = ""

    def take(self, step: int, mark: int) -> None:
        self.n_asked += 1
        if mark != RIGHT:
            self.n_wrong += 1
            self.n_forgotten += self.last_mark == RIGHT
        elif self.first_right_step is None:
            self.first_right_step = step
        self.last_mark = mark


@dataclass(frozen=True)
class Story:
    """Everything a report tells. `cards`: as in the deck in force at the end. `corrections`: (step,
    correction), oldest first. `verdict`: of the end or the newest exam. `has_ended`: of its own.
    `written`: oldest first. `n_steered`: changes of speed, rate, order, a card or the deck."""

    info: RunInfo
    start: events.RunStarted
    state: RunState
    deck: Deck
    cards: tuple[CardRecord, ...]
    corrections: tuple[tuple[int, Correction], ...]
    verdict: Verdict | None
    has_ended: bool
    share: str
    n_steered: int
    by_prompt: dict[str, list[tuple[int, Correction]]] = field(default_factory=dict)
    written: tuple[events.TextWritten, ...] = ()


def gather(path: Path) -> Story:
    """The story of a run. Raises RunError: it is none, can't be read, or was taught nothing."""
    folder = RunFolder.open(path)
    try:
        happened = folder.events()
    except OSError as error:
        raise RunError(f"{path.name} has lost its log: {error.strerror or error}") from error
    state = RunState()
    try:
        for event in happened:
            state.fold(event)
    except ValueError as error:
        raise RunError(f"the log of {path.name} is damaged: {error}") from error
    start = state.start
    if start is None or state.step == 0:
        raise RunError(f"nothing was taught in {path.name} yet; teach it first")
    deck = _deck(folder) if not state.is_reading else Deck(slug="", meta=DeckMeta(), cards=())
    if deck.cards and len(deck.cards) != state.n_cards:
        raise RunError(f"the deck in {path.name} is not the one its log tells of")
    corrections = tuple(
        (event.step, event.correction)
        for event in happened
        if isinstance(event, events.CorrectionMeasured)
    )[-MAX_STORED_CORRECTIONS:]
    share, n_steered = line_again(start, state, happened)
    by_prompt = defaultdict(list)
    for step, correction in corrections:
        by_prompt[correction.prompt].append((step, correction))
    return Story(
        info=folder.info,
        start=start,
        state=state,
        deck=deck,
        cards=tuple(_records(deck, state.marks, happened)),
        corrections=corrections,
        verdict=state.latest_verdict,
        has_ended=state.ended is not None,
        share=share,
        n_steered=n_steered,
        by_prompt=dict(by_prompt),
        written=tuple(event for event in happened if isinstance(event, events.TextWritten)),
    )


def _deck(folder: RunFolder) -> Deck:
    try:
        deck, _ = shelf.load(folder.deck_path())
    except shelf.DeckUnusable as error:
        raise RunError(f"the run's deck can't be read: {error}") from error
    deck = msgspec.structs.replace(deck, slug=folder.info.deck)
    return split.shuffled(deck, folder.info.seed) if folder.info.is_shuffled else deck


def _records(deck: Deck, marked: Marks, happened: list[events.AnyEvent]) -> list[CardRecord]:
    records = [
        CardRecord(
            i,
            card.prompt,
            card.answer,
            marked.never_seen[i] == 1 if marked.never_seen else card.is_never_seen,
            marked.known[i : i + 1] == b"\1",
            also=grammar.joined(card.answers[1:]),
        )
        for i, card in enumerate(deck.cards)
    ]
    # Card indices before the last change are those of another deck.
    changes = [i for i, event in enumerate(happened) if isinstance(event, events.DeckChanged)]
    for event in happened[changes[-1] if changes else 0 :]:
        if not isinstance(event, events.DeckMarked):
            continue
        try:
            marks = unpack(event.marks, len(records))
        except ValueError:
            continue  # an altered line
        for record, mark in zip(records, marks, strict=True):
            if mark != NOT_ASKED:
                record.take(event.step, mark)
    return records


def hardest(story: Story, n: int) -> list[CardRecord]:
    """Taught cards that were wrong in the largest share of the exams that asked them; equal ones
    as in the deck."""
    wrong = [card for card in story.cards if card.n_wrong and not card.is_never_seen]
    return sorted(wrong, key=hardness)[:n]


def hardness(card: CardRecord) -> tuple[bool, float, int]:
    """The smaller, the harder."""
    first = card.first_right_step
    return first is not None, -card.n_wrong / card.n_asked, -(first or 0)


def most_changed(story: Story, n: int) -> list[str]:
    """Prompts whose recorded guesses changed most."""

    def interest(prompt: str) -> tuple[int, int]:
        guesses = [text_of(correction.guess) for _, correction in story.by_prompt[prompt]]
        n_changes = sum(a != b for a, b in pairwise(guesses))
        return -n_changes, -len(guesses)

    prompts = [
        prompt
        for prompt, rows in story.by_prompt.items()
        if len(rows) > 1 or rows[0][1].mark != "right"
    ]
    return sorted(prompts, key=interest)[:n]
