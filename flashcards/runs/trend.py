"""The way a share goes: what exams found lately, held against what they found just before."""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, stdev
from typing import Literal

Trend = Literal["rising", "level", "falling"]

LATELY = 1 / 3
"""The last part of the steps, whose first half is held against its second half."""

MIN_POINTS, MIN_LATELY = 4, 8
"""So many exams must there be to say anything; and so many count as lately, if there are."""

RISES, FALLS = 0.03, 0.05
"""Least change between the two halves that counts. A fall is an alarm, so it takes more."""

SURE = 2.0
"""So many standard deviations of chance a change must be: in docs/experiments.md."""


def trend(points: Sequence[tuple[int, float]]) -> Trend | None:
    """Say where a share is going: `points` are (step, share from 0 to 1), oldest first, NaN where
    nothing was asked. None where there are too few to tell."""
    known = [(step, share) for step, share in points if math.isfinite(share)]
    if len(known) < MIN_POINTS:
        return None
    first, last = known[0][0], known[-1][0]
    recent = [share for step, share in known if step >= last - (last - first) * LATELY]
    if len(recent) < MIN_LATELY:
        recent = [share for _, share in known[-MIN_LATELY:]]
    half = len(recent) // 2
    before, lately = recent[:half], recent[half:]
    change = fmean(lately) - fmean(before)
    # Two exams in a row differ by chance twice: so much the share of one wavers.
    wavers = stdev(b - a for a, b in pairwise(recent)) / math.sqrt(2)
    by_chance = SURE * wavers * math.sqrt(1 / len(before) + 1 / len(lately))
    if change >= max(RISES, by_chance):
        return "rising"
    return "falling" if change <= -max(FALLS, by_chance) else "level"
