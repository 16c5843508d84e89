"""Axes: where a value lies between two ends, which ticks to draw, how a tick is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, linear or logarithmic, with ticks of (value, label).
    Raises ValueError: the ends are no interval, or a logarithmic axis begins at or below 0."""

    low: float
    high: float
    title: str = ""
    ticks: tuple[tuple[float, str], ...] = field(default=())
    is_log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis from {self.low} to {self.high}")
        if self.is_log and self.low <= 0:
            raise ValueError(f"a logarithmic axis from {self.low}")

    def place(self, value: float) -> float:
        """Where the value lies: 0 at the low end, 1 at the high end, never beyond them."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.is_log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return (at - low) / (high - low)


def share_axis(title: str = "") -> Axis:
    """0 to 1, written as percent."""
    ticks = tuple((i / 4, f"{25 * i} %") for i in range(5))
    return Axis(0.0, 1.0, title, ticks)


def count_axis(high: float, title: str = "", n_ticks: int = 4) -> Axis:
    """0 to `high`, with ticks at round numbers."""
    high = high if math.isfinite(high) and high > 0 else 1.0
    return Axis(0.0, high, title, tuple((v, short_count(v)) for v in round_steps(high, n_ticks)))


def log_count_axis(values: Sequence[float], title: str = "") -> Axis:
    """Logarithmic, with a tick at each of these values and some room at both ends.
    Raises ValueError: there are none above 0."""
    kept = sorted({value for value in values if math.isfinite(value) and value > 0})
    if not kept:
        raise ValueError("no value above 0")
    return Axis(
        kept[0] / 1.25,
        kept[-1] * 1.25,
        title,
        tuple((value, f"{value:,.0f}") for value in kept),
        is_log=True,
    )


def round_steps(high: float, n_ticks: int) -> list[float]:
    """0 and the multiples of 1, 2 or 5 times a power of ten up to `high`: about `n_ticks`."""
    rough = high / max(1, n_ticks)
    unit: float = 10.0 ** math.floor(math.log10(rough))
    step = next((unit * m for m in (1, 2, 5) if unit * m >= rough * 0.9), unit * 10)
    return [step * i for i in range(int(high / step * 1.0001) + 1)]


def short_count(value: float) -> str:
    """0, 500, 2k, 1.5k, 3M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.4g}{name}"
    return f"{value:.4g}"
