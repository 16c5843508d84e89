"""A number over all of time in bounded memory: at most N points, by halving when full.

After burn's `full_history.rs` (tracel-ai/burn, crates/burn-train/src/renderer/tui).
"""

import math
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Thinned(msgspec.Struct, Generic[T]):
    """Things over all of time: every `stride`th of the `n_appended`, at most `capacity`.
    `newest` holds the last one while the stride leaves it out: that is always known."""

    capacity: int = 256
    stride: int = 1
    n_appended: int = 0
    sampled: list[T] = []
    newest: list[T] = []

    def append(self, item: T) -> None:
        if self.n_appended % self.stride == 0 and len(self.sampled) == self.capacity:
            self.sampled = self.sampled[::2]
            self.stride *= 2
        is_kept = self.n_appended % self.stride == 0
        if is_kept:
            self.sampled.append(item)
        self.newest = [] if is_kept else [item]
        self.n_appended += 1

    def keep(self, is_kept: Callable[[T], bool]) -> None:
        """Forget the newest things, those for which it is false."""
        self.sampled = [item for item in self.sampled if is_kept(item)]
        self.newest = [item for item in self.newest if is_kept(item)]
        if not self.newest:
            self.n_appended = len(self.sampled) * self.stride

    @property
    def items(self) -> list[T]:
        return [*self.sampled, *self.newest]

    @property
    def last(self) -> T | None:
        items = self.newest or self.sampled
        return items[-1] if items else None

    def __len__(self) -> int:
        return len(self.sampled) + len(self.newest)


class History(msgspec.Struct):
    """(step, value) points over a whole run: full, every second point goes and the spacing doubles.
    The last point appended is always there, also when the spacing would leave it out."""

    thinned: Thinned[tuple[int, float]] = msgspec.field(default_factory=lambda: Thinned(512))

    def append(self, step: int, value: float | None) -> None:
        """Add a point. None, NaN and infinity become NaN, a gap."""
        number = value if value is not None and math.isfinite(value) else math.nan
        self.thinned.append((step, number))

    def cut(self, step: int) -> None:
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
