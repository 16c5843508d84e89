"""A text or a large deck as tensors: each sequence is cut into pieces when it is wanted.

A window's sequence: the answer sign, then what stands in the window; no end. Every piece is
asked for: what came before in the window is the prompt that nobody had to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import overload

from flashcards.cards.card import Deck
from flashcards.cards.large import LargeDeck
from flashcards.cards.text import TextDeck
from flashcards.learner.encoding import Encoding
from flashcards.learner.lengths import N_SIGNS, too_long
from flashcards.learner.settings import SettingsError
from flashcards.learner.tokenizer import ANSWER_ID, END_ID, Tokenizer, learned_ids

N_WINDOWS_KEPT = 8192
N_MEASURED, N_CARDS_MEASURED = 64, 2_000
"""Windows, and cards of a large deck, from which the mean length is taken."""


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
        found.update(*tokenizer.encode_all(list(deck.source.characters)))
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

    def _row(self, row: int) -> list[int]:
        return self._pieces_of(row).copy()


class LargeEncoding(Encoding):
    """The cards of a large deck. Rows are numbered as those of `Encoding`, but that each card has
    room for as many other answers as any card has.
    Raises SettingsError: a card is longer than `max_pieces`.
    """

    def __init__(self, deck: LargeDeck, tokenizer: Tokenizer, max_pieces: int, device: str) -> None:
        self.n_cards = len(deck.cards)
        self._device = device
        cards, n_others = deck.cards, max(1, deck.facts.most_answers - 1)
        self.alternative_rows = _Alternatives(deck, n_others)

        def pieces(row: int) -> tuple[list[int], int]:
            index, place = row, 0
            if row >= self.n_cards:
                index, place = divmod(row - self.n_cards, n_others)
                place += 1
            card = cards[index]
            answer = tokenizer.encode(card.answers[place])
            found = [*tokenizer.encode(card.prompt), ANSWER_ID, *answer, END_ID]
            if len(found) > max_pieces:
                raise SettingsError(too_long(card.line, len(found), max_pieces))
            return found, len(answer) + 1

        self._pieces_of: Callable[[int], tuple[list[int], int]] = lru_cache(N_WINDOWS_KEPT)(pieces)
        if deck.facts.longest_bytes + N_SIGNS > max_pieces:
            for row in range(self.n_cards):  # one of them may be too long
                pieces(row)
        self.lengths = _Counts(self.n_cards, lambda row: len(self._pieces_of(row)[0]))
        self.n_asked = _Counts(self.n_cards, lambda row: self._pieces_of(row)[1])
        characters = deck.facts.answer_characters
        found = {END_ID}.union(*tokenizer.encode_all(list(characters)))
        # any other piece that answers may have is made of their characters
        found.update(
            i for i in learned_ids(tokenizer) if set(tokenizer.plain(i)) <= set(characters)
        )
        self.sayable = sorted(found)
        self._sayable_index = {piece: i for i, piece in enumerate(self.sayable)}
        answers = cards[deck.facts.longest_answer].answers
        self.longest_answer = max(len(tokenizer.encode(answer)) for answer in answers) + 1
        self.measured = deck.taught[:: max(1, len(deck.taught) // N_CARDS_MEASURED)]

    @property
    def pieces_per_card(self) -> float:
        """Mean length of a card in pieces, separator and end included, of some of them."""
        return sum(self.lengths[row] for row in self.measured) / len(self.measured)

    def _row(self, row: int) -> list[int]:
        return self._pieces_of(row)[0].copy()


class _Alternatives(Mapping[int, tuple[int, ...]]):
    """The rows of a card's other answers, of those cards that have some."""

    def __init__(self, deck: LargeDeck, n_others: int) -> None:
        self._deck = deck
        self._n_others = n_others

    def __getitem__(self, index: int) -> tuple[int, ...]:
        n_answers = len(self._deck.cards[index].answers) if self._deck.facts.most_answers > 1 else 1
        if n_answers == 1:
            raise KeyError(index)
        first = len(self._deck.cards) + index * self._n_others
        return tuple(range(first, first + n_answers - 1))

    def __iter__(self) -> Iterator[int]:
        return (i for i in range(len(self._deck.cards)) if i in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


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
    if isinstance(deck, LargeDeck):
        return LargeEncoding(deck, tokenizer, max_pieces, device)
    return Encoding(deck, tokenizer, max_pieces, device)
