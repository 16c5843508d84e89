"""The index of a run's log, a file that spares reading a long log again. Never the truth.

It can be deleted at any time: `runs.recording` makes it anew from the log. What does not fit the
log, or was written by another version, is as if it were not there.
"""

from __future__ import annotations

import itertools
import os
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec

from flashcards.runs.cursor import PROOF_BYTES, Segment
from flashcards.runs.files import read_file, write_atomically
from flashcards.runs.markers import FoundMarker, MarkerFinder
from flashcards.runs.snapshots import unpacked_numbers
from flashcards.runs.values import MAX_STEP

FILE = "index.msgpack"
VERSION = 3
CHECKSUM_BYTES = 4
MIN_LIMIT_BYTES = 16 << 20
"""An index has at most so many bytes, or a quarter of its log's: an eighth is what it takes."""


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """The fold of all that counts before the byte `offset`.

    Attributes:
        step: The state's.
        n_corrections, n_markers: How many there were before.
        finder: What the search for markers had come to.
        state: The folded state, see `runs.snapshots`.
    """

    offset: int
    step: int
    n_corrections: int
    n_markers: int
    finder: MarkerFinder
    state: bytes


class RunIndex(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a log up to the byte `offset`, the last snapshot's.

    `corrections` are the places of their lines, 8 bytes each, little-endian; `counts` is of
    `runs.card_counts`. `proof` is a checksum of the log's start and of what is before `offset`;
    `vocabulary` one of the events' definitions.
    """

    version: int
    vocabulary: int
    offset: int
    proof: int
    segments: list[Segment]
    snapshots: list[Snapshot]
    markers: list[FoundMarker]
    corrections: bytes
    counts: bytes


def proof_of(file: BinaryIO, offset: int) -> int:
    """A checksum of the log's start and of what stands just before this byte."""
    file.seek(0)
    start = file.read(min(PROOF_BYTES, offset))
    file.seek(max(0, offset - PROOF_BYTES))
    return zlib.crc32(file.read(min(PROOF_BYTES, offset)), zlib.crc32(start))


def read_index(path: Path, log: BinaryIO, vocabulary: int) -> RunIndex | None:
    """The index in this file; None when there is none, or none of this log."""
    size = os.fstat(log.fileno()).st_size
    try:
        data = read_file(path, max(MIN_LIMIT_BYTES, size // 4))
        if zlib.crc32(data[CHECKSUM_BYTES:]) != int.from_bytes(data[:CHECKSUM_BYTES], "little"):
            return None
        index = msgspec.msgpack.decode(data[CHECKSUM_BYTES:], type=RunIndex)
    except (OSError, ValueError, RecursionError):
        return None
    is_known = index.version == VERSION and index.vocabulary == vocabulary
    is_whole = bool(index.snapshots) and index.snapshots[-1].offset == index.offset
    if not is_known or not is_whole or not 0 <= index.offset <= size:
        return None
    return index if index.proof == proof_of(log, index.offset) else None


def check_index(index: RunIndex) -> None:
    """Whether its parts can be of one log.
    Raises ValueError: they can't: the file is none that was written here."""
    ends = [end for part in index.segments for end in (part.start, part.end) if end is not None]
    snapshots = index.snapshots
    corrections = unpacked_numbers("q", index.corrections)
    for ascending, most in (
        (ends, index.offset),
        ([snapshot.offset for snapshot in snapshots], index.offset),
        ([snapshot.step for snapshot in snapshots], MAX_STEP),
        ([snapshot.n_corrections for snapshot in snapshots], len(corrections)),
        ([snapshot.n_markers for snapshot in snapshots], len(index.markers)),
        (corrections, index.offset),
    ):
        if any(a > b for a, b in itertools.pairwise([0, *ascending, most])):
            raise ValueError("the index is of no log")
    if not index.segments:
        raise ValueError("the index is of no log")


def write_index(path: Path, index: RunIndex) -> None:
    """Put it there, whole. Raises OSError: it can't be written."""
    data = msgspec.msgpack.encode(index)
    write_atomically(path, zlib.crc32(data).to_bytes(CHECKSUM_BYTES, "little") + data)
