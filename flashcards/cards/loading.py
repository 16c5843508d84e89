"""Opens a deck that is too large for the memory, and builds its index where there is none."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import struct
import zlib
from pathlib import Path

import msgspec

from flashcards.base.system import open_at_once
from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import CODES, diagnostic
from flashcards.cards.large import (
    HEAD,
    MAGIC,
    IndexFacts,
    LargeCards,
    LargeDeck,
    Report,
    arrays_of,
    index_paths,
)
from flashcards.cards.printable import printable
from flashcards.cards.shelf import LARGE_SUFFIX, MAX_FILE_BYTES, DeckUnusable, opened

LARGE_BYTES = MAX_FILE_BYTES
"""A deck file above this is large: it is not read into memory."""

MAX_LARGE_BYTES = (1 << 32) - 1
"""Places in the file have 32 bits."""

N_LEAKS_ASKED = 2_000
"""Never-seen cards for which `check` looks for a taught one that gives them away."""

_OPERATION = re.compile(r"(\w+)(\s*[+*×·⋅]\s*)(\w+)")


class Elsewhere(msgspec.Struct, frozen=True):
    """Where a large deck is, and what it was when its run began."""

    path: str
    sha256: str


def is_large(path: Path) -> bool:
    """Whether this deck file is too large to be read into memory, or stands for one that is."""
    try:
        return path.suffix == LARGE_SUFFIX or path.stat().st_size > LARGE_BYTES
    except (OSError, ValueError):
        return False


def load_large(path: Path, report: Report = lambda done, total: None) -> LargeDeck:
    """The deck of a large file, or of the file in a run folder that says where it is.

    `report` is told how far an index is that has to be built first.
    Raises DeckUnusable: it can't be read, has a fatal problem, or is not what a run was taught.
    """
    if path.suffix != LARGE_SUFFIX:
        return _loaded(path, report)
    try:
        where = msgspec.json.decode(path.read_bytes(), type=Elsewhere)
    except (OSError, msgspec.DecodeError) as error:
        text = printable(str(error))
        raise DeckUnusable(path, (diagnostic("unreadable", 1, 1, text),)) from None
    deck = _loaded(Path(where.path), report)
    if deck.sha256 != where.sha256:
        text = "the deck was changed since the run began, and is too large for a copy in the run"
        raise DeckUnusable(Path(where.path), (diagnostic("unreadable", 1, 1, text),))
    return deck


def known_facts(path: Path) -> IndexFacts | None:
    """What the index of a large file says; None where it has none yet."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return next((index[0] for at in index_paths(path) if (index := _opened(at, found))), None)


def n_errors_of(facts: IndexFacts) -> int:
    """How many of the deck's problems are no warnings."""
    return sum(n for code, n in facts.counts.items() if CODES[code].level != "warning")


def _loaded(path: Path, report: Report) -> LargeDeck:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(opened(path))
        facts, arrays = _index_of(path, os.fstat(file.fileno()), report)
        if any(problem.level == "fatal" for problem in facts.problems):
            raise DeckUnusable(path, facts.problems)
        stack.pop_all()
    return LargeDeck(
        slug=path.stem,
        meta=facts.front.meta,
        wishes=facts.front.wishes,
        cards=LargeCards(path, file, facts, arrays),
    )


def _index_of(
    path: Path, found: os.stat_result, report: Report
) -> tuple[IndexFacts, list[memoryview]]:
    """The index of this file, which is built if there is none."""
    if found.st_size > MAX_LARGE_BYTES:
        text = f"larger than {(MAX_LARGE_BYTES + 1) >> 30} GB; split it into several decks"
        raise DeckUnusable(path, (diagnostic("too-big", 1, 1, text),))
    for place in index_paths(path):
        if index := _opened(place, found):
            return index
    from flashcards.cards.indexing import build

    if index := _opened(build(path, report), found):
        return index
    text = "the deck was changed while its index was built; try again"
    raise DeckUnusable(path, (diagnostic("unreadable", 1, 1, text),))


def _opened(index: Path, deck: os.stat_result) -> tuple[IndexFacts, list[memoryview]] | None:
    """The facts and arrays of an index; None where it is of another file, or damaged."""
    try:
        with open_at_once(index) as file:
            magic, n_facts, crc = HEAD.unpack(file.read(HEAD.size))
            if magic != MAGIC or n_facts > os.fstat(file.fileno()).st_size:
                return None
            data = file.read(n_facts)
            facts = msgspec.json.decode(data, type=IndexFacts)
            if (facts.n_bytes, facts.mtime_ns) != (deck.st_size, deck.st_mtime_ns):
                return None
            n_body = 0
            found = zlib.crc32(data)
            while block := file.read(1 << 20):
                found = zlib.crc32(block, found)
                n_body += len(block)
            if found != crc or n_body != 17 * facts.n_cards + 8 * facts.n_repeated:
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, struct.error, msgspec.DecodeError):
        return None
    return facts, arrays_of(memoryview(mapped)[HEAD.size + n_facts :], facts)


def leaks_asked(deck: LargeDeck) -> Deck:
    """Some never-seen cards and the taught ones that may give them away, for `audit.leaks`.

    Those with the prompt reversed, its operands swapped, or another letter case.
    """
    asked = deck.cards.sample(N_LEAKS_ASKED, is_never_seen=True)
    near: set[int] = set()
    for card in (deck.cards[i] for i in asked):
        swapped = _OPERATION.sub(r"\3\2\1", card.prompt)
        forms = {card.answer, swapped, card.prompt.lower(), card.prompt.capitalize()}
        for prompt in forms - {card.prompt}:
            near.update(i for i in deck.cards.find(prompt) if not deck.cards[i].is_never_seen)
    cards = tuple(deck.cards[i] for i in sorted(near.union(asked)))
    return Deck(slug=deck.slug, meta=deck.meta, cards=cards)
