"""How many cards a run had been taught at each of its steps: a line of few corners.

Runs are compared at equally many cards, not at equal steps: batches differ. Knows no file.
"""

from __future__ import annotations

import array
import bisect
import itertools
from fractions import Fraction

from flashcards.runs.snapshots import packed_numbers, unpacked_numbers

MOST = 1 << 62


class CardCounts:
    """What the log counts now and then; between two counts each update had as many cards, or the
    size of the batches changed once.

    Counts on one line are kept as its ends: as many corners as that size changed.
    """

    def __init__(self) -> None:
        self._steps = array.array("q", [0])
        self._cards = array.array("q", [0])

    @classmethod
    def unpacked(cls, data: bytes) -> CardCounts:
        """What was packed. Raises ValueError: it was not."""
        numbers = unpacked_numbers("q", data)
        if len(numbers) < 2 or len(numbers) % 2:
            raise ValueError("counts are pairs")
        counts = cls()
        counts._steps, counts._cards = numbers[0::2], numbers[1::2]
        for ascending in (counts._steps, counts._cards):
            if ascending[0] != 0 or any(a >= b for a, b in itertools.pairwise(ascending)):
                raise ValueError("counts ascend from 0")
        return counts

    def packed(self, step: int) -> bytes:
        part = CardCounts()
        part._steps, part._cards = self._steps[:], self._cards[:]
        part.cut(step)
        pairs = (n for pair in zip(part._steps, part._cards, strict=True) for n in pair)
        return packed_numbers(array.array("q", pairs))

    @property
    def last(self) -> int:
        """The cards at the newest count."""
        return self._cards[-1]

    def count(self, step: int, n_cards: int) -> None:
        """So many had been taught at this step; what can't be is left out."""
        steps, cards = self._steps, self._cards
        if step <= steps[-1] or not cards[-1] < n_cards < MOST:
            return
        if len(steps) > 1:
            rise, run = cards[-1] - cards[-2], steps[-1] - steps[-2]
            if rise * (step - steps[-1]) == run * (n_cards - cards[-1]):
                steps.pop()
                cards.pop()
        steps.append(step)
        cards.append(n_cards)
        self._find_corner()

    def _find_corner(self) -> None:
        """Between two counts that no one size of batches explains, it changed where lines meet."""
        if len(self._steps) < 4:
            return
        x, y = self._steps[-4:], self._cards[-4:]
        before, between, after = (Fraction(y[i + 1] - y[i], x[i + 1] - x[i]) for i in range(3))
        is_mixed = between.denominator > 1 == before.denominator == after.denominator
        if not is_mixed or before == after:
            return
        step = x[1] + (y[2] - y[1] - after * (x[2] - x[1])) / (before - after)
        if x[1] < step < x[2] and step.denominator == 1:
            self._steps[-3:-1] = array.array("q", [int(step)])
            self._cards[-3:-1] = array.array("q", [int(y[1] + before * (step - x[1]))])

    def cut(self, step: int) -> None:
        steps, cards = self._steps, self._cards
        if steps[-1] <= step:
            return
        n_cards = self.cards_at(step)
        while len(steps) > 1 and steps[-1] > step:
            steps.pop()
            cards.pop()
        self.count(step, n_cards)

    def cards_at(self, step: int) -> int:
        """How many had been taught at this step; beyond the newest count, as many as there."""
        return _between(self._steps, self._cards, step)

    def step_at(self, n_cards: int) -> int | None:
        """The last step at which no more than these had been taught; None when none ever was."""
        if n_cards >= self.last:
            return None
        return _between(self._cards, self._steps, max(0, n_cards))


def _between(xs: array.array[int], ys: array.array[int], x: int) -> int:
    """The y of the line at x, rounded down; both ascend."""
    i = bisect.bisect_right(xs, x)
    if i == len(xs):
        return ys[-1]
    return ys[i - 1] + (x - xs[i - 1]) * (ys[i] - ys[i - 1]) // (xs[i] - xs[i - 1])
