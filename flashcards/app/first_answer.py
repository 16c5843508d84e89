"""The first answer that differs between two runs, its card named also where no log names it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from flashcards.cards.shelf import prompt_of
from flashcards.runs.comparison import AnswerDiffers, Comparison, compare, first_answer
from flashcards.runs.folder import RunFolder


def named_first_answer(one: Path, other: Path) -> AnswerDiffers | None:
    """Read from two runs' folders; None while no answer differs.

    Raises:
        OSError, RunError: a run can't be read.
    """
    return _named(first_answer(one, other), one)


def named_comparison(one: Path, other: Path) -> Comparison:
    """The whole comparison.

    Raises:
        OSError, RunError: a run can't be read.
    """
    found = compare(one, other)
    return msgspec.structs.replace(found, answer=_named(found.answer, one))


def _named(found: AnswerDiffers | None, run: Path) -> AnswerDiffers | None:
    if found is None or found.prompt:
        return found
    prompt = prompt_of(RunFolder.open(run).deck_path(found.step), found.card_index)
    return msgspec.structs.replace(found, prompt=prompt)
