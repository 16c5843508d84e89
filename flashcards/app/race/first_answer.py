"""Two runs compared, their cards known by the decks in their folders, whatever deck is in force."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flashcards.cards.shelf import prompts_of
from flashcards.runs.answers import ANSWERS, AnswerDiffers, PromptsAfter, first_difference
from flashcards.runs.comparison import Comparison, compare
from flashcards.runs.cursor import read_run
from flashcards.runs.folder import RunError, RunFolder


def named_first_answer(one: Path, other: Path) -> AnswerDiffers | None:
    """The first answer that differs, read from two runs' folders; None while none does.

    Raises:
        OSError, RunError: a run can't be read.
    """
    prompts = _prompts_of(one), _prompts_of(other)
    logs = [read_run(folder / "events.jsonl", ANSWERS) for folder in (one, other)]
    return first_difference(logs[0], logs[1], prompts)


def named_comparison(one: Path, other: Path) -> Comparison:
    """The whole comparison.

    Raises:
        OSError, RunError: a run can't be read.
    """
    return compare(one, other, prompts=(_prompts_of(one), _prompts_of(other)))


def _prompts_of(run: Path) -> PromptsAfter:
    """The prompts of the run's decks, each read when it is wanted first; none of a lost deck."""
    folder = RunFolder.open(run)
    changes = folder.deck_changes()

    @cache
    def read(file: str) -> Sequence[str]:
        try:
            return prompts_of(folder.deck_version(file))
        except RunError:
            return ()

    def after(step: int) -> Sequence[str]:
        return read(next((file for at, file in reversed(changes) if at <= step), ""))

    return after
