"""A deck of millions of cards: each is read from the file when it is wanted, by an index beside it.

The index is built once, in `indexing`; of the cards themselves none is kept in memory.
"""

from __future__ import annotations

import os
import struct
import sys
import weakref
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from io import BufferedReader
from itertools import compress
from pathlib import Path
from typing import Any

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards.card import Card, Deck, UnreadCards, card_id
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.format import group_of
from flashcards.cards.front_matter import FrontMatter
from flashcards.cards.grammar import split_lines
from flashcards.cards.printable import printable
from flashcards.cards.reading import Reader

INDEX_SUFFIX = ".index"
MAGIC = f"flashcards {sys.byteorder} 1".encode().ljust(32, b"\0")
HEAD = struct.Struct("<32sQQ")
"""Magic, length of the facts, CRC-32 of all that follows."""

HELD_OUT, BACKWARD, BLOCK, REPEATED, MARKED = 1, 2, 4, 8, 16
"""Bits of a card's flags."""

N_CARDS_KEPT = 4096
HASH_BASE = 0x9E3779B97F4A7C15
HASH_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_MASK = (1 << 64) - 1
_IS_HELD_OUT = bytes(flags & HELD_OUT for flags in range(256))
_IS_TAUGHT = bytes(1 - (flags & HELD_OUT) for flags in range(256))
Report = Callable[[int, int], None]
"""Told how many bytes of how many were read."""


class IndexFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a large deck as a whole.

    Attributes:
        n_bytes, mtime_ns, sha256: Of the file that was read.
        n_repeated: Cards whose prompt an earlier card has.
        sections: (first card, name) of each stretch of cards with one section.
        characters, answer_characters: Those of prompts and answers, and of answers, in order.
        n_characters: Of all prompts and taught answers.
        longest: The card with most bytes; `longest_answer` the one with the longest answer.
        longest_bytes: Of that card, prompt and longest answer.
        most_answers: Of one card.
        floor_nats: As `audit.floor_nats` gives it.
        problems: The first ones; `counts` has the number of each kind.
    """

    n_bytes: int
    mtime_ns: int
    sha256: str
    front: FrontMatter
    is_tabbed: bool
    n_cards: int
    n_held_out: int
    n_repeated: int
    sections: tuple[tuple[int, str], ...]
    characters: str
    answer_characters: str
    n_characters: int
    longest: int
    longest_answer: int
    longest_bytes: int
    most_answers: int
    floor_nats: float
    problems: tuple[Diagnostic, ...]
    counts: dict[str, int]


def arrays_of(body: memoryview, facts: IndexFacts) -> list[memoryview]:
    """The arrays of an index: starts, lines, hashes, cards by hash, repeated cards, occurrences
    (32 bits each), flags (8 bits)."""
    n, n_repeated = facts.n_cards, facts.n_repeated
    arrays, at = [], 0
    for n_values in (n, n, n, n, n_repeated, n_repeated):
        arrays.append(body[at : at + 4 * n_values].cast("I"))
        at += 4 * n_values
    return [*arrays, body[at:]]


class DeckChangedError(UserError):
    """The file of a large deck is another one now."""

    def __init__(self, path: Path) -> None:
        name = printable(path.name)
        super().__init__(
            f"{name} was changed while its cards were read; put it back as it was, or begin anew"
        )


class LargeCards(UnreadCards):
    """The cards of a large deck, each read when it is asked for.
    Raises DeckChangedError: a card is asked for and the file was changed."""

    def __init__(
        self, path: Path, file: BufferedReader, facts: IndexFacts, arrays: Sequence[memoryview]
    ) -> None:
        """`arrays`: those of the index, as `arrays_of` lists them."""
        self.path = path
        self.facts = facts
        self._file = file
        weakref.finalize(self, file.close)
        self._starts, self._lines, self._hashes, self._by_hash, *rest = arrays
        self._repeated, self._occurrences, self.flags = rest
        self._section_starts = [start for start, _ in facts.sections]
        self.card = lru_cache(N_CARDS_KEPT)(self._read)

    def __len__(self) -> int:
        return self.facts.n_cards

    @cached_property
    def taught(self) -> array[int]:
        """Indices of the taught cards: four bytes each."""
        return self._side(_IS_TAUGHT)

    @cached_property
    def never_seen(self) -> array[int]:
        return self._side(_IS_HELD_OUT)

    def _side(self, table: bytes) -> array[int]:
        return array("I", compress(range(len(self)), self.flags.tobytes().translate(table)))

    def sample(self, at_most: int, *, is_never_seen: bool) -> tuple[int, ...]:
        """At most so many cards of one side, chosen by hash of their prompts, in order."""
        chosen: list[int] = []
        for index in self._by_hash:
            if len(chosen) == at_most:
                break
            if bool(self.flags[index] & HELD_OUT) == is_never_seen:
                chosen.append(index)
        return tuple(sorted(chosen))

    def find(self, prompt: str) -> list[int]:
        """The cards with this prompt, in the order of the deck."""
        wanted = hash_of(prompt.encode("utf-8", "surrogatepass")) >> 32
        low = bisect_left(self._hashes, wanted)
        high = bisect_right(self._hashes, wanted, low)
        return sorted(i for i in self._by_hash[low:high] if self[i].prompt == prompt)

    def _read(self, index: int) -> Card:
        facts, flags, line = self.facts, self.flags[index], self._lines[index]
        found = os.fstat(self._file.fileno())
        if (found.st_size, found.st_mtime_ns) != (facts.n_bytes, facts.mtime_ns):
            raise DeckChangedError(self.path)
        reader = Reader(facts.front, is_tabbed=facts.is_tabbed)
        self._file.seek(self._starts[index])
        while not reader.cards:
            data = self._file.readline()
            parts = split_lines(data.decode("utf-8", "replace"))
            for raw in parts if flags & BLOCK else parts[:1]:
                reader.read(raw.rstrip("\r\n"), line)
            if not (flags & BLOCK and data):
                break
        reader.finish()
        if not reader.cards:
            raise DeckChangedError(self.path)
        card = reader.cards[0]
        prompt, answers = card.prompt, tuple(card.answers)
        if flags & BACKWARD:
            prompt, answers = answers[0], (prompt,)
        section = ""
        if self._section_starts:
            place = bisect_right(self._section_starts, index) - 1
            section = facts.sections[place][1] if place >= 0 else ""
        occurrence = 0
        if flags & REPEATED:
            occurrence = self._occurrences[bisect_left(self._repeated, index)]
        return Card(
            id=card_id(prompt, occurrence),
            prompt=prompt,
            answers=answers,
            section=section,
            is_never_seen=bool(flags & HELD_OUT),
            group=group_of(card.prompt, section, facts.front),
            line=line,
        )


class LargeDeck(Deck, frozen=True, kw_only=True):
    """A deck whose cards stay in its file."""

    cards: Any
    """`LargeCards`: a sequence of cards that is none in memory."""

    @property
    def facts(self) -> IndexFacts:
        facts: IndexFacts = self.cards.facts
        return facts

    @property
    def taught(self) -> Sequence[int]:
        taught: Sequence[int] = self.cards.taught
        return taught

    @property
    def never_seen(self) -> Sequence[int]:
        """Indices of the cards that are asked and never taught."""
        never_seen: Sequence[int] = self.cards.never_seen
        return never_seen

    @property
    def section_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, name in self.facts.sections if name))

    @property
    def sha256(self) -> str:
        """Hash of the file, 64 hex digits."""
        return self.facts.sha256


def index_paths(path: Path) -> tuple[Path, Path]:
    """Where the index of a deck file may be: beside it, or where that can't be written."""
    import hashlib

    import platformdirs

    cache = Path(platformdirs.user_cache_dir("flashcards")) / "indexes"
    place = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return path.with_name(path.name + INDEX_SUFFIX), cache / f"{path.stem}-{place}{INDEX_SUFFIX}"


def hash_of(data: bytes) -> int:
    """64 bits of these bytes: a polynomial modulo 2**64, mixed. `indexing` does many at once."""
    total, power = 0, 1
    for byte in data:
        total += (byte + 1) * power
        power = power * HASH_BASE & _MASK
    total &= _MASK
    total ^= total >> 32
    total = total * HASH_MIX[0] & _MASK
    total ^= total >> 29
    total = total * HASH_MIX[1] & _MASK
    return total ^ total >> 32
