"""Part 2, cards into numbers: a deck as sequences of pieces, and batches cut from them.

A sequence is the prompt's pieces, the answer sign, the answer's pieces, the end:

    France :: Paris     F r a n c e → P a r i s ⏎
    the model reads     F r a n c e → P a r i s        `Batch.ids`, all but the last piece
    it is asked at                  ↑ ↑ ↑ ↑ ↑ ↑        `Batch.asked_at`: what comes next?
    and should say                  P a r i s ⏎        `Batch.targets`

Prompts are never asked for: they teach nothing but what to answer. A text is read in windows, and
every piece of them is asked for (`TextEncoding`). `model.py`, in the next part, reads batches.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple, overload

import torch
from torch import Tensor

from flashcards.cards.card import MAX_CARD_CHARACTERS, Deck
from flashcards.cards.text import TextDeck
from flashcards.learner.lengths import too_long
from flashcards.learner.settings import SettingsError
from flashcards.learner.tokenizer import END_ID, FILLER_ID, Tokenizer, learned_ids

N_TOGETHER = 8  # cards of like length whose states are computed and kept together
N_AT_ONCE = 20_000  # cards cut into pieces at a time: as lists they take ten times the memory


@dataclass(frozen=True)
class Batch:
    """Sequences as the model reads them, and the pieces it is asked for."""

    ids: Tensor  # [B, T] int64, padded at the end
    asked_at: Tensor  # [N] int64, flat indices into B * T: the positions before each answer piece
    targets: Tensor  # [N] int64, answer pieces and ends, row after row, as indices into `sayable`
    row_of: Tensor  # [N] int64, which row each belongs to
    n_asked: tuple[int, ...]  # how many belong to each row
    cards: Encoding | None = None  # a brought model's: where the sequences are from
    rows: tuple[int, ...] = ()  # and which they are there

    def span(self, row: int) -> slice:
        start = sum(self.n_asked[:row])
        return slice(start, start + self.n_asked[row])


class Ends(NamedTuple):
    """The pieces that end an answer, of a brought model, where any of several may."""

    place: int  # the end that is taught, as a place among the sayable pieces
    is_end: Tensor  # [A] bool, which of them end it too


class Encoding:
    """All sequences of a deck, by rows. Row i < n_cards is card i with the answer that is taught.

    Rows from n_cards on are the other accepted answers, `alternative_rows[card_index]`.
    Raises SettingsError: a card is longer than `max_pieces`.

    Attributes:
        sayable: The pieces that answers in this deck use, the end included, in order: what the
            model chooses from. (With all 256 bytes to choose from, an untrained model would only
            say bytes, and its error would not begin at the guessing line.)
        special: Places among them of pieces that no answer has.
        longest_answer: In pieces, the end included.
        measured: The taught cards from which the mean length of an answer is taken.
    """

    def __init__(
        self,
        deck: Deck,
        tokenizer: Tokenizer,
        max_pieces: int,
        device: str,
        sayable: Sequence[int] | None = None,
    ) -> None:
        """`sayable`: another deck's, to grade this one's cards with its model."""
        # -- rows: each card with its first answer, then all other accepted answers
        self.n_cards = len(deck.cards)
        row_cards = list(range(self.n_cards))  # the card of each row
        texts = [card.answer for card in deck.cards]  # its answer
        alternatives: dict[int, tuple[int, ...]] = {}
        self.alternative_rows: Mapping[int, tuple[int, ...]] = alternatives
        for i, card in enumerate(deck.cards):
            if len(card.answers) > 1:
                first = len(texts)
                texts += card.answers[1:]
                row_cards += [i] * (len(card.answers) - 1)
                alternatives[i] = tuple(range(first, len(texts)))
        # -- their pieces
        # One flat array: a list of its own for each of a million rows is ten times the memory.
        self._pieces = array("i")
        self._starts = array("q", (0,))
        lengths: list[int] = []
        n_asked: list[int] = []
        self.lengths: Sequence[int] = lengths
        self.n_asked: Sequence[int] = n_asked
        in_answers = {tokenizer.end_id}  # the pieces that answers use
        if tokenizer.letter_sounds is not None:
            in_answers.add(FILLER_ID)  # of silent letters
        longest_ask = max(len(some_deck.ask) for some_deck in (deck, *deck.earlier))
        n_at_once = N_AT_ONCE * MAX_CARD_CHARACTERS // (MAX_CARD_CHARACTERS + longest_ask)
        for start in range(0, len(texts), n_at_once):
            cards = row_cards[start : start + n_at_once]
            prompt_texts = deck.read_prompts(cards)
            prompts = tokenizer.prompts(prompt_texts)
            answers = tokenizer.answers(texts[start : start + n_at_once], prompt_texts)
            for i, prompt, answer in zip(cards, prompts, answers, strict=True):
                row = [*prompt, *tokenizer.sign, *answer, tokenizer.end_id]
                if len(row) > max_pieces:
                    raise SettingsError(too_long(deck.cards[i].line, len(row), max_pieces))
                self._pieces.extend(row)
                self._starts.append(len(self._pieces))
                lengths.append(len(row))
                n_asked.append(len(answer) + 1)  # the end is asked for, too
            if sayable is None and not tokenizer.chooses_from_all:
                in_answers.update(*answers)
        self.measured: Sequence[int] = deck.taught
        self.longest_answer = max(self.n_asked)
        # -- the pieces that the model chooses from
        if tokenizer.chooses_from_all:
            sayable = range(tokenizer.n_vocabulary)
        self._choose(sorted(in_answers) if sayable is None else sayable, tokenizer.special)
        self._end_id = tokenizer.end_id
        self._device = device
        self._is_brought = tokenizer.chooses_from_all

    def _choose(self, sayable: Sequence[int], special: Collection[int]) -> None:
        self.sayable = sayable
        self._sayable_index = {piece: i for i, piece in enumerate(sayable)}
        self.special = [self._sayable_index[i] for i in special if i in self._sayable_index]

    @property
    def pieces_per_card(self) -> float:
        """Mean length of the deck's cards in pieces, separator and end included."""
        return sum(self.lengths[: self.n_cards]) / self.n_cards

    def batch(self, rows: Sequence[int]) -> Batch:
        """The rows as one batch, trimmed to the longest of them."""
        batch = self.packed(list(map(self.sequence, rows)), [self.n_asked[row] for row in rows])
        return replace(batch, cards=self, rows=tuple(rows)) if self._is_brought else batch

    def packed(self, sequences: Sequence[list[int]], asked_of: Sequence[int]) -> Batch:
        """Any sequences of pieces, of which the last `asked_of` each are asked and sayable."""
        return batch_of(sequences, asked_of, self._sayable_index, self._device, self._end_id)

    def prompt(self, card_index: int) -> list[int]:
        return self.sequence(card_index)[: -self.n_asked[card_index]]

    def sequence(self, row: int) -> list[int]:
        """Its prompt, the answer sign, its answer, the end."""
        return self._pieces[self._starts[row] : self._starts[row + 1]].tolist()

    @cached_property
    def _by_length(self) -> tuple[list[int], dict[int, int]]:
        """All rows, those of like length together; the place of each among them."""
        rows = sorted(range(len(self.lengths)), key=lambda row: (self.lengths[row], row))
        return rows, {row: place for place, row in enumerate(rows)}

    def group_of(self, row: int) -> list[int]:
        """The rows that are always read together with this one; it is among them."""
        rows, places = self._by_length
        first = places[row] // N_TOGETHER * N_TOGETHER
        return rows[first : first + N_TOGETHER]

    def ids_of(self, rows: Sequence[int]) -> Tensor:
        """[B, T] what a model reads of these rows, padded at the end."""
        return self.packed(list(map(self.sequence, rows)), [self.n_asked[row] for row in rows]).ids

    def chunks(self, rows: Sequence[int], n_pieces: int) -> Iterator[list[int]]:
        """Places in `rows`, those of like length together, about `n_pieces` padded pieces each."""
        return chunks_of([self.lengths[row] for row in rows], n_pieces)


