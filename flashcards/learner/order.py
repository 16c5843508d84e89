"""Part 7, the order: the cards that come next. Every epoch all of them once, shuffled.

Seed and epoch alone decide the shuffle, so a run that goes on has the same order as one that never
stopped. The deck's first card is the first that is taught: an author chooses what a room sees
first.

Where `evenness` is set, cards of a rare shape come more often: an epoch then has more turns than
the deck has cards, and every shape is met evenly in it. When the deck changes in the middle, the
cards whose turn had not come yet keep it, and those that came or changed are taught at once, then
again and again for a while beside the others.

Other orders than the shuffled one are in `queues.py`, next.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from flashcards.cards.card import Card, Deck
from flashcards.learner.queues import QueueOrder, order_named
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.values import OrderName

EXTRA_TURNS = 24
"""A card that came or changed has this many turns of its own: on a running deck of capitals it is
then known; an epoch brings it once more, like every card."""

MAX_EXTRA_CARDS = 64  # when more came at once they have the first turns and no others of their own

ALONE_EVERY = 2  # with one card an update, every second update is such a turn


class AfterChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of an order's state that the last change of its deck has left."""

    n_epochs: int = 0  # epochs begun before the change
    rest: tuple[int, ...] = ()  # cards that the epoch of the change owes, given out first
    extra: tuple[tuple[int, int], ...] = ()  # (card_index, turns left) of new and changed cards
    n_draws: int = 0  # draws since the change, while `extra` lasts


