"""Plain lines of a deck, all of a block at a time: `prompt :: answer` in letters as they are.

Nearly every line of a large deck is one. numpy finds prompt and answer in them and hashes the
prompts; the cards are those that `reading.Reader` gives.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flashcards.cards.large import HASH_BASE, HASH_MIX, hash_of
from flashcards.cards.split import commuted

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_IS_BAD = np.array([(not 0x20 <= i < 0x7F and i != 10) or i in b"|\\" for i in range(256)])
"""Bytes for which a line is no plain one, and those it must not begin with."""
_IS_BAD_FIRST = np.array([i in b"#[? " for i in range(256)])


def plain_lines(
    b: Bytes, starts: Places, line_ends: Places, max_characters: int
) -> tuple[Flags, list[Places]]:
    """Which lines are plain cards, and of each line the four places in `b` where its prompt and its
    answer begin and end. `line_ends`: where the line feeds are, or the end."""
    n = len(starts)
    ends = line_ends - ((b[line_ends - 1] == 13) & (line_ends > starts))
    colons = np.flatnonzero(b == 58)
    first_colon = np.searchsorted(colons, starts)
    n_colons = np.diff(np.append(first_colon, len(colons)))
    n_bad = np.add.reduceat(_IS_BAD[b], starts, dtype=np.int32) - (ends != line_ends)
    is_plain = (n_colons == 2) & (n_bad == 0) & ~_IS_BAD_FIRST[b[starts]]
    kept = np.flatnonzero(is_plain)
    at = colons[first_colon[kept]]
    start, end = starts[kept], ends[kept]
    last = len(b) - 1
    good = (at - 1 > start) & (at + 3 < end) & (b[at - 1] == 32)
    good &= (b[np.minimum(at + 1, last)] == 58) & (b[np.minimum(at + 2, last)] == 32)
    kept, at, start, end = kept[good], at[good], start[good], end[good]
    prompt_end, answer_start = at - 1, at + 3
    while len(more := np.flatnonzero((prompt_end > start) & (b[prompt_end - 1] == 32))):
        prompt_end[more] -= 1
    while len(more := np.flatnonzero((end > answer_start) & (b[end - 1] == 32))):
        end[more] -= 1
    while len(
        more := np.flatnonzero((end > answer_start) & (b[np.minimum(answer_start, last)] == 32))
    ):
        answer_start[more] += 1
    size = prompt_end - start + end - answer_start
    good = (end > answer_start) & (prompt_end > start) & (size <= max_characters)
    is_plain[:] = False
    is_plain[kept[good]] = True
    spans = []
    for values in (start, prompt_end, answer_start, end):
        span = np.zeros(n, np.int64)
        span[kept] = values
        spans.append(span)
    return is_plain, spans


class Hasher:
    """`large.hash_of` for many stretches of a block at once."""

    def __init__(self, block_bytes: int) -> None:
        steps = np.full(block_bytes, HASH_BASE, np.uint64)
        steps[0] = 1
        self._powers: Hashes = np.cumprod(steps, dtype=np.uint64)
        steps[1:] = pow(HASH_BASE, -1, 1 << 64)
        self._inverses: Hashes = np.cumprod(steps, dtype=np.uint64)

    def hashes(self, b: Bytes, starts: Places, ends: Places) -> Hashes:
        """`hash_of` for each of these stretches: differences of running sums."""
        sums = np.zeros(len(b) + 1, np.uint64)
        if len(b) > len(self._powers):  # one long line
            return np.array(
                [hash_of(b[s:e].tobytes()) for s, e in zip(starts, ends, strict=True)], np.uint64
            )
        np.cumsum((b.astype(np.uint64) + np.uint64(1)) * self._powers[: len(b)], out=sums[1:])
        found = (sums[ends] - sums[starts]) * self._inverses[starts]
        found ^= found >> np.uint64(32)
        found *= np.uint64(HASH_MIX[0])
        found ^= found >> np.uint64(29)
        found *= np.uint64(HASH_MIX[1])
        return found ^ found >> np.uint64(32)


def count_bytes(counts: Places, b: Bytes, starts: Places, ends: Places) -> None:
    """Add to `counts` how often each byte stands in these stretches, which do not overlap."""
    edges = np.zeros(len(b) + 1, np.int8)
    edges[starts] += 1
    edges[ends] -= 1
    inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
    counts += np.bincount(b[inside], minlength=256)


def ascii_of(counts: NDArray[np.int64]) -> str:
    return bytes(np.flatnonzero(counts).tolist()).decode()


def commuted_bytes(prompt: bytes) -> bytes:
    """`commuted` of a plain prompt; most are one operation, which is quickly seen."""
    for operator in (b"+", b"*"):
        first, sign, second = prompt.partition(operator)
        if sign and first.isalnum() and second.isalnum():
            return prompt if first <= second else second + operator + first
    return commuted(prompt.decode()).encode()
