"""What decided every update of a run, read from its log: how it was made, on which deck; its exams.

Reads on as the log grows. Knows no model.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from flashcards.runs import events
from flashcards.runs.cursor import LogCursor, decoded, starts_of
from flashcards.runs.files import open_file
from flashcards.runs.folder import RunFolder

_KINDS = (
    *(
        events.RecipeChanged,
        events.DeckChanged,
        events.RunResumed,
        events.StateSaved,
        events.StepsTaken,
    ),
    *(events.ExamTaken, events.DeckMarked, events.RunBranched, events.ChapterBegan),
)
_STARTS = starts_of(_KINDS)


class Exam(NamedTuple):
    """One that was held: after this step, on the deck as so many changes had left it.

    `marks_at` is where in the log its marks are, in bytes; None when they were left out.
    """

    step: int
    n_changes: int
    marks_at: int | None = None


class Plan:
    """How a run goes, by what of its log was read so far.

    Attributes:
        changes: The decks that came into force after the first: (step, file), as in
            `RunFolder.deck_changes`.
        exams: In the order in which they were held.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.log_path
        self._clear()
        self.refresh()

    def _clear(self) -> None:
        self.changes: list[tuple[int, str]] = []
        self.exams: list[Exam] = []
        self._recipes: list[events.RecipeChanged] = []
        self._n_exams_in: dict[str | int, int] = {}
        self._cursor = LogCursor(lambda line: line.startswith(_STARTS))

    def refresh(self) -> int | None:
        """Read what was written since; the step that the run went back to meanwhile, if it did.
        Raises OSError: the log can't be read."""
        went_back_to: int | None = None
        with open_file(self._path) as file:
            if not self._cursor.is_of(file):
                self._clear()
                went_back_to = 0
            for line in self._cursor.read(file):
                if isinstance(line.event, events.RunResumed):
                    self._go_back(line.event)
                    step = line.event.step
                    went_back_to = step if went_back_to is None else min(step, went_back_to)
                self._note(line.event, line.at)
        return went_back_to

    @property
    def last_step(self) -> int:
        return self._cursor.last_step

    def recipe(self, step: int) -> events.RecipeChanged | None:
        """How the update after `step` is made; None when the log doesn't say."""
        place = bisect_right(self._recipes, step, key=lambda recipe: recipe.step)
        return self._recipes[place - 1] if place else None

    def changes_until(self, step: int) -> list[tuple[int, str]]:
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
            with open_file(self._path) as file:
                file.seek(exam.marks_at)
                event = decoded(file.readline())
        except OSError:
            return None
        return event.marks if isinstance(event, events.DeckMarked) else None

    def _note(self, event: events.AnyEvent, at: int) -> None:
        match event:
            case events.RecipeChanged():
                self._recipes.append(event)
            case events.DeckChanged():
                self.changes.append((event.step, event.file))
            case events.ExamTaken():
                self.exams.append(Exam(event.step, len(self.changes)))
            case events.DeckMarked() if self.exams:
                self.exams[-1] = self.exams[-1]._replace(marks_at=at)
            case events.StateSaved():
                self._n_exams_in[event.file] = self._n_exams_in[event.step] = len(self.exams)
            case events.RunBranched():
                self._n_exams_in[event.step] = len(self.exams)

    def _go_back(self, resumed: events.RunResumed) -> None:
        step = resumed.step
        del self.exams[self.n_exams_in(resumed.file, step) :]
        self._recipes = [recipe for recipe in self._recipes if recipe.step <= step]
        self.changes = self.changes_until(step)
