"""Part 7, the order: queues, filled again when they are empty, by what the model did wrong.

As the deck has them (`DeckOrder`), Leitner's boxes (`BoxesOrder`), hardest first (`HardestOrder`).
`order.CardOrder` takes cards from a queue where one is in force.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from array import array
from collections.abc import Sequence, Set as AbstractSet

from flashcards.runs.marks import RIGHT, WRONG
from flashcards.runs.values import OrderName

N_BOXES = 5  # Leitner 1972 had five; a card in box b comes every 2**b rounds

HARD_SHARE = 1 / 2
"""Hardest first gives out this share of the deck in a round: the cards of the largest error ..."""

OLD_SHARE = 1 / 4
"""... and of the rest this share, those not taught for longest: what was easy may be forgotten."""


class QueueOrder(ABC):
    """Cards in an order of its own: what was drawn counts once it was taught.
    A queue that is filled again when it is empty, from what the model did wrong so far. Its whole
    state is saved, so that going on is the order that never stopped. It needs a taught card."""

    name: OrderName
    _untaught = 0.0  # the level of a card that was never taught

    def __init__(self, taught: Sequence[int], n_cards: int, seed: int) -> None:
        self._taught = tuple(taught)
        self.seed = seed
        self._levels = array("f", [0.0]) * n_cards  # of each card: its box, or its error
        self._taught_at = array("I", [0]) * n_cards  # of each card: the update that taught it last
        self._round = 0  # how often the queue was filled
        self._clock = 0  # updates so far
        self._queue: list[int] = []
        self._n_drawn = 0  # from the queue's beginning, and not taught yet

    def draw(self, n: int) -> list[int]:
        """The next cards: `n`, none twice, or all there are."""
        drawn: dict[int, None] = {}
        n = min(n, len(self._taught))
        while len(drawn) < n:
            if self._n_drawn == len(self._queue):
                self._round += 1  # Leitner's boxes may have no card due in a round: then the next
                self._queue += self._filled(drawn.keys())
                continue
            drawn[self._queue[self._n_drawn]] = None
            self._n_drawn += 1
        return list(drawn)

    def studied(self, card_indices: Sequence[int], marks: bytes, nats: Sequence[float]) -> None:
        """Take in that these cards were taught; they were drawn last. `marks`: of the answers just
        before; `nats`: their error, a piece of the answer."""
        self._clock += 1
        for card_index, mark, error_nats in zip(card_indices, marks, nats, strict=True):
            self._levels[card_index] = self._level(self._levels[card_index], mark, error_nats)
            self._taught_at[card_index] = self._clock
        del self._queue[: self._n_drawn]
        self._n_drawn = 0

    def changed(
        self, taught: Sequence[int], before: Sequence[int | None], fresh: Sequence[int]
    ) -> QueueOrder:
        """The order of the changed deck: what was due still is; `fresh` cards come first."""
        order = type(self)(taught, len(before), self.seed)
        order._round = self._round
        order._clock = self._clock
        for card_index, old in enumerate(before):
            if old is not None:
                order._levels[card_index] = self._levels[old]
                order._taught_at[card_index] = self._taught_at[old]
        new_of = {old: new for new, old in enumerate(before) if old is not None}
        is_taught, is_fresh = set(taught), set(fresh)
        due = (new_of.get(old, -1) for old in self._queue[self._n_drawn :])
        order._queue = [*fresh, *(i for i in due if i in is_taught and i not in is_fresh)]
        for card_index in fresh:
            order._levels[card_index] = order._untaught
            order._taught_at[card_index] = 0
        return order

    def begin(self, times_seen: Sequence[int], histories: Sequence[int]) -> None:
        """Go on with a lesson in which each card was taught `times_seen` times. `histories`: last
        marks as in `runs.marks`, two bits each, the newest lowest."""
        for card_index in self._taught:
            known = self._level_of(histories[card_index])
            self._levels[card_index] = known if times_seen[card_index] else self._untaught

    def to_bytes(self) -> bytes:
        """All of it, to save; what was drawn and not taught yet is due again."""
        head = array("Q", (self._round, self._clock, len(self._queue)))
        queue = array("I", self._queue)
        return b"".join(part.tobytes() for part in (head, queue, self._levels, self._taught_at))

    def restore(self, saved: bytes) -> None:
        """Become what `to_bytes` was of. Raises ValueError: it was of another deck."""
        n_cards = len(self._levels)
        head = array("Q", saved[:24])
        n_queued = head[2] if len(head) == 3 else 0
        if len(saved) != 24 + 4 * n_queued + 8 * n_cards:
            raise ValueError(f"the saved order is not of {n_cards} cards")
        self._round = head[0]
        self._clock = head[1]
        start = 24
        end = start + 4 * n_queued
        self._queue = array("I", saved[start:end]).tolist()
        self._levels = array("f", saved[end : end + 4 * n_cards])
        self._taught_at = array("I", saved[end + 4 * n_cards :])
        self._n_drawn = 0

    @abstractmethod
    def _filled(self, drawn: AbstractSet[int]) -> list[int]:
        """The cards of the round that begins; none when no card is due. `drawn` were given out for
        the same update already."""

    def _level(self, level: float, mark: int, error_nats: float) -> float:
        return level

    def _level_of(self, history: int) -> float:
        """A card's level by its marks alone."""
        return 0.0

    def _shuffled(self, cards: list[int]) -> list[int]:
        random.Random(f"{self.seed}/{self.name}/{self._round}").shuffle(cards)
        return cards


