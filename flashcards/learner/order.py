"""In which order cards are taught: every epoch all of them once, shuffled by seed and epoch.

The deck's first card is the first that is taught: an author chooses what a room sees first.
"""

from __future__ import annotations

import random
from collections.abc import Sequence


class CardOrder:
    """Endless card indices. `position`, the number given out so far, is all its state.

    Args:
        taught: Indices of the taught cards; at least one.
        seed: Any integer.
        position: Where to go on.
    """

    def __init__(self, taught: Sequence[int], seed: int, position: int = 0) -> None:
        if not taught:
            raise ValueError("no card to teach")
        self._taught = tuple(taught)
        self._seed = seed
        self._epoch = -1
        self._permutation: list[int] = []
        self.position = position

    def next(self, n: int) -> list[int]:
        """The next `n` cards; they may straddle epochs."""
        cards: list[int] = []
        while len(cards) < n:
            epoch, offset = divmod(self.position, len(self._taught))
            some = self._of_epoch(epoch)[offset : offset + n - len(cards)]
            cards += some
            self.position += len(some)
        return cards

    def _of_epoch(self, epoch: int) -> list[int]:
        if epoch != self._epoch:
            self._permutation = list(self._taught)
            random.Random(f"{self._seed}/{epoch}").shuffle(self._permutation)
            if epoch == 0:
                self._permutation.remove(self._taught[0])
                self._permutation.insert(0, self._taught[0])
            self._epoch = epoch
        return self._permutation
