"""The record of one card in a run's log: its guesses, and its answers when asked.

At full speed one guess a second is decoded and logged; most times a card is taught leave only a
mark. The lines of other cards are never decoded.
"""

from pathlib import Path
from typing import Literal

import msgspec

from flashcards.runs import cursor, events, run_files, values

MAX_GUESSES = 2_000

How = Literal["taught", "asked", "state"]

_DECK_CHANGES = cursor.starts_of([events.DeckChanged, events.ChapterBegan])
_GUESSES = cursor.starts_of([events.CorrectionMeasured, events.PromptAnswered, events.PinAnswered])


class PastGuess(msgspec.Struct, frozen=True, kw_only=True):
    """The model's guess at a card's prompt, at some step.

    Attributes:
        how: Said when the card was taught (raw weights), when somebody asked (averaged weights),
            or by a saved state (averaged weights).
        probability: 0 to 1. When taught, of the right answer; otherwise of what was said.
        error_nats: When taught, the right answer's error; None otherwise.
        mark: None where it is not known.
        mark_before: The card's mark by pieces the time before, "r", "n" or "w"; "" without one or
            when not taught.
    """

    step: int
    how: How
    guess: str
    mark: values.Mark | None
    probability: float | None
    error_nats: float | None = None
    mark_before: str = ""
    card_index: int = -1


class PastGuesses(msgspec.Struct, frozen=True):
    """Oldest first. `is_cut`: there were too many to give all of them."""

    guesses: tuple[PastGuess, ...] = ()
    is_cut: bool = False


def read_guesses(
    log: Path, card_index: int, prompt: str, *, max_guesses: int = MAX_GUESSES
) -> PastGuesses:
    """Read the guesses in the log at the card with this prompt: the newest, if there are too many.
    What a later `RunResumed` undid is left out. Before the deck was changed a card may have had
    another index: there the prompt alone tells.
    Raises OSError: the log can't be read."""
    written_prompt = b'"prompt":' + msgspec.json.encode(prompt)

    def is_wanted(line: bytes) -> bool:
        is_guess = line.startswith(_GUESSES) and written_prompt in line
        return is_guess or line.startswith(_DECK_CHANGES)

    newest_last: list[PastGuess] = []
    n_before_change = 0
    with run_files.open_file(log) as file:
        for _, event, undone_beyond in cursor.LogCursor(is_wanted).read(file):
            if undone_beyond is not None:
                newest_last = [guess for guess in newest_last if guess.step <= undone_beyond]
            elif isinstance(event, events.DeckChanged):
                n_before_change = len(newest_last)
            elif (guess := guess_of(event, prompt)) is not None:
                newest_last.append(guess)
    later = newest_last[n_before_change:]
    later = [guess for guess in later if guess.card_index in (-1, card_index)]
    guesses = (*newest_last[:n_before_change], *later)
    return PastGuesses(guesses[-max_guesses:], is_cut=len(guesses) > max_guesses)


def guess_of(event: events.AnyEvent, prompt: str) -> PastGuess | None:
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


def taught_guess(step: int, correction: values.Correction) -> PastGuess:
    """The guess of a card that was corrected; `step` counts that update."""
    change = correction.change
    return PastGuess(
        step=step,
        how="taught",
        guess=values.text_of(correction.guess),
        mark=correction.mark,
        probability=None if change is None else change.probability_before,
        error_nats=correction.error_nats,
        mark_before=correction.history[-1:],
        card_index=correction.card_index,
    )
