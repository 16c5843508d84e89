"""A measured number, and what is said of the runs behind it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec

NOISY_SPREAD = 0.2

SCALE_PARTS = ("sweeps", "processes", "sizes")
"""What `flashcards bench --scale` measures, in order."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured number.

    Attributes:
        wanted: What it should be, in words; "" when it is only for information.
        spread: How far the middle half of the runs behind it reaches, as a share of their median;
            None for a single run.
    """

    name: str
    value: float
    unit: str
    detail: str
    wanted: str = ""
    is_met: bool | None = None
    spread: float | None = None

    @property
    def is_noisy(self) -> bool:
        """The runs behind it differ so much that it should be measured again."""
        return self.spread is not None and self.spread > NOISY_SPREAD


def figure(
    name: str,
    value: float,
    unit: str,
    detail: str,
    *,
    digits: int = 1,
    at_most: float | None = None,
    at_least: float | None = None,
    spread: float | None = None,
) -> Figure:
    """A figure with this many digits after the point, held against its limit before rounding."""
    wanted, is_met = "", None
    if at_most is not None:
        wanted, is_met = f"at most {at_most:,}", value <= at_most
    elif at_least is not None:
        wanted, is_met = f"at least {at_least:,}", value >= at_least
    return Figure(
        name=name,
        value=round(value, digits),
        unit=unit,
        detail=detail,
        wanted=wanted,
        is_met=is_met,
        spread=spread,
    )


def spread_of(*series: Sequence[float]) -> float | None:
    """The widest spread among these: middle half over median; None when none has three runs."""
    spreads = []
    for numbers in series:
        if len(numbers) >= 3:
            low, median, high = statistics.quantiles(numbers, n=4, method="inclusive")
            spreads.append(round((high - low) / median, 3) if median else 0.0)
    return max(spreads, default=None)


def percentile(numbers: Sequence[float], share: float) -> float:
    """The number below which this share of them lies, by the nearest rank."""
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
