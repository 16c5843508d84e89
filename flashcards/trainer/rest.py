"""How long a lesson rests between updates, so that it takes only its share of the time."""

from __future__ import annotations

SHORTEST_REST_S = 0.02
"""Shorter rests are added up: a sleep is not exact to the millisecond."""


class Rest:
    """Owed rest: work of w seconds at duty d owes w (1 / d - 1)."""

    def __init__(self, duty: float) -> None:
        """`duty` is the share of the time spent working, above 0 to 1; 1 never rests."""
        self._per_second = 1.0 / min(max(duty, 0.01), 1.0) - 1.0
        self._owed_s = 0.0

    def due_s(self, worked_s: float) -> float:
        """Rest to take now, after so much work; 0 while it is too short to be worth it."""
        self._owed_s += worked_s * self._per_second
        if self._owed_s < SHORTEST_REST_S:
            return 0.0
        due_s, self._owed_s = self._owed_s, 0.0
        return due_s
