"""A deck whose answers are shuffled among its cards: what can be memorised stays, the rule goes."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from flashcards.cards.card import Deck


def shuffled(deck: Deck, seed: int) -> Deck:
    """The same deck, each card with the answers of another card, always the same ones for a seed.

    Answers move among the taught cards and among the never-seen cards, not between them, so that
    exactly the same texts are taught. They are not looked at: with few different ones (yes and no)
    a card may get its own text again. To forbid that would leave a rule, "not the old one".
    """
    cards = list(deck.cards)
    chance = random.Random(f"answers/{seed}")
    for side in (deck.taught, deck.never_seen):
        for to, of in zip(side, _cycled(side, chance), strict=True):
            cards[to] = msgspec.structs.replace(deck.cards[to], answers=deck.cards[of].answers)
    return msgspec.structs.replace(deck, cards=tuple(cards))


def _cycled(things: Sequence[int], chance: random.Random) -> list[int]:
    """A permutation that is one cycle, any of them equally likely: nothing stays in its place.

    S. Sattolo, "An algorithm to generate a random cyclic permutation", Information Processing
    Letters 22 (1986).
    """
    moved = list(things)
    for last in range(len(moved) - 1, 0, -1):
        other = chance.randrange(last)
        moved[last], moved[other] = moved[other], moved[last]
    return moved
