"""What decided every update of a run, read from its log: how it was made, and on which deck.

Reads on as the log grows. Knows no model.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from flashcards.runs import events
from flashcards.runs.events import (
    DeckChanged,
    RecipeChanged,
    RunResumed,
    StateSaved,
    StepsTaken,
)
from flashcards.runs.folder import RunFolder

_KINDS = (RecipeChanged, DeckChanged, RunResumed, StateSaved, StepsTaken)
_STARTS = tuple(b'{"kind":"%s"' % kind.__name__.encode() for kind in _KINDS)


class Plan:
    """How a run goes.

    Attributes:
        last_step: The newest step the log tells of.
        changes: The decks that came into force after the first: (step, file), as in
            `RunFolder.deck_changes`.
    """

    def __init__(self, folder: RunFolder) -> None:
        """Nothing is read yet: see `refresh`."""
        self.last_step = 0
        self.changes: list[tuple[int, str]] = []
        self._recipes: list[RecipeChanged] = []
        self._path = folder.log_path
        self._n_bytes = 0

    def refresh(self) -> int | None:
        """Read what was written since; the step that the run went back to meanwhile, if it did.

        Raises:
            OSError: the log can't be read.
        """
        went_back_to: int | None = None
        with self._path.open("rb") as file:
            if file.seek(0, 2) < self._n_bytes:
                self._n_bytes = self.last_step = 0
                self.changes, self._recipes = [], []
                went_back_to = 0
            file.seek(self._n_bytes)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._n_bytes += len(line)
                if not line.startswith(_STARTS):
                    continue
                try:
                    event = events.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
                if isinstance(event, RunResumed):
                    self._go_back(event.step)
                    went_back_to = min(event.step, went_back_to or event.step)
                elif isinstance(event, RecipeChanged):
                    self._recipes.append(event)
                elif isinstance(event, DeckChanged):
                    self.changes.append((event.step, event.file))
                self.last_step = max(self.last_step, event.step)
        return went_back_to

    def recipe(self, step: int) -> RecipeChanged | None:
        """How the update after `step` is made; None when the log doesn't say."""
        place = bisect_right(self._recipes, step, key=lambda recipe: recipe.step)
        return self._recipes[place - 1] if place else None

    def changes_until(self, step: int) -> list[tuple[int, str]]:
        """The changes of the deck up to this step."""
        return self.changes[: bisect_right(self.changes, step, key=lambda change: change[0])]

    def _go_back(self, step: int) -> None:
        self._recipes = [recipe for recipe in self._recipes if recipe.step <= step]
        self.changes = self.changes_until(step)
        self.last_step = step
