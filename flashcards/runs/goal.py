"""The goal of a lesson: the one stop condition, how it is written, and whether it is reached.

The command line, the directives of a talk, a request and `PauseAt` all have a `Goal`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from flashcards.runs.values import Score

if TYPE_CHECKING:
    from flashcards.runs.events import ExamTaken

MAX_SECONDS = 36_000


class WrittenError(Exception):
    """A goal or a line of a talk is wrong; the text says why, and what would be right."""


class Goal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lesson stops as soon as one of these holds.

    Attributes:
        step: So many updates were made, from the run's start.
        seconds: It was trained for so long. Whose seconds these are, who evaluates it says.
        seen, unseen: This share of an exam's cards is right, above 0 to 1.
        needs_both: Of two shares both are to be reached in one exam; else one is enough.
    """

    step: int | None = None
    seconds: float | None = None
    seen: float | None = None
    unseen: float | None = None
    needs_both: bool = False

    @property
    def has_share(self) -> bool:
        return self.seen is not None or self.unseen is not None

    @property
    def has_limit(self) -> bool:
        """True where there is a step or a time at which it stops whatever the shares are."""
        return self.step is not None or self.seconds is not None

    def is_limit_reached(self, step: int, seconds: float) -> bool:
        return (self.step is not None and step >= self.step) or (
            self.seconds is not None and seconds >= self.seconds
        )

    def is_share_reached(self, exam: ExamTaken) -> bool:
        wanted = ((self.seen, exam.seen), (self.unseen, exam.unseen))
        reached = [has_share(score, share) for share, score in wanted if share is not None]
        return all(reached) and bool(reached) if self.needs_both else any(reached)

    def is_reached(self, step: int, seconds: float, exam: ExamTaken | None) -> bool:
        """Tell whether any of its conditions holds; a goal that names none is reached at once."""
        return (
            self.is_limit_reached(step, seconds)
            or (exam is not None and self.is_share_reached(exam))
            or not (self.has_limit or self.has_share)
        )


def why_never_reached(goal: Goal | None, n_never_seen: int, file: str) -> str:
    """Say why this goal alone never ends the lesson: no card is of its share; "" if one is."""
    if goal is None or goal.unseen is None or goal.has_limit or n_never_seen:
        return ""
    if goal.seen is not None and not goal.needs_both:
        return ""
    return (
        f"every card of {file} is taught, so unseen={goal.unseen:g} is never reached: "
        "mark cards with `? `, or write `held_out = 0.2` at its top"
    )


def has_share(score: Score, share: float) -> bool:
    return score.rate is not None and score.rate >= share


def goal_of(parts: Iterable[tuple[str, float]], *, needs_both: bool = False) -> Goal:
    return msgspec.convert({**dict(parts), "needs_both": needs_both}, Goal)


def read_goal(words: Iterable[str]) -> Goal:
    """The goal in words such as `seen=0.9 | step=200`: whichever comes first.
    Raises WrittenError: they are none."""
    parts = [read_part(word) for word in words if word != "|"]
    if not parts:
        raise WrittenError("until wants step=200, seen=0.9, unseen=0.9 or seconds=8")
    return goal_of(parts)


def read_part(word: str) -> tuple[str, float]:
    """One part of a goal, as `seen=0.9`: its name and number. Raises WrittenError: it is none."""
    name, value = read_pair(word)
    if name == "step":
        return name, read_whole(name, value)
    if name not in ("seen", "unseen", "seconds"):
        raise WrittenError(f"until knows step, seen, unseen, seconds; not {name}=")
    number = read_number(name, value)
    if name == "seconds" and not 0 < number <= MAX_SECONDS:
        raise WrittenError(f"{word}: too much")
    if name != "seconds" and not 0 < number <= 1:
        raise WrittenError(f"{word}: a share is above 0, at most 1")
    return name, number


def read_pair(word: str) -> tuple[str, str]:
    """Name and value of `name=value`. Raises WrittenError: it is not one."""
    name, equals, value = word.partition("=")
    if not equals or not value:
        raise WrittenError(f"{word!r} wants a value: {name}=…")
    return name, value


def read_whole(name: str, value: str) -> int:
    """A whole number, not below 0. Raises WrittenError: it is none."""
    if not (value.isascii() and value.isdecimal() and len(value) <= 12):
        raise WrittenError(f"{name}={value}: a whole number is wanted")
    return int(value)


def read_number(name: str, value: str) -> float:
    """A finite number. Raises WrittenError: it is none."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise WrittenError(f"{name}={value}: a number is wanted")
    return number
