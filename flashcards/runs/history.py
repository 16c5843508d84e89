"""A number over all of time in bounded memory: at most N points, by halving when full.

After burn's `full_history.rs` (tracel-ai/burn, crates/burn-train/src/renderer/tui).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Thinned(Generic[T]):
    """Any things over all of time in bounded memory, thinned the same way; the newest always is."""

    def __init__(self, capacity: int = 256) -> None:
        if capacity < 2:
            raise ValueError("a history holds at least 2 things")
        self._capacity = capacity
        self._kept: list[T] = []
        self._stride = 1
        self._n_appended = 0
        self._last: list[T] = []

    def append(self, thing: T) -> None:
        if self._n_appended % self._stride == 0 and len(self._kept) == self._capacity:
            self._kept = self._kept[::2]
            self._stride *= 2
        is_kept = self._n_appended % self._stride == 0
        if is_kept:
            self._kept.append(thing)
        self._last = [] if is_kept else [thing]
        self._n_appended += 1

    @classmethod
    def restored(
        cls, capacity: int, stride: int, n_appended: int, kept: list[T], last: list[T]
    ) -> Thinned[T]:
        """The one that these `parts` are of. Raises ValueError: there can be none."""
        thinned = cls(capacity)
        if stride < 1 or n_appended < 0 or len(kept) > capacity or len(last) > 1:
            raise ValueError("a history is not thinned so")
        thinned._stride, thinned._n_appended = stride, n_appended
        thinned._kept, thinned._last = kept, last
        return thinned

    @property
    def parts(self) -> tuple[int, int, int, list[T], list[T]]:
        """All there is to it: capacity, stride, how many were appended, the kept, the newest."""
        return self._capacity, self._stride, self._n_appended, self._kept, self._last

    def keep(self, is_kept: Callable[[T], bool]) -> None:
        """Forget the newest things, those for which it is false."""
        self._kept = [thing for thing in self._kept if is_kept(thing)]
        self._last = [thing for thing in self._last if is_kept(thing)]
        if not self._last:
            self._n_appended = len(self._kept) * self._stride

    @property
    def items(self) -> list[T]:
        """The things, oldest first."""
        return [*self._kept, *self._last]

    @property
    def last(self) -> T | None:
        items = self._last or self._kept
        return items[-1] if items else None

    def __len__(self) -> int:
        return len(self._kept) + len(self._last)


class History:
    """(step, value) points over a whole run: full, every second point goes and the spacing doubles.

    The last point appended is always there, also when the spacing would leave it out.
    """

    def __init__(
        self, capacity: int = 512, thinned: Thinned[tuple[int, float]] | None = None
    ) -> None:
        """`thinned`: points that are its own from now on."""
        self.thinned = Thinned(capacity) if thinned is None else thinned

    def append(self, step: int, value: float | None) -> None:
        """Add a point. None, NaN and infinity are kept as NaN: a gap, not a number."""
        number = value if value is not None and math.isfinite(value) else math.nan
        self.thinned.append((step, number))

    def cut(self, step: int) -> None:
        """Forget what came after this step."""
        self.thinned.keep(lambda point: point[0] <= step)

    @property
    def points(self) -> list[tuple[int, float]]:
        """The points, oldest first; values may be NaN."""
        return self.thinned.items

    @property
    def last(self) -> float | None:
        """The newest value, None when there is none or it is not finite."""
        last = self.thinned.last
        return None if last is None or not math.isfinite(last[1]) else last[1]

    def __len__(self) -> int:
        return len(self.thinned)
