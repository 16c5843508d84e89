"""A number over all of time in bounded memory: at most N points, by halving when full.

After burn's `full_history.rs` (tracel-ai/burn, crates/burn-train/src/renderer/tui).
"""

from __future__ import annotations

import math


class History:
    """(step, value) points over a whole run: full, every second point goes and the spacing doubles.

    The last point appended is always there, also when the spacing would leave it out.
    """

    def __init__(self, capacity: int = 512) -> None:
        if capacity < 2:
            raise ValueError("a history holds at least 2 points")
        self._capacity = capacity
        self._kept: list[tuple[int, float]] = []
        self._stride = 1
        self._n_appended = 0
        self._last: tuple[int, float] | None = None

    def append(self, step: int, value: float | None) -> None:
        """Add a point. None, NaN and infinity are kept as NaN: a gap, not a number."""
        number = value if value is not None and math.isfinite(value) else math.nan
        self._last = (step, number)
        if self._n_appended % self._stride == 0:
            if len(self._kept) == self._capacity:
                self._kept = self._kept[::2]
                self._stride *= 2
            if self._n_appended % self._stride == 0:
                self._kept.append(self._last)
        self._n_appended += 1

    @property
    def points(self) -> list[tuple[int, float]]:
        """The points, oldest first; values may be NaN."""
        if self._last is None or (self._kept and self._kept[-1] == self._last):
            return list(self._kept)
        return [*self._kept, self._last]

    @property
    def last(self) -> float | None:
        """The newest value, None when there is none or it is not finite."""
        if self._last is None or not math.isfinite(self._last[1]):
            return None
        return self._last[1]

    def __len__(self) -> int:
        return len(self.points)
