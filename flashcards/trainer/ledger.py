"""The trainer's record of each card: how often it was taught, and how it was answered then."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from flashcards.runs.marks import NOT_ASKED, ONE_OFF, RIGHT, WRONG

N_HISTORY = 31  # Marks kept a card: two bits each in one 64-bit number

_LETTERS = {WRONG: "w", ONE_OFF: "n", RIGHT: "r"}
_HISTORY_MASK = (1 << 2 * N_HISTORY) - 1

BYTES_A_CARD = 20


class CardLedger:
    """The record of each card, by card index.

    A taught card is marked when it is taught, as it was answered just before; a never-taught one is
    marked in the exams that ask it.

    Attributes:
        first_right: The step of its first right mark, plus one; 0 while it has none.
        n_forgotten: How often a right mark was followed by one that was not.
        before: The mark of each card before it was taught, of a model that others have trained;
            None of others.
        recent: Its last `N_HISTORY` marks as in `runs.marks`, two bits each, the newest lowest.
    """

    def __init__(self, n_cards: int) -> None:
        self.times_seen = array("I", bytes(4 * n_cards))
        self.first_right = array("I", bytes(4 * n_cards))
        self.n_forgotten = array("I", bytes(4 * n_cards))
        self.recent = array("Q", bytes(8 * n_cards))
        self.before: bytearray | None = None

    @property
    def known_before(self) -> frozenset[int]:
        return frozenset(i for i, mark in enumerate(self.before or b"") if mark == RIGHT)

    def studied(self, card_indices: Sequence[int], marks: bytes, step: int) -> None:
        """These cards were taught once more, in update `step`; `marks` as answered just before."""
        times_seen = self.times_seen
        for card_index in card_indices:
            times_seen[card_index] += 1
        self._mark(card_indices, marks, step)

    def examined(self, card_indices: Sequence[int], deck_marks: Sequence[int], step: int) -> None:
        """An exam after update `step` marked the deck so, one byte a card.
        Of these cards, the never-taught ones, those it asked get their mark."""
        graded = [i for i in card_indices if deck_marks[i] != NOT_ASKED]
        self._mark(graded, bytes([deck_marks[i] for i in graded]), step)

    def _mark(self, card_indices: Sequence[int], marks: bytes, step: int) -> None:
        recent, first_right = self.recent, self.first_right
        for card_index, mark in zip(card_indices, marks, strict=True):
            before = recent[card_index]
            if mark == RIGHT:
                if not first_right[card_index]:
                    first_right[card_index] = step + 1
            elif before & 3 == RIGHT:
                self.n_forgotten[card_index] += 1
            recent[card_index] = (before << 2 | mark) & _HISTORY_MASK

    def history(self, card_index: int) -> str:
        """The card's last 31 marks, oldest first: r right, n one piece off, w wrong."""
        packed = self.recent[card_index]
        letters = []
        while packed & 3 != NOT_ASKED:
            letters.append(_LETTERS[packed & 3])
            packed >>= 2
        return "".join(reversed(letters))

    def first_right_step(self, card_index: int) -> int | None:
        return self.first_right[card_index] - 1 if self.first_right[card_index] else None

    def n_relearned(self, card_index: int) -> int:
        """Count how often the card was right again after it was forgotten.
        Every forgetting but the last was, or it could not have been forgotten again."""
        n_forgotten = self.n_forgotten[card_index]
        if n_forgotten and self.recent[card_index] & 3 != RIGHT:
            return n_forgotten - 1
        return n_forgotten

    def remapped(self, before: Sequence[int | None]) -> CardLedger:
        """The ledger of a changed deck: for each of its cards, what was kept of its old index.
        A card that had none begins with nothing."""
        ledger = CardLedger(len(before))
        if self.before is not None:
            ledger.before = bytearray(0 if i is None else self.before[i] for i in before)
        for old, new in zip(self._columns, ledger._columns, strict=True):
            for card_index, old_index in enumerate(before):
                if old_index is not None:
                    new[card_index] = old[old_index]
        return ledger

    @property
    def _columns(self) -> tuple[array[int], ...]:
        return self.times_seen, self.first_right, self.n_forgotten, self.recent

    def to_bytes(self) -> bytes:
        return b"".join(numbers.tobytes() for numbers in self._columns)

    @classmethod
    def from_bytes(cls, saved: bytes, n_cards: int) -> CardLedger:
        """Read what `to_bytes` gave.
        Raises ValueError: it is for another number of cards."""
        if len(saved) != BYTES_A_CARD * n_cards:
            raise ValueError(f"the saved ledger is not of {n_cards} cards")
        ledger = cls(0)
        start = 0
        for numbers in ledger._columns:
            end = start + numbers.itemsize * n_cards
            numbers.frombytes(saved[start:end])
            start = end
        return ledger