def batch_of(
    sequences: Sequence[list[int]],
    asked_of: Sequence[int],
    index_of: Mapping[int, int],
    device: str,
    padding_id: int = END_ID,
) -> Batch:
    """The sequences of pieces as one batch; of each the last `asked_of` are asked.
    `index_of`: the place of a piece among the sayable ones."""
    n_asked = tuple(asked_of)
    n_pieces = max(map(len, sequences)) - 1
    ids: list[int] = []
    asked_at: list[int] = []
    row_of: list[int] = []
    answers: list[int] = []
    padding = [padding_id] * n_pieces
    for i, (sequence, n) in enumerate(zip(sequences, n_asked, strict=True)):
        n_read = len(sequence) - 1  # the last piece is only asked for
        ids += sequence[:-1]
        ids += padding[n_read:]
        end = i * n_pieces + n_read
        asked_at += range(end - n, end)  # each stands one before the piece that it asks for
        answers += sequence[-n:]
        row_of += (i,) * n
    return Batch(
        as_int64(ids).to(device).view(len(n_asked), n_pieces),
        as_int64(asked_at).to(device),
        as_int64([index_of[piece] for piece in answers]).to(device),
        as_int64(row_of).to(device),
        n_asked,
    )


def as_int64(numbers: Sequence[int]) -> Tensor:
    """The numbers as [N] int64, at least one: `torch.tensor` takes ten times as long."""
    return torch.frombuffer(array("q", numbers), dtype=torch.int64)


