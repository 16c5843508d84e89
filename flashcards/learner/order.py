"""In which order cards are taught: every epoch all of them once, shuffled by seed and epoch.

Where `evenness` is set, cards of a rare shape come more often (shapes.py): an epoch then has more
turns than the deck has cards, and every shape is met evenly in it.

The deck's first card is the first that is taught: an author chooses what a room sees first. When
the deck changes in the middle, the cards whose turn had not come yet keep it, and those that came
or changed are taught at once, then again and again for a while beside the others.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from array import array
from collections.abc import Sequence, Set as AbstractSet

import msgspec

from flashcards.learner.shapes import NO_SHAPES, Shape, mixed
from flashcards.runs.marks import RIGHT, WRONG
from flashcards.runs.values import OrderName

N_BOXES = 5  # Leitner 1972 had five; a card in box b comes every 2**b rounds

HARD_SHARE = 1 / 2
"""Hardest first gives out this share of the deck in a round, those of the largest error..."""

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
        self._levels = array("f", [0.0]) * n_cards
        self._taught_at = array("I", [0]) * n_cards
        self._round = 0
        self._clock = 0
        self._queue: list[int] = []
        self._n_drawn = 0

    def draw(self, n: int) -> list[int]:
        """The next cards: `n`, none twice, or all there are."""
        drawn: dict[int, None] = {}
        n = min(n, len(self._taught))
        while len(drawn) < n:
            if self._n_drawn == len(self._queue):
                self._round += 1
                self._queue += self._filled(drawn.keys())
                continue
            drawn[self._queue[self._n_drawn]] = None
            self._n_drawn += 1
        return list(drawn)

    def studied(self, card_indices: Sequence[int], marks: bytes, nats: Sequence[float]) -> None:
        """These cards were taught; `marks` as answered just before, `nats` a piece of the answer.
        What was drawn before this is done with."""
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
        order._round, order._clock = self._round, self._clock
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
        self._round, self._clock = head[0], head[1]
        start, end = 24, 24 + 4 * n_queued
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


EXTRA_TURNS = 24
"""A card that came or changed has this many turns of its own: on a running deck of capitals it is
then known; an epoch brings it once more, like every card."""

MAX_EXTRA_CARDS = 64  # when more came at once they have the first turns and no others of their own

ALONE_EVERY = 2  # with one card an update, every second update is such a turn


class AfterChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an order remembers of the last change of its deck.
    `rest`: card indices that the epoch the change fell into owes, given out first; then empty.
    `extra`: (card_index, turns left) of the cards that came or changed."""

    n_epochs: int = 0  # epochs begun before
    rest: tuple[int, ...] = ()
    extra: tuple[tuple[int, int], ...] = ()
    n_draws: int = 0  # how often cards were drawn since, while `extra` lasts


