"""A text as tensors: each sequence is cut into pieces when it is wanted.

A window's sequence: the answer sign, then what stands in the window; no end. Every piece is
asked for: what came before in the window is the prompt that nobody had to write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import overload

from flashcards.cards.card import Deck
from flashcards.cards.text import TextDeck
from flashcards.learner.encoding import Encoding
from flashcards.learner.tokenizer import ANSWER_ID, Tokenizer, learned_ids

N_WINDOWS_KEPT = 8192
N_MEASURED = 64
"""Windows from which the mean length is taken."""


class TextEncoding(Encoding):
    """The windows of a text. Row i is window i.
    `start`: what stands before a line that the model writes by itself."""

    def __init__(self, deck: TextDeck, tokenizer: Tokenizer, max_pieces: int, device: str) -> None:
        self.n_cards = len(deck.cards)
        self.alternative_rows = {}
        self._device = device
        cards = deck.cards

        def pieces(row: int) -> list[int]:
            return [ANSWER_ID, *tokenizer.encode(cards[row].answer)[: max_pieces - 1]]

        self._pieces_of: Callable[[int], list[int]] = lru_cache(N_WINDOWS_KEPT)(pieces)
        self.lengths = _Counts(self.n_cards, lambda row: len(self._pieces_of(row)))
        self.n_asked = _Counts(self.n_cards, lambda row: len(self._pieces_of(row)) - 1)
        found = set(learned_ids(tokenizer)) if not deck.is_by_character else set()
        found.update(*tokenizer.encode_all(list(deck.cards.characters)))
        self.sayable = sorted(found)
        self._sayable_index = {piece: i for i, piece in enumerate(self.sayable)}
        step = max(1, self.n_cards // N_MEASURED)
        self.measured = range(0, self.n_cards, step)
        measured = [self.lengths[row] for row in self.measured]
        self._mean = sum(measured) / len(measured)
        self.longest_answer = round(self._mean)

    @property
    def pieces_per_card(self) -> float:
        """Mean length of a window in pieces, of some of them."""
        return self._mean

    def sequence(self, row: int) -> list[int]:
        return self._pieces_of(row).copy()


class _Counts(Sequence[int]):
    """A number for each row, found when it is asked for; those of other answers lie beyond."""

    def __init__(self, n_rows: int, of: Callable[[int], int]) -> None:
        self._n_rows = n_rows
        self._of = of

    def __len__(self) -> int:
        return self._n_rows

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> list[int]: ...

    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self._of(row) for row in range(*index.indices(len(self)))]
        return self._of(index)


def encoding_of(deck: Deck, tokenizer: Tokenizer, max_pieces: int, device: str) -> Encoding:
    """The deck's sequences. Raises SettingsError: a card is longer than `max_pieces`."""
    if isinstance(deck, TextDeck):
        return TextEncoding(deck, tokenizer, max_pieces, device)
    return Encoding(deck, tokenizer, max_pieces, device)
