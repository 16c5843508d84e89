"""What decided every update of a run, read from its log: how it was made, on which deck; its exams.

Reads on as the log grows. Knows no model.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import msgspec

from flashcards.runs import events
from flashcards.runs.events import (
    DeckChanged,
    DeckMarked,
    ExamTaken,
    RecipeChanged,
    RunBranched,
    RunResumed,
    StateSaved,
    StepsTaken,
)
from flashcards.runs.folder import RunFolder

_KINDS = (
    *(RecipeChanged, DeckChanged, RunResumed, StateSaved, StepsTaken),
    *(ExamTaken, DeckMarked, RunBranched),
)
_STARTS = tuple(b'{"kind":"%s"' % kind.__name__.encode() for kind in _KINDS)


class Exam(NamedTuple):
    """One that was held: after this step, on the deck as so many changes had left it.

    `marks_at` is where in the log its marks are, in bytes; None when they were left out.
    """

    step: int
    n_changes: int
    marks_at: int | None = None


class Plan:
    """How a run goes.

    Attributes:
        last_step: The newest step the log tells of.
        changes: The decks that came into force after the first: (step, file), as in
            `RunFolder.deck_changes`.
        exams: In the order in which they were held.
    """

    def __init__(self, folder: RunFolder) -> None:
        """Nothing is read yet: see `refresh`."""
        self.last_step = 0
        self.changes: list[tuple[int, str]] = []
        self.exams: list[Exam] = []
        self._recipes: list[RecipeChanged] = []
        self._n_exams_in: dict[str | int, int] = {}
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
                self.changes, self.exams, self._recipes = [], [], []
                self._n_exams_in = {}
                went_back_to = 0
            file.seek(self._n_bytes)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                at, self._n_bytes = self._n_bytes, self._n_bytes + len(line)
                if not line.startswith(_STARTS):
                    continue
                try:
                    event = events.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
                if isinstance(event, RunResumed):
                    self._go_back(event)
                    went_back_to = min(event.step, went_back_to or event.step)
                self._note(event, at)
                self.last_step = max(self.last_step, event.step)
        return went_back_to

    def recipe(self, step: int) -> RecipeChanged | None:
        """How the update after `step` is made; None when the log doesn't say."""
        place = bisect_right(self._recipes, step, key=lambda recipe: recipe.step)
        return self._recipes[place - 1] if place else None

    def changes_until(self, step: int) -> list[tuple[int, str]]:
        """The changes of the deck up to this step."""
        return self.changes[: bisect_right(self.changes, step, key=lambda change: change[0])]

    def n_exams_in(self, file: str, step: int) -> int:
        """How many of the exams a state of this step, saved in this file, knows of."""
        known = self._n_exams_in.get(file, self._n_exams_in.get(step))
        held = bisect_right(self.exams, step, key=lambda exam: exam.step)
        return held if known is None else known

    def marks(self, exam: Exam) -> str | None:
        """The marks of its cards, packed; None when the log doesn't tell them."""
        if exam.marks_at is None:
            return None
        try:
            with self._path.open("rb") as file:
                file.seek(exam.marks_at)
                event = events.decode(file.readline())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return event.marks if isinstance(event, DeckMarked) else None

    def _note(self, event: events.AnyEvent, at: int) -> None:
        """Take in an event that is in the log at this byte."""
        match event:
            case RecipeChanged():
                self._recipes.append(event)
            case DeckChanged():
                self.changes.append((event.step, event.file))
            case ExamTaken():
                self.exams.append(Exam(event.step, len(self.changes)))
            case DeckMarked() if self.exams:
                self.exams[-1] = self.exams[-1]._replace(marks_at=at)
            case StateSaved():
                self._n_exams_in[event.file] = self._n_exams_in[event.step] = len(self.exams)
            case RunBranched():
                self._n_exams_in[event.step] = len(self.exams)
            case _:
                pass

    def _go_back(self, resumed: RunResumed) -> None:
        step = resumed.step
        del self.exams[self.n_exams_in(resumed.file, step) :]
        self._recipes = [recipe for recipe in self._recipes if recipe.step <= step]
        self.changes = self.changes_until(step)
        self.last_step = step
