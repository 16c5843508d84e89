"""What the trainer knows of each card: how often it was taught, and how it was answered then."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence

from flashcards.cards.card import Deck
from flashcards.runs.marks import NEARLY, NOT_ASKED, RIGHT, WRONG

N_HISTORY = 31
"""Marks kept a card: two bits each in one 64-bit number."""

_LETTERS = {WRONG: "w", NEARLY: "n", RIGHT: "r"}
_HISTORY_MASK = (1 << 2 * N_HISTORY) - 1


class CardLedger:
    """Per card, by card index: `times_seen`, and a short history of marks."""

    def __init__(self, n_cards: int) -> None:
        self.times_seen = array("I", bytes(4 * n_cards))
        self._history = array("Q", bytes(8 * n_cards))

    def studied(self, card_indices: Sequence[int], marks: bytes) -> None:
        """These cards were taught once more; `marks` is how they were answered just before."""
        for card_index, mark in zip(card_indices, marks, strict=True):
            self.times_seen[card_index] += 1
            marked = self._history[card_index] << 2 | mark
            self._history[card_index] = marked & _HISTORY_MASK

    def history(self, card_index: int) -> str:
        """The card's marks as it was taught, oldest first: r right, n nearly, w wrong."""
        packed = self._history[card_index]
        letters = []
        while packed & 3 != NOT_ASKED:
            letters.append(_LETTERS[packed & 3])
            packed >>= 2
        return "".join(reversed(letters))

    def to_bytes(self) -> bytes:
        """All of it, to save."""
        return self.times_seen.tobytes() + self._history.tobytes()

    @classmethod
    def from_bytes(cls, saved: bytes, n_cards: int) -> CardLedger:
        """What `to_bytes` gave.

        Raises:
            ValueError: it is for another number of cards.
        """
        if len(saved) != 12 * n_cards:
            raise ValueError(f"the saved ledger is not of {n_cards} cards")
        ledger = cls(0)
        ledger.times_seen.frombytes(saved[: 4 * n_cards])
        ledger._history.frombytes(saved[4 * n_cards :])
        return ledger


def sample_by_hash(deck: Deck, card_indices: Sequence[int], at_most: int) -> tuple[int, ...]:
    """A fixed sample of these cards, chosen by hash of their ids: the same in every run."""
    if len(card_indices) <= at_most:
        return tuple(card_indices)

    def key(card_index: int) -> bytes:
        return hashlib.blake2b(deck.cards[card_index].id.encode(), digest_size=8).digest()

    return tuple(sorted(sorted(card_indices, key=key)[:at_most]))
