"""The log of a run, read in order: what a replay must know before it comes there.

Reads on as the log grows.
"""

import contextlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from pathlib import Path
from typing import TypeVar

from flashcards.base.language import tr
from flashcards.runs import cursor, events, run_files, values
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunError

E = TypeVar("E", bound=values.Event)


class CannotReplay(RunError):  # noqa: N818
    """An update can't be made again; the text is a sentence for the user."""


class UpdateBroke(CannotReplay):
    """An update that was made in the run breaks the model when it is made again."""


class LoggedRun:
    """The log of a run as far as it was read, in an order in which it can have been written.

    Attributes:
        events: Those whose steps never go down.
        out_of_order: The others: a log in its order can't have them where they are.
        resumed: The files of the states that the run went on from.
        explained: Of each step with a measured correction, whether it was told phase by phase.
        tried: The steps whose tries were shown.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError: the log can't be read."""
        self._path = path
        self._clear()
        self.refresh()

    def _clear(self) -> None:
        self._cursor = cursor.LogCursor()
        self._happened: list[AnyEvent] = []
        self._order()

    def refresh(self) -> int | None:
        """Read what was written since; the step that the run went back to meanwhile, if it did.
        Raises OSError: the log can't be read."""
        went_back_to: int | None = None
        fresh: list[AnyEvent] = []
        with run_files.open_file(self._path) as file:
            if not self._cursor.is_of(file):
                self._clear()
                went_back_to = 0
            for line in self._cursor.read(file):
                if isinstance(line.event, events.RunResumed):
                    step = line.event.step
                    went_back_to = step if went_back_to is None else min(step, went_back_to)
                if line.undone_beyond is not None:
                    before = self._happened + fresh
                    fresh = []
                    self._happened = [e for e in before if e.step <= line.undone_beyond]
                fresh.append(line.event)
        self._happened += fresh
        if went_back_to is None and all(
            a.step <= b.step for a, b in pairwise(self.events[-1:] + fresh)
        ):
            self._add(fresh)
        else:
            self._order()
        return went_back_to

    def _order(self) -> None:
        ordered, self.out_of_order = in_order(self._happened)
        self.events: list[AnyEvent] = []
        self.resumed: set[str] = set()
        self.explained: dict[int, bool] = {}
        self.tried: set[int] = set()
        self._add(ordered)

    def _add(self, ordered: Sequence[AnyEvent]) -> None:
        self.events += ordered
        for event in ordered:
            match event:
                case events.RunResumed():
                    self.resumed.add(event.file)
                case events.CorrectionMeasured():
                    self.explained[event.step] = event.correction.guess_after is not None
                case events.TriesRewarded():
                    self.tried.add(event.step)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def exam_from(self, place: int, step: int) -> tuple[events.ExamTaken, str | None] | None:
        """The next exam, if it was held at this step, and its packed marks, if they were logged."""
        for at in range(place, len(self.events)):
            event = self.events[at]
            if event.step > step:
                return None
            if isinstance(event, events.ExamTaken):
                after = self.events[at + 1 : at + 2]
                marks = [e.marks for e in after if isinstance(e, events.DeckMarked)]
                return event, marks[0] if marks else None
        return None

    @property
    def first_state(self) -> str:
        return next((event.file for event in self.of(events.StateSaved)), "")

    @property
    def last_step(self) -> int:
        return self.events[-1].step if self.events else 0

    def place_of(self, step: int, file: str) -> int:
        """Return the place where the log goes on from this file, a state of this step."""
        saved = [
            (place, event)
            for place, event in enumerate(self.events)
            if isinstance(event, events.StateSaved) and event.step == step
        ]
        saved = [(place, event) for place, event in saved if event.file == file] or saved
        if saved:
            return saved[-1][0] + 1
        return next((i for i, e in enumerate(self.events) if e.step > step), len(self.events))

    def has_broken(self, place: int) -> bool:
        """Tell whether the next update broke the model here, and was undone."""
        kinds = [type(event) for event in self.events[place : place + 2]]
        return kinds[:1] == [events.RunDiverged] or kinds == [events.StepsTaken, events.RunDiverged]

    def is_rewinding(self, place: int) -> bool:
        """Tell whether the `RunResumed` at this place is part of a rewind."""
        after = self.events[place + 1 : place + 3]
        return any(isinstance(event, events.RunRewound) for event in after)

    def pins_asked(self, place: int) -> list[str]:
        answers = takewhile(lambda e: isinstance(e, events.PinAnswered), self.events[place:])
        return [event.prompt for event in answers if isinstance(event, events.PinAnswered)]


def in_order(logged: Sequence[AnyEvent]) -> tuple[list[AnyEvent], list[AnyEvent]]:
    """Most of the events, in their order, whose steps never go down; and the others.
    A step that was altered is that of one line: it puts that line alone out of order."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, event in enumerate(logged):
        length = bisect_right(tails, event.step)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1], ends[length : length + 1] = [event.step], [place]
    in_place: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        in_place.add(place)
        place = before[place]
    return (
        [event for place, event in enumerate(logged) if place in in_place],
        [event for place, event in enumerate(logged) if place not in in_place],
    )


def known_recipe(recipe: events.RecipeChanged | None, step: int) -> events.RecipeChanged:
    """The recipe of the update after `step`. Raises CannotReplay: the log doesn't say it."""
    if recipe is None:
        raise CannotReplay(
            tr(
                "The log doesn't say how step {step:,} was made, so it can't be made again. "
                "Steps with a saved state can be seen.",
                step=step + 1,
            )
        )
    return recipe


@contextlib.contextmanager
def as_impossible(event: AnyEvent) -> Iterator[None]:
    """Raise CannotReplay for an error that this event of the log causes: it can't have been."""
    try:
        yield
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise CannotReplay(
            tr(
                "What the log says of step {step:,} ({kind}) is impossible: {error}.",
                step=event.step,
                kind=type(event).__name__,
                error=str(error),
            )
        ) from error


def broken(step: int) -> str:
    return tr("Update {step:,} broke the model, so there is no model of a later step.", step=step)
