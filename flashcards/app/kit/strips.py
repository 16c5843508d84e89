"""Lines of the screen that make a cache of theirs when it is first needed.

Textual gives each line of cells seven caches, of which most are never looked into, and has one of
them refer to the line itself, so that only the garbage collector frees it. That was a fifth of the
processor time in which a screen is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip

_OTHERS = {name: getattr(Strip([], 0), name) for name in Strip.__slots__}
CACHES = {name: value._maxsize for name, value in _OTHERS.items() if isinstance(value, FIFOCache)}
"""Names and sizes of the caches of a line."""

_PLAIN = tuple(
    (name, value)
    for name, value in _OTHERS.items()
    if name not in CACHES and name not in ("_segments", "_cell_length")
)

_divide = Strip.divide


def _init(self: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    self._segments = list(segments)
    self._cell_length = cell_length
    for name, value in _PLAIN:
        setattr(self, name, value)


def _getattr(self: Strip, name: str) -> Any:
    """Asked for an attribute only while it is missing."""
    if name not in CACHES:
        raise AttributeError(name)
    cache: FIFOCache[Any, Any] = FIFOCache(CACHES[name])
    setattr(self, name, cache)
    return cache


def _divided(self: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """As before; a line that is not cut is not remembered by itself."""
    cuts = list(cuts)
    return [self] if cuts == [self.cell_length] else _divide(self, cuts)


def make_lazy() -> None:
    """From now on, for all lines."""
    Strip.__init__ = _init  # type: ignore[method-assign]
    Strip.__getattr__ = _getattr  # type: ignore[attr-defined]
    Strip.divide = _divided  # type: ignore[method-assign]
