"""How many cards a run had been taught at each of its steps: a line of few corners.

Runs are compared at equally many cards, not at equal steps: batches differ. Knows no file.
"""

from __future__ import annotations

import bisect
import itertools

import msgspec

MOST = 1 << 62


class CardCounts(msgspec.Struct):
    """What the log counts now and then; between two counts each update had as many cards.

    Counts on one line are kept as its ends: few more than how often the size of batches changed.
    """

    steps: list[int] = msgspec.field(default_factory=lambda: [0])
    cards: list[int] = msgspec.field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        """Raises ValueError: there are no such counts."""
        for ascending in (self.steps, self.cards):
            if ascending[:1] != [0] or any(a >= b for a, b in itertools.pairwise(ascending)):
                raise ValueError("counts ascend from 0")
        if len(self.steps) != len(self.cards):
            raise ValueError("counts are pairs")

    @property
    def last(self) -> int:
        """The cards at the newest count."""
        return self.cards[-1]

    def count(self, step: int, n_cards: int) -> None:
        """So many had been taught at this step; what can't be is left out."""
        steps, cards = self.steps, self.cards
        if step <= steps[-1] or not cards[-1] < n_cards < MOST:
            return
        if len(steps) > 1:
            rise, run = cards[-1] - cards[-2], steps[-1] - steps[-2]
            if rise * (step - steps[-1]) == run * (n_cards - cards[-1]):
                steps.pop()
                cards.pop()
        steps.append(step)
        cards.append(n_cards)

    def cut(self, step: int) -> None:
        """Forget what came after this step."""
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
