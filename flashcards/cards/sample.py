"""A fixed sample of a deck's cards: the same ones in every run and every process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from flashcards.cards.card import Deck


def sample_by_hash(deck: Deck, card_indices: Sequence[int], at_most: int) -> tuple[int, ...]:
    """At most so many of these cards, chosen by hash of their ids, in the order of the deck."""
    if len(card_indices) <= at_most:
        return tuple(card_indices)

    def key(card_index: int) -> bytes:
        return hashlib.blake2b(deck.cards[card_index].id.encode(), digest_size=8).digest()

    return tuple(sorted(sorted(card_indices, key=key)[:at_most]))
