"""How many cards a run had been taught at each of its steps.

Runs are compared at equally many cards, not at equal steps: batches differ. Knows no file.
"""

from __future__ import annotations

import bisect

import msgspec


class CardCounts(msgspec.Struct):
    """What the log counts now and then; between two counts each update had as many cards."""

    steps: list[int] = msgspec.field(default_factory=lambda: [0])
    cards: list[int] = msgspec.field(default_factory=lambda: [0])

    @property
    def last(self) -> int:
        """The cards at the newest count."""
        return self.cards[-1]

    def count(self, step: int, n_cards: int) -> None:
        """So many had been taught at this step; what can't be is left out."""
        if step > self.steps[-1] and n_cards > self.cards[-1]:
            self.steps.append(step)
            self.cards.append(n_cards)

    def cut(self, step: int) -> None:
        if self.steps[-1] <= step:
            return
        n_cards = self.cards_at(step)
        while len(self.steps) > 1 and self.steps[-1] > step:
            self.steps.pop()
            self.cards.pop()
        self.count(step, n_cards)

    def cards_at(self, step: int) -> int:
        """How many had been taught at this step; beyond the newest count, as many as there."""
        return _between(self.steps, self.cards, step)

    def step_at(self, n_cards: int) -> int | None:
        """The last step at which no more than these had been taught; None when none ever was."""
        if n_cards >= self.last:
            return None
        return _between(self.cards, self.steps, max(0, n_cards))


def _between(xs: list[int], ys: list[int], x: int) -> int:
    """The y of the line at x, rounded down; both ascend."""
    i = bisect.bisect_right(xs, x)
    if i == len(xs):
        return ys[-1]
    return ys[i - 1] + (x - xs[i - 1]) * (ys[i] - ys[i - 1]) // (xs[i] - xs[i - 1])
