"""Scores of a sweep's runs: for each choice of settings the median and the range."""

from __future__ import annotations

import bisect
import math
import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from flashcards.runs.sweep import Sweep, SweepError, Task
from flashcards.runs.values import Score

Curve = Sequence[tuple[int, float]]  # Points (step, share of 0 to 1), by ascending step


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers that a sweep compares, of those that `train --json` prints."""

    seed: int
    step: int
    cards_taught: int
    train_seconds: float
    seen: Score
    unseen: Score
    reached: bool
    ended: str


class Spread(NamedTuple):
    """Median, least and most of a number over the runs that have it."""

    median: float
    low: float
    high: float


class Group(NamedTuple):
    settings: tuple[tuple[str, int | float | str], ...]
    results: tuple[Result, ...]

    @property
    def label(self) -> str:
        """`learning_rate=0.02, width=32`; "" where nothing was chosen."""
        return ", ".join(f"{name}={value}" for name, value in self.settings)

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(result.seed for result in self.results)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(Task(self.settings, seed) for seed in self.seeds)

    def spread(self, name: str) -> Spread | None:
        """Return the spread of a field of `Result`, scores as shares; None where no run has a
        number."""
        values = [getattr(result, name) for result in self.results]
        numbers = [value.rate if isinstance(value, Score) else value for value in values]
        known = [float(number) for number in numbers if number is not None]
        return Spread(statistics.median(known), min(known), max(known)) if known else None


class GroupCurves(NamedTuple):
    """A group's curves of one score: a list of (step, share) for each run, and their band."""

    curves: tuple[tuple[tuple[int, float], ...], ...]
    band: tuple[BandPoint, ...]


def grouped(sweep: Sweep, tasks: Iterable[Task]) -> list[Group]:
    """The runs that are over, those with the same settings together, in the order of `tasks`."""
    results_of: dict[tuple[tuple[str, int | float | str], ...], list[Result]] = {}
    for task in tasks:
        report = sweep.report(task)
        if report is not None:
            results_of.setdefault(task.settings, []).append(_result(sweep, task, report))
    return [
        Group(settings, tuple(sorted(results, key=lambda result: result.seed)))
        for settings, results in results_of.items()
    ]


def _result(sweep: Sweep, task: Task, report: dict[str, object]) -> Result:
    try:
        return msgspec.convert(report, Result)
    except msgspec.ValidationError as error:
        path = sweep.folder(task) / "report.json"
        raise SweepError(f"{path} is damaged: {error}; delete it to make the run again") from error


def curves_of(sweep: Sweep, group: Group, score: str) -> GroupCurves:
    """The curves of `score` ("seen", "unseen") of a group's runs, by step.
    Raises OSError: a log can't be read."""
    curves = []
    for task in group.tasks:
        points: dict[int, float] = {}
        for exam in sweep.exams(task):
            rate = getattr(exam, score).rate
            if rate is not None:
                points[exam.step] = rate
        if points:
            curves.append(tuple(sorted(points.items())))
    return GroupCurves(tuple(curves), band(curves))


class BandPoint(NamedTuple):
    """A value of all runs at one step: the least, the median and the most."""

    step: int
    low: float
    median: float
    high: float


def band(curves: Sequence[Curve]) -> tuple[BandPoint, ...]:
    """A point for each step at which one of the runs was asked.
    Between two exams a run is on the line that joins them. A run that has ended counts on with its
    last score, so that those that take long are not all that is left at the right."""
    curves = [[point for point in curve if math.isfinite(point[1])] for curve in curves]
    curves = [curve for curve in curves if curve]
    steps = sorted({step for curve in curves for step, _ in curve})
    points = []
    for step in steps:
        shares = [at(curve, step) for curve in curves if step >= curve[0][0]]
        points.append(BandPoint(step, min(shares), statistics.median(shares), max(shares)))
    return tuple(points)


def at(curve: Curve, step: int) -> float:
    after = bisect.bisect_right(curve, step, key=lambda point: point[0])
    step_before, before = curve[after - 1]
    if after == len(curve):
        return before
    step_after, share_after = curve[after]
    return before + (share_after - before) * (step - step_before) / (step_after - step_before)