class DeckOrder(QueueOrder):
    """As the deck has them, again and again."""

    name: OrderName = "deck"

    def _filled(self, drawn: AbstractSet[int]) -> list[int]:
        return list(self._taught)


class BoxesOrder(QueueOrder):
    """Leitner's boxes: a right answer moves a card one box on, a wrong one back to the first.
    The level is the box, from 0. One piece off leaves a card where it is."""

    name: OrderName = "boxes"

    def _filled(self, drawn: AbstractSet[int]) -> list[int]:
        due = [i for i in self._taught if self._round % (1 << int(self._levels[i])) == 0]
        return self._shuffled(due)

    def _level(self, level: float, mark: int, error_nats: float) -> float:
        if mark == RIGHT:
            return min(level + 1.0, N_BOXES - 1.0)
        return 0.0 if mark == WRONG else level

    def _level_of(self, history: int) -> float:
        box = 0
        while box < N_BOXES - 1 and history & 3 == RIGHT:
            box += 1
            history >>= 2
        return float(box)


class HardestOrder(QueueOrder):
    """The half with the largest error first, and some of the rest, lest they be forgotten. The
    level is a card's error when it was last taught, in nats a piece; never taught is hardest."""

    name: OrderName = "hardest"
    _untaught = float("inf")

    def _filled(self, drawn: AbstractSet[int]) -> list[int]:
        cards = self._shuffled([i for i in self._taught if i not in drawn])
        cards.sort(key=lambda i: -self._levels[i])
        n_hard = max(1, round(HARD_SHARE * len(cards)))
        rest = sorted(cards[n_hard:], key=lambda i: self._taught_at[i])
        return cards[:n_hard] + rest[: round(OLD_SHARE * len(rest))]

    def _level(self, level: float, mark: int, error_nats: float) -> float:
        return error_nats

    def _level_of(self, history: int) -> float:
        return {RIGHT: 0.1, WRONG: 2.0}.get(history & 3, 1.0)


def order_named(
    name: OrderName, taught: Sequence[int], n_cards: int, seed: int
) -> QueueOrder | None:
    """The order with this name, at its beginning; None for the shuffled one, which has no queue."""
    kinds = (DeckOrder, BoxesOrder, HardestOrder)
    return next((kind(taught, n_cards, seed) for kind in kinds if kind.name == name), None)
