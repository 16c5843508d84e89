"""What the log of a run says, in order: what a replay must know of it before it comes there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile
from typing import TypeVar

from flashcards.runs import events
from flashcards.runs.events import AnyEvent
from flashcards.runs.values import Event

E = TypeVar("E", bound=Event)


class LoggedRun:
    """The log as it can have been.

    Attributes:
        events: Those whose steps never go down.
        out_of_order: The others: a log in its order can't have them where they are.
        resumed: The states that the run went on from: files; in older logs, steps.
        explained: Of each step with a measured correction, whether it was told phase by phase.
        tried: The steps whose tries were shown.
        counted_since: The pinned prompts, each with a step from which its updates were counted.
    """

    def __init__(self, logged: Sequence[AnyEvent]) -> None:
        self.events, self.out_of_order = in_order(logged)
        self.resumed = {event.file or event.step for event in self._of(events.RunResumed)}
        self.explained = {
            event.step: event.correction.guess_after is not None
            for event in self._of(events.CorrectionMeasured)
        }
        self.tried = {event.step for event in self._of(events.TriesRewarded)}
        pins = self._of(events.PinTaught)
        self.counted_since = {(event.prompt, event.since_step) for event in pins}

    def _of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def first_state(self) -> str:
        """The file of the state that was saved first; "" without any."""
        return next((event.file for event in self._of(events.StateSaved)), "")

    @property
    def last_step(self) -> int:
        return self.events[-1].step if self.events else 0

    def place_of(self, step: int, file: str) -> int:
        """Where the log goes on from this file, a state of this step."""
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
        """Whether the next update was made here and left out: what is said next is of that."""
        match self.events[place : place + 2]:
            case [events.RunDiverged(), *_] | [events.StepsTaken(), events.RunDiverged()]:
                return True
            case _:
                return False

    def is_rewinding(self, place: int) -> bool:
        """Whether the run that goes on here goes back."""
        after = self.events[place + 1 : place + 3]
        return any(isinstance(event, events.RunRewound) for event in after)

    def pins_asked(self, place: int) -> list[str]:
        """The pinned prompts that were asked together from here on."""
        asked = takewhile(lambda e: isinstance(e, events.PinAnswered), self.events[place:])
        return [event.prompt for event in asked if isinstance(event, events.PinAnswered)]


def in_order(logged: Sequence[AnyEvent]) -> tuple[list[AnyEvent], list[AnyEvent]]:
    """Most of the events, in their order, whose steps never go down; and the others.

    A step that was altered is that of one line: it puts that line alone out of order.
    """
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, event in enumerate(logged):
        length = bisect_right(tails, event.step)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1], ends[length : length + 1] = [event.step], [place]
    kept: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return (
        [event for place, event in enumerate(logged) if place in kept],
        [event for place, event in enumerate(logged) if place not in kept],
    )
