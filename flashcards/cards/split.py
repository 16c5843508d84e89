"""Choices by hash: which cards are never taught, and which are asked of many.

A new card moves no other.
"""

import hashlib
import random
import re
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

import msgspec

from flashcards.cards.card import Deck

FEW_NEVER_SEEN = (
    20  # below this many never-taught cards a score says little: one card is five points
)

_SALT = b"held out"
_NAME = r"[^\W_]+(?:\.[^\W_]+)?"
_COMMUTING = re.compile(rf"{_NAME}(?:\s*([+*×·⋅])\s*{_NAME})(?:\s*\1\s*{_NAME})*")


def draw(group: str) -> float:
    """A number from 0 to below 1 that depends on the group's name alone, even over its range."""
    key = group.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(key, digest_size=8, salt=_SALT).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def commuted(prompt: str) -> str:
    """The same for `3+4` and `4+3`: operands around + * × · in order, spaces dropped.
    Prompts without such an operation are given back as they are."""

    def in_order(match: re.Match[str]) -> str:
        operator = match[1]
        return operator.join(sorted(part.strip() for part in match[0].split(operator)))

    return _COMMUTING.sub(in_order, prompt)


def never_seen(groups: Iterable[str], marked: Set[str], share: float) -> Set[str]:
    """The groups that are never taught: those with a card marked `? `, and of the others `share` (0
    to 1), by hash. A group is taught or asked, never both."""
    if share <= 0:
        return marked
    return marked | {group for group in dict.fromkeys(groups) if draw(group) < share}


class KeepBack(NamedTuple):
    """A share of a deck that could be kept back, and how many of its cards that are."""

    share: float
    n_cards: int


def to_keep_back(groups: Sequence[str]) -> KeepBack:
    """Choose what to keep back of a deck where somebody wants that and gives no number: the least
    share, from 0.1 on in steps of 0.05, by which 20 cards are never taught, enough for a score to
    say something. Of a deck with fewer than 40 cards a fifth; nothing where it can't be parted.
    `groups`: the group of each card."""
    n = len(groups)
    n_wanted = FEW_NEVER_SEEN if n >= 2 * FEW_NEVER_SEEN else max(1, n // 5)
    draws = list(map(draw, groups))
    for share in (step / 20 for step in range(2, 20)):
        n_kept_back = sum(number < share for number in draws)
        if n_kept_back >= n_wanted:
            return KeepBack(share, n_kept_back) if n_kept_back < n else KeepBack(0.0, 0)
    return KeepBack(0.0, 0)


def sample_by_hash(deck: Deck, card_indices: Sequence[int], at_most: int) -> tuple[int, ...]:
    if len(card_indices) <= at_most:
        return tuple(card_indices)
    hashed = {i: hashlib.blake2b(deck.cards[i].id.encode(), digest_size=8) for i in card_indices}
    return tuple(sorted(sorted(hashed, key=lambda i: hashed[i].digest())[:at_most]))


def shuffled(deck: Deck, seed: int) -> Deck:
    """The same deck, each card with the answers of another card, always the same ones for a seed.
    Answers move among the taught cards and among the never-taught cards, not between them, so that
    exactly the same texts are taught. They are not looked at: with few different ones (yes and no)
    a card may get its own text again. To forbid that would leave a rule, "not the old one"."""
    cards = list(deck.cards)
    chance = random.Random(f"answers/{seed}")
    for side in (deck.taught, deck.never_seen):
        for to, of in zip(side, _cycled(side, chance), strict=True):
            cards[to] = msgspec.structs.replace(deck.cards[to], answers=deck.cards[of].answers)
    return msgspec.structs.replace(deck, cards=tuple(cards))


def _cycled(things: Sequence[int], chance: random.Random) -> list[int]:
    """A permutation that is one cycle, any of them equally likely: nothing stays in its place.
    S. Sattolo, "An algorithm to generate a random cyclic permutation", Information Processing
    Letters 22 (1986)."""
    moved = list(things)
    for last in range(len(moved) - 1, 0, -1):
        other = chance.randrange(last)
        moved[last], moved[other] = moved[other], moved[last]
    return moved
