"""What was recorded of one card in a run's log: its guesses, and what it was asked.

At full speed one guess a second is decoded and logged; most times a card is taught leave only a
mark. Reads the file itself, so that of a long log the lines of other cards are never decoded.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.runs import events
from flashcards.runs.cursor import LogCursor, starts_of
from flashcards.runs.events import AnyEvent
from flashcards.runs.files import open_file
from flashcards.runs.values import Correction, Mark

MAX_READ_BYTES = 256 * 1024 * 1024
MAX_GUESSES = 2_000

How = Literal["taught", "asked", "state"]

_DECK_CHANGES = starts_of([events.DeckChanged, events.ChapterBegan])
_GUESSES = starts_of([events.CorrectionMeasured, events.PromptAnswered, events.PinAnswered])


class PastGuess(msgspec.Struct, frozen=True, kw_only=True):
    """What the model said to a card's prompt at some step.

    Attributes:
        how: Said when the card was taught (raw weights), when somebody asked (averaged weights),
            or by a saved state (averaged weights).
        probability: 0 to 1. When taught, of the right answer; otherwise of what was said.
        error_nats: When taught, the right answer's error; None otherwise.
        mark: None where it is not known.
        mark_before: The card's mark the time before, "r", "n" or "w"; "" without one or when not
            taught.
    """

    step: int
    how: How
    guess: str
    mark: Mark | None
    probability: float | None
    error_nats: float | None = None
    mark_before: str = ""
    card_index: int = -1


class PastGuesses(msgspec.Struct, frozen=True):
    """Oldest first. `is_cut`: the log or the number of guesses was too long to give all of it."""

    guesses: tuple[PastGuess, ...] = ()
    is_cut: bool = False


def read_guesses(
    log: Path,
    card_index: int,
    prompt: str,
    *,
    max_bytes: int = MAX_READ_BYTES,
    max_guesses: int = MAX_GUESSES,
) -> PastGuesses:
    """What the log holds of the card with this prompt: the newest, of what is too much.

    What a later `RunResumed` undid is left out. Before the deck was changed a card may have had
    another index: there the prompt alone tells.
    Raises OSError: the log can't be read.
    """
    newest = _Newest(max_guesses)
    written_prompt = b'"prompt":' + msgspec.json.encode(prompt)
    cursor = LogCursor(
        lambda line: (
            line.startswith(_DECK_CHANGES) or (line.startswith(_GUESSES) and written_prompt in line)
        )
    )
    with open_file(log) as file:
        start = max(0, os.fstat(file.fileno()).st_size - max_bytes)
        if start:
            file.seek(start)
            file.readline()
            cursor.go_to(file, file.tell())
        for _, event, undone_beyond in cursor.read(file):
            if undone_beyond is not None:
                newest.undo(undone_beyond)
            elif isinstance(event, events.DeckChanged):
                newest.settle()
            elif (guess := guess_of(event, prompt)) is not None:
                newest.add(guess)
    return PastGuesses(newest.of(card_index), is_cut=start > 0 or newest.is_cut)


class _Newest:
    """The newest guesses, oldest first; the first `n_settled` are from before a change of deck."""

    def __init__(self, most: int) -> None:
        self.is_cut = False
        self._found: deque[PastGuess] = deque()
        self._n_settled = 0
        self._most = most

    def undo(self, step: int) -> None:
        """What was found beyond this step did not happen."""
        while self._found and self._found[-1].step > step:
            self._found.pop()
        self._n_settled = min(self._n_settled, len(self._found))

    def settle(self) -> None:
        """From here on the card may have another index."""
        self._n_settled = len(self._found)

    def add(self, guess: PastGuess) -> None:
        self._found.append(guess)
        if len(self._found) > self._most:
            self._found.popleft()
            self._n_settled = max(0, self._n_settled - 1)
            self.is_cut = True

    def of(self, card_index: int) -> tuple[PastGuess, ...]:
        return tuple(
            guess
            for place, guess in enumerate(self._found)
            if place < self._n_settled or guess.card_index in (-1, card_index)
        )


def guess_of(event: AnyEvent, prompt: str) -> PastGuess | None:
    """The guess that this event tells of, when it is one to this prompt."""
    match event:
        case events.CorrectionMeasured() if event.correction.prompt == prompt:
            return taught_guess(event.step, event.correction)
        case events.PromptAnswered() | events.PinAnswered() if event.prompt == prompt:
            if isinstance(event, events.PinAnswered):
                mark = event.mark
            else:
                mark = event.mark_of(event.answer)
            return PastGuess(
                step=event.step,
                how="asked",
                guess=event.answer,
                mark=mark,
                probability=event.probability,
            )
        case _:
            return None


def taught_guess(step: int, correction: Correction) -> PastGuess:
    """The guess of a card that was corrected; `step` counts that update."""
    change = correction.change
    return PastGuess(
        step=step,
        how="taught",
        guess="".join(piece.text for piece in correction.guess or ()),
        mark=correction.mark,
        probability=None if change is None else change.probability_before,
        error_nats=correction.error_nats,
        mark_before=correction.history[-1:],
        card_index=correction.card_index,
    )
