"""Builds the index of a large deck: a pass over its file, and what all of its cards add up to.

The index appears whole, by a rename, or not at all.
"""

from __future__ import annotations

import contextlib
import math
import os
import stat
import tempfile
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from flashcards.base.system import open_at_once
from flashcards.cards.audit import exact_problems
from flashcards.cards.card import Card
from flashcards.cards.deck_pass import TYPES, DeckPass
from flashcards.cards.diagnostics import Diagnostic, diagnostic, in_order, too_long
from flashcards.cards.format import whole_deck_problems
from flashcards.cards.large import (
    HEAD,
    HELD_OUT,
    MAGIC,
    MARKED,
    REPEATED,
    IndexFacts,
    LargeCards,
    Report,
    index_paths,
)
from flashcards.cards.plain_lines import Bytes, Hashes, Places, ascii_of
from flashcards.cards.shelf import DeckUnusable, refusal


def build(path: Path, report: Report) -> Path:
    """Build the index of this deck file; where it is.
    Raises DeckUnusable: the file can't be read, is no UTF-8 text, or no place takes the index."""
    try:
        with open_at_once(path) as file:
            read = DeckPass(path, file)
            read.go(report)
            now = os.fstat(file.fileno())
            if (now.st_size, now.st_mtime_ns) != (read.stat.st_size, read.stat.st_mtime_ns):
                text = "the deck was changed while its index was built; try again"
                raise DeckUnusable(path, (diagnostic("unreadable", 1, 1, text),))
            facts, arrays = _added_up(path, file, read)
    except OSError as error:
        raise DeckUnusable(path, (refusal(error, path),)) from None
    for place in index_paths(path):
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, facts, arrays, stat.S_IMODE(read.stat.st_mode))
            return place
    text = f"no index can be written, neither beside the deck nor in {index_paths(path)[1].parent}"
    raise DeckUnusable(path, (diagnostic("unreadable", 1, 1, text),))


def _write(place: Path, facts: IndexFacts, arrays: list[NDArray[Any]], mode: int) -> None:
    data = msgspec.json.encode(facts)
    data += b" " * (-len(data) % 8)
    crc = zlib.crc32(data)
    for one in arrays:
        crc = zlib.crc32(one.data.cast("B"), crc) if one.size else crc
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(HEAD.pack(MAGIC, len(data), crc) + data)
            for one in arrays:
                file.write(one.data.cast("B") if one.size else b"")
        os.chmod(temporary, mode)  # who may read the deck may read it
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _added_up(
    path: Path, file: BufferedReader, read: DeckPass
) -> tuple[IndexFacts, list[NDArray[Any]]]:
    """What is known of the deck as a whole, and the arrays of its index as `arrays_of` has them."""
    joined: list[NDArray[Any]] = []
    for part, kind in zip(read.parts, TYPES, strict=True):
        joined.append(np.concatenate([np.zeros(0, kind), *part]))
        part.clear()
    starts, lines, flags, hashes, keys = joined
    flags |= _held_out(keys, flags, read.front.meta.held_out)
    del keys, joined
    by_hash = np.argsort(hashes, kind="stable").astype(np.uint32)
    hashes = hashes[by_hash]
    same = np.flatnonzero(hashes[1:] == hashes[:-1])
    arrays = [starts, lines, (hashes >> np.uint64(32)).astype(np.uint32), by_hash]
    del hashes
    nothing = np.zeros(0, np.uint32)
    n = read.n_cards
    facts = IndexFacts(
        n_bytes=read.stat.st_size,
        mtime_ns=read.stat.st_mtime_ns,
        sha256=read.sha256.hexdigest(),
        front=read.front,
        is_tabbed=read.is_tabbed,
        n_cards=n,
        n_held_out=0,
        n_repeated=0,
        sections=tuple({at: name for at, name in read.sections if at < n}.items()),
        characters="".join(sorted(read.characters.union(*map(ascii_of, read.used)))),
        answer_characters="".join(sorted(read.answer_characters.union(ascii_of(read.used[1])))),
        n_characters=read.n_characters,
        longest=read.longest[1],
        longest_answer=read.longest_answer[1],
        longest_bytes=read.longest[0],
        most_answers=read.most_answers,
        floor_nats=0.0,
        problems=(),
        counts={},
    )
    views = [one.data for one in (*arrays, nothing, nothing, flags)]
    cards = LargeCards(path, file, facts, views)
    repeated, occurrences, entropy = _repeats(cards, flags, by_hash, same, read.note)
    n_held_out = int(np.count_nonzero(flags & HELD_OUT))
    first = int(lines[int(np.argmax(flags & HELD_OUT))]) if n_held_out else 1
    read.note(whole_deck_problems(n, n_held_out, first, read.front, too_long(read.problems)))
    facts = msgspec.structs.replace(
        facts,
        n_held_out=n_held_out,
        n_repeated=len(repeated),
        floor_nats=entropy / (n - n_held_out) if n > n_held_out else 0.0,
        problems=in_order(read.problems),
        counts=dict(read.counts),
    )
    return facts, [*arrays, repeated, occurrences, flags]


def _held_out(keys: Hashes, flags: Bytes, share: float) -> Bytes:
    """`HELD_OUT` for each card whose group is: by its share, or because one of it is marked."""
    held = np.zeros(len(keys), np.bool_)
    if share > 0:
        held |= (keys >> np.uint64(11)).astype(np.float64) / (1 << 53) < share
    marked = flags & MARKED > 0
    if marked.any():
        held |= np.isin(keys, np.unique(keys[marked]))
    return held.astype(np.uint8) * np.uint8(HELD_OUT)


def _repeats(
    cards: LargeCards,
    flags: Bytes,
    by_hash: NDArray[np.uint32],
    same: Places,
    note: Callable[[Sequence[Diagnostic]], None],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], float]:
    """The cards whose prompt an earlier one has and which occurrence they are, in order; and the
    entropy of taught answers to one prompt, in nats, summed over cards.

    A prompt that is kept back anywhere is taught nowhere. `same`: places in `by_hash` whose hash
    the next one has.
    """
    repeated, occurrences = array("I"), array("I")
    entropy = 0.0
    runs = np.split(same, np.flatnonzero(np.diff(same) > 1) + 1) if len(same) else []
    for run in runs:
        of_prompt: dict[str, list[tuple[int, Card]]] = defaultdict(list)
        for index in by_hash[run[0] : run[-1] + 2].tolist():
            card = cards[index]
            of_prompt[card.prompt].append((index, card))
        for found in of_prompt.values():
            if len(found) == 1:
                continue
            indices, group = [index for index, _ in found], [card for _, card in found]
            repeated.extend(indices[1:])
            occurrences.extend(range(1, len(indices)))
            is_held = any(flags[index] & HELD_OUT for index in indices)
            flags[indices] |= np.uint8(HELD_OUT if is_held else 0)
            flags[indices[1:]] |= np.uint8(REPEATED)
            is_marked = [bool(flags[index] & MARKED) for index in indices]
            note(exact_problems(group, is_marked, [1] * len(group)))
            if not is_held:
                counts = Counter(card.answer for card in group)
                entropy -= sum(n * math.log(n / len(group)) for n in counts.values())
    in_deck, nth = np.array(repeated, np.uint32), np.array(occurrences, np.uint32)
    order = np.argsort(in_deck)
    return in_deck[order], nth[order], entropy
