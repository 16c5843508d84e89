"""Many runs' curves as one: at each step the median of all and how far they reach."""

from __future__ import annotations

import bisect
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

Curve = Sequence[tuple[int, float]]
"""Points (step, share of 0 to 1), by ascending step."""


class BandPoint(NamedTuple):
    """What the runs have at a step: the least, the median and the most."""

    step: int
    low: float
    median: float
    high: float


def band(curves: Sequence[Curve]) -> tuple[BandPoint, ...]:
    """A point for each step at which one of the runs was asked.

    Between two exams a run is on the line that joins them. A run that has ended counts on with its
    last score, so that those that take long are not all that is left at the right.
    """
    curves = [[point for point in curve if math.isfinite(point[1])] for curve in curves]
    curves = [curve for curve in curves if curve]
    steps = sorted({step for curve in curves for step, _ in curve})
    found = []
    for step in steps:
        shares = [at(curve, step) for curve in curves if step >= curve[0][0]]
        found.append(BandPoint(step, min(shares), statistics.median(shares), max(shares)))
    return tuple(found)


def at(curve: Curve, step: int) -> float:
    """The curve's share at a step from its first on."""
    after = bisect.bisect_right(curve, step, key=lambda point: point[0])
    step_before, before = curve[after - 1]
    if after == len(curve):
        return before
    step_after, share_after = curve[after]
    return before + (share_after - before) * (step - step_before) / (step_after - step_before)
