"""Two runs compared, their cards known by the decks in their folders, whatever deck is in force."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flashcards.cards.shelf import prompts_of
from flashcards.runs.answers import PromptsAfter
from flashcards.runs.folder import RunError, RunFolder
from flashcards.wording.comparison import Comparison, compare


def named_comparison(one: Path, other: Path) -> Comparison:
    """The whole comparison. Raises OSError, RunError: a run can't be read."""
    return compare(one, other, prompts=(prompts_of_decks(one), prompts_of_decks(other)))


def prompts_of_decks(run: Path) -> PromptsAfter:
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
