"""A fixed sample of a deck's cards: the same ones in every run and every process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from flashcards.cards.card import Deck
from flashcards.cards.large import LargeDeck


def sample_by_hash(deck: Deck, card_indices: Sequence[int], at_most: int) -> tuple[int, ...]:
    """At most so many of these cards, chosen by hash of their ids, in the order of the deck.

    Of a large deck the cards given are a whole side, the taught or the never-seen ones, and they
    are chosen by hash of their prompts.
    """
    if len(card_indices) <= at_most:
        return tuple(card_indices)
    if isinstance(deck, LargeDeck):
        is_never_seen = deck.cards[card_indices[0]].is_never_seen
        chosen: tuple[int, ...] = deck.cards.sample(at_most, is_never_seen=is_never_seen)
        return chosen

    def key(card_index: int) -> bytes:
        return hashlib.blake2b(deck.cards[card_index].id.encode(), digest_size=8).digest()

    return tuple(sorted(sorted(card_indices, key=key)[:at_most]))