class CardOrder:
    """Endless card indices; `position`, `after` and `queue` are all its state.

    Args:
        taught: Indices of the taught cards; at least one.
        position: How many were given out since the epoch after the deck's last change began (or
            of what the epoch before it owed), turns of their own apart.
        queue: The order that is in force instead of the shuffled one; None for that one, which
            then goes on from where it was left.
        shapes: The taught cards by shape; none when every card has one turn an epoch.
    """

    def __init__(
        self,
        taught: Sequence[int],
        seed: int,
        position: int = 0,
        after: AfterChange = AfterChange(),  # noqa: B008
        queue: QueueOrder | None = None,
        shapes: Sequence[Shape] = NO_SHAPES,
    ) -> None:
        if not taught:
            raise ValueError("no card to teach")
        self._taught = tuple(taught)
        self._shapes = tuple(shapes)
        self._n_turns = sum(shape.n_turns for shape in shapes) or len(self._taught)
        self.seed = seed
        self._epoch = -1
        self._permutation: list[int] = []
        self.position = position
        self.after = after
        self.queue = queue
        self._left: dict[OrderName, QueueOrder | None] = {}

    @property
    def name(self) -> OrderName:
        return "shuffled" if self.queue is None else self.queue.name

    def choose(self, name: OrderName, times_seen: Sequence[int], histories: Sequence[int]) -> None:
        """Give cards out in this order from now on; one left since the last update goes on.
        `times_seen`: how often each card of the deck was taught. `histories`: its last marks, as
        the ledger packs them."""
        self._left[self.name] = self.queue
        if name in self._left:
            self.queue = self._left[name]
            return
        self.queue = order_named(name, self._taught, len(times_seen), self.seed)
        if self.queue is not None:
            self.queue.begin(times_seen, histories)

    def studied(self, card_indices: Sequence[int], marks: bytes, nats: Sequence[float]) -> None:
        """The cards given out last were taught; `nats` is their error, a piece of the answer."""
        self._left.clear()
        if self.queue is not None:
            self.queue.studied(card_indices, marks, nats)

    def next(self, n: int) -> list[int]:
        """The next `n` cards; they may straddle epochs."""
        cards = self._extra(n) if self.after.extra else []
        while len(cards) < n:
            if self.queue is not None:
                cards += self.queue.draw(n - len(cards))
                continue
            some = self._from(self.position, n - len(cards))
            cards += some
            self.position += len(some)
            if self.after.rest and self.position >= len(self.after.rest):
                self.position -= len(self.after.rest)
                self.after = msgspec.structs.replace(self.after, rest=())
        return cards

    def changed(
        self,
        taught: Sequence[int],
        before: Sequence[int | None],
        fresh: Sequence[int],
        shapes: Sequence[Shape] = NO_SHAPES,
    ) -> CardOrder:
        """The order of the changed deck, from here on.

        Args:
            taught: Indices of the taught cards in the new deck; at least one.
            before: For each card of the new deck, its index in the old one.
            fresh: Taught cards that came or changed.
        """
        offset = self.position - len(self.after.rest)
        begun = -(-offset // self._n_turns) if offset > 0 else 0
        is_begun = offset < 0 or offset % self._n_turns > 0
        owed = self._from(self.position, self._n_turns) if is_begun else []
        new_of = {old: new for new, old in enumerate(before) if old is not None}
        is_taught, is_fresh = set(taught), set(fresh)
        kept = [new for old in owed if (new := new_of.get(old)) is not None and new in is_taught]
        earlier = {new_of[old]: left for old, left in self.after.extra if old in new_of}
        extra = dict.fromkeys(fresh, EXTRA_TURNS)
        extra = {**extra, **{i: left for i, left in earlier.items() if i not in extra}}
        is_many = len(extra) > MAX_EXTRA_CARDS
        after = AfterChange(
            n_epochs=self.after.n_epochs + begun,
            rest=(*(fresh if is_many else ()), *(card for card in kept if card not in is_fresh)),
            extra=() if is_many else tuple((i, n) for i, n in extra.items() if i in is_taught),
        )
        queue = self.queue
        if queue is not None:
            queue = queue.changed(taught, before, fresh if is_many else ())
        return CardOrder(taught, self.seed, 0, after, queue, shapes)

    def reseed(self, seed: int) -> None:
        """Shuffle by another seed from here on; the turns already due stay."""
        self.seed = seed
        self._epoch = -1
        if self.queue is not None:
            self.queue.seed = seed

    def _extra(self, n: int) -> list[int]:
        """The turns of their own in this draw: at most half of it, those waiting longest first."""
        after = self.after
        is_turn = n > 1 or after.n_draws % ALONE_EVERY == 0
        n_turns = min(max(1, n // 2), n, len(after.extra)) if is_turn else 0
        drawn, waiting = after.extra[:n_turns], after.extra[n_turns:]
        again = tuple((card, left - 1) for card, left in drawn if left > 1)
        self.after = msgspec.structs.replace(
            after, extra=(*waiting, *again), n_draws=after.n_draws + 1
        )
        return [card for card, _ in drawn]

    def _from(self, position: int, n: int) -> list[int]:
        """What the epoch still owes at this position, at most `n` cards of it."""
        rest = self.after.rest
        if position < len(rest):
            return list(rest[position : position + n])
        epoch, offset = divmod(position - len(rest), self._n_turns)
        return self._of_epoch(self.after.n_epochs + epoch)[offset : offset + n]

    def _of_epoch(self, epoch: int) -> list[int]:
        if epoch != self._epoch:
            chance = random.Random(f"{self.seed}/{epoch}")
            if self._shapes:
                self._permutation = mixed(self._shapes, chance)
            else:
                self._permutation = list(self._taught)
                chance.shuffle(self._permutation)
            if epoch == 0:
                self._permutation.remove(self._taught[0])
                self._permutation.insert(0, self._taught[0])
            self._epoch = epoch
        return self._permutation