def chunks_of(lengths: Sequence[int], n_pieces: int) -> Iterator[list[int]]:
    """Places of sequences, those of like length together, about `n_pieces` padded pieces each."""
    chunk: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):  # so little is padded
        if chunk and (len(chunk) + 1) * lengths[place] > n_pieces:
            yield chunk
            chunk = []
        chunk.append(place)
    if chunk:
        yield chunk


# -- a text that is read

N_WINDOWS_KEPT = 8192  # as pieces, for when they are read again
N_MEASURED = 64  # windows from which the mean length is taken


class TextEncoding(Encoding):
    """The windows of a text, cut into pieces when they are wanted. Row i is window i. A sequence is
    the answer sign and what stands in the window; no end. Every piece is asked for."""

    def __init__(self, deck: TextDeck, tokenizer: Tokenizer, max_pieces: int, device: str) -> None:
        self.n_cards = len(deck.cards)
        self.alternative_rows = {}
        self._device = device
        self._is_brought = False  # a window is long, and rarely read again
        cards = deck.cards

        def pieces(row: int) -> list[int]:
            return [tokenizer.start_id, *tokenizer.encode(cards[row].answer)[: max_pieces - 1]]

        self._pieces_of: Callable[[int], list[int]] = lru_cache(N_WINDOWS_KEPT)(pieces)
        self.lengths = _Counts(self.n_cards, lambda row: len(self._pieces_of(row)))
        self.n_asked = _Counts(self.n_cards, lambda row: len(self._pieces_of(row)) - 1)
        self._end_id = tokenizer.end_id
        if tokenizer.chooses_from_all:
            self._choose(range(tokenizer.n_vocabulary), tokenizer.special)
        else:
            in_text = set(learned_ids(tokenizer)) if not deck.is_by_character else set()
            in_text.update(*tokenizer.encode_all(list(deck.cards.characters)))
            self._choose(sorted(in_text), tokenizer.special)
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
    """A number for each row, computed when it is wanted; those of other answers lie beyond."""

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
