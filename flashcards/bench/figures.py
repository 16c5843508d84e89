"""A measured number, and what is said of the runs behind it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec

NOISY_SPREAD = 0.2


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