class CardOrder:
    """Endless card indices; `position`, `after` and `queue` are all its state.

    Args:
        taught: Indices of the taught cards; at least one.
        position: The number given out since the epoch after the deck's last change began (or of
            what the epoch before it owed), turns of their own apart.
        queue: The order that is in force instead of the shuffled one; None for that one, which
            then goes on from where it was left.
        shapes: The taught cards by shape, of `shapes_of`; none when every card has one turn an
            epoch.
    """

    def __init__(
        self,
        taught: Sequence[int],
        seed: int,
        position: int = 0,
        after: AfterChange = AfterChange(),  # noqa: B008
        queue: QueueOrder | None = None,
        shapes: Sequence[Shape] = (),
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

    def next(self, n: int) -> list[int]:
        """The next `n` cards; they may straddle epochs. First those with turns of their own; the
        others from the queue, where one is in force, or from the epoch."""
        cards = self._extra(n) if self.after.extra else []
        while len(cards) < n:
            if self.queue is not None:
                cards += self.queue.draw(n - len(cards))
                continue
            drawn = self._from(self.position, n - len(cards))
            cards += drawn
            self.position += len(drawn)
            if self.after.rest and self.position >= len(self.after.rest):
                self.position -= len(self.after.rest)
                self.after = msgspec.structs.replace(self.after, rest=())
        return cards

    def _extra(self, n: int) -> list[int]:
        """The turns of their own in this draw: at most half of it, those waiting longest first."""
        after = self.after
        is_turn = n > 1 or after.n_draws % ALONE_EVERY == 0
        n_turns = min(max(1, n // 2), n, len(after.extra)) if is_turn else 0
        drawn, waiting = after.extra[:n_turns], after.extra[n_turns:]
        still_waiting = tuple((card, left - 1) for card, left in drawn if left > 1)
        self.after = msgspec.structs.replace(
            after, extra=(*waiting, *still_waiting), n_draws=after.n_draws + 1
        )
        return [card for card, _ in drawn]

    def _from(self, position: int, n: int) -> list[int]:
        """The cards that the epoch still owes at this position, at most `n` of them."""
        rest = self.after.rest
        if position < len(rest):
            return list(rest[position : position + n])
        epoch, offset = divmod(position - len(rest), self._n_turns)
        return self._of_epoch(self.after.n_epochs + epoch)[offset : offset + n]

    def _of_epoch(self, epoch: int) -> list[int]:
        """The turns of an epoch, shuffled by seed and epoch alone."""
        if epoch != self._epoch:
            chance = random.Random(f"{self.seed}/{epoch}")
            if self._shapes:
                self._permutation = mixed(self._shapes, chance)
            else:
                self._permutation = list(self._taught)
                chance.shuffle(self._permutation)
            if epoch == 0:  # the deck's first card is the first of all
                self._permutation.remove(self._taught[0])
                self._permutation.insert(0, self._taught[0])
            self._epoch = epoch
        return self._permutation

    def choose(self, name: OrderName, times_seen: Sequence[int], histories: Sequence[int]) -> None:
        """Give cards out in this order from now on; one left since the last update goes on.
        `times_seen`: of each card of the deck, how often it was taught. `histories`: of each its
        last marks, as the ledger packs them."""
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

    def changed(
        self,
        taught: Sequence[int],
        before: Sequence[int | None],
        fresh: Sequence[int],
        shapes: Sequence[Shape] = (),
    ) -> CardOrder:
        """The order of the changed deck, from here on.

        Args:
            taught: Indices of the taught cards in the new deck; at least one.
            before: For each card of the new deck, its index in the old one.
            fresh: Taught cards that came or changed.
        """
        offset = self.position - len(self.after.rest)  # below 0 while there is a rest
        begun = -(-offset // self._n_turns) if offset > 0 else 0
        is_begun = offset < 0 or offset % self._n_turns > 0
        owed = self._from(self.position, self._n_turns) if is_begun else []
        new_of = {old: new for new, old in enumerate(before) if old is not None}
        is_taught = set(taught)
        is_fresh = set(fresh)
        rest = [
            new_of[old]
            for old in owed
            if new_of.get(old) in is_taught and new_of[old] not in is_fresh
        ]
        extra = dict.fromkeys(fresh, EXTRA_TURNS)
        for old, left in self.after.extra:
            if old in new_of:
                extra.setdefault(new_of[old], left)
        at_once: Sequence[int] = ()
        if len(extra) > MAX_EXTRA_CARDS:
            at_once = fresh
            extra = {}
        after = AfterChange(
            n_epochs=self.after.n_epochs + begun,
            rest=(*at_once, *rest),
            extra=tuple((card, left) for card, left in extra.items() if card in is_taught),
        )
        queue = self.queue
        if queue is not None:
            queue = queue.changed(taught, before, at_once)
        return CardOrder(taught, self.seed, 0, after, queue, shapes)

    def reseed(self, seed: int) -> None:
        """Shuffle by another seed from here on; the turns already due stay."""
        self.seed = seed
        self._epoch = -1
        if self.queue is not None:
            self.queue.seed = seed


# -- shapes: a rare one not early or late by chance
#
# `25+9` has the shape of `73+4` with an answer as long: two digits, a sign, a digit. In the sums of
# two numbers below 100 one card in eleven has it, and in most batches there are only two or three
# of them. Shapes get turns in proportion to a power of their share of the deck, as languages do in
# multilingual training (Devlin 2018; Conneau and Lample 2019, arXiv 1901.07291, section 3.1), and
# are spread evenly over an epoch, as in stratified sampling.

MOST_TURNS = 6  # an epoch of a card of a rare shape; of the commonest shape it is one

MOST_SHAPES = 16
"""Sums of numbers below 100 have 8 shapes. Words have dozens, one for every pair of lengths, which
say little of what is hard: there it costs cards (docs/experiments.md)."""


class Shape(NamedTuple):
    """The taught cards of one shape, and how many turns they have an epoch together."""

    cards: tuple[int, ...]
    n_turns: int


NO_SHAPES: tuple[Shape, ...] = ()


def shapes_of(
    deck: Deck, settings: LearnerSettings, taught: Sequence[int] | None = None
) -> tuple[Shape, ...]:
    """The taught cards by shape, rarest last; none where all cards have one turn an epoch: there
    is one shape or more than `MOST_SHAPES`, `evenness` is 0."""
    if not settings.evenness or deck.is_text:
        return NO_SHAPES
    cards_of: dict[tuple[str, int], list[int]] = {}
    is_by_character = settings.tokenizer == "char"
    for card_index in deck.taught if taught is None else taught:
        shape = _shape_of(deck.cards[card_index], is_by_character=is_by_character)
        cards_of.setdefault(shape, []).append(card_index)
    if not 2 <= len(cards_of) <= MOST_SHAPES:
        return NO_SHAPES
    groups = sorted(cards_of.values(), key=len, reverse=True)
    commonest = len(groups[0])
    return tuple(
        Shape(
            tuple(cards),
            round(len(cards) * min(MOST_TURNS, (commonest / len(cards)) ** settings.evenness)),
        )
        for cards in groups
    )


def mixed(shapes: Sequence[Shape], chance: random.Random) -> list[int]:
    """An epoch's turns: each shape's spread evenly over it, its cards as often as one another or
    once more, in random order."""
    placed: list[tuple[float, int]] = []
    for cards, n_turns in shapes:
        turns: list[int] = []
        while len(turns) < n_turns:
            turns += chance.sample(cards, min(len(cards), n_turns - len(turns)))
        start = chance.random()
        placed += [((place + start) / n_turns, card) for place, card in enumerate(turns)]
    placed.sort()
    return [card_index for _, card_index in placed]


def _shape_of(card: Card, *, is_by_character: bool) -> tuple[str, int]:
    """The kinds of the prompt's units, characters or words, and how many the answer has."""
    if is_by_character:
        return card.prompt.translate(_KINDS), len(card.answer)
    firsts = "".join(word[0] for word in card.prompt.split())
    return firsts.translate(_KINDS), len(card.answer.split())


class _Kinds(dict[int, str]):
    """For `str.translate`: a digit, a letter, or the character itself."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = "0" if character.isdigit() else "a" if character.isalpha() else character
        self[code] = kind
        return kind


_KINDS = _Kinds()
