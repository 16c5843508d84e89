"""How fast cards are taught, in cards per second of training, smoothed. Knows no clock."""

from __future__ import annotations

import math

SMOOTHING_S = 1.0


class Pace:
    """An exponential mean over the last second or so of training time."""

    def __init__(self) -> None:
        self._cards = 0
        self._seconds = 0.0
        self._rate_hz: float | None = None

    def update(self, cards_taught: int, train_seconds: float) -> float | None:
        """Cards per second, None until there were any. A count that goes back starts over."""
        cards, seconds = cards_taught - self._cards, train_seconds - self._seconds
        if cards < 0 or seconds < 0:
            self._rate_hz = None
        elif seconds > 0:
            now_hz = cards / seconds
            weight = 1 - math.exp(-seconds / SMOOTHING_S)
            old_hz = now_hz if self._rate_hz is None else self._rate_hz
            self._rate_hz = old_hz + weight * (now_hz - old_hz)
        if seconds != 0 or cards < 0:
            self._cards, self._seconds = cards_taught, train_seconds
        return self._rate_hz
