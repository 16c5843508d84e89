"""The index of a long run's log, a file that spares reading all of it again. Never the truth.

It can be deleted at any time: `runs.recording` makes it anew from the log. What does not fit the
log, or was written by another version, is as if it were not there.
"""

from __future__ import annotations

import functools
import os
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec

from flashcards.runs.card_counts import CardCounts
from flashcards.runs.cursor import PROOF_BYTES, Undone
from flashcards.runs.files import read_file, write_atomically
from flashcards.runs.state import RunState
from flashcards.runs.values import Count

FILE = "index.msgpack"
CHECKSUM_BYTES = 4
MIN_LIMIT_BYTES = 16 << 20
"""An index has at most so many bytes, or a quarter of its log's: an eighth is what it takes."""

MAX_STATE_BYTES = 8 << 20

DAMAGED = (zlib.error, ValueError)
"""What `Snapshot.restored` raises for bytes that `packed` did not write."""


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """The fold of all that counts before the byte `offset`, whose last step is `step`.

    `state` is packed, without its recent corrections: they are the largest part, and the log has
    them from byte `corrections_at` on.
    """

    offset: Count
    step: Count
    corrections_at: Count
    state: bytes

    def restored(self) -> RunState:
        """The state. Raises one of `DAMAGED`: it was not written by this version."""
        unpacked = zlib.decompressobj().decompress(self.state, MAX_STATE_BYTES + 1)
        if len(unpacked) > MAX_STATE_BYTES:
            raise ValueError("it is larger than any state")
        try:
            state = msgspec.msgpack.decode(unpacked, type=RunState)
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error
        marks = state.marks
        if any(len(kept) not in (0, state.n_cards) for kept in (marks.latest, marks.never_seen)):
            raise ValueError("its marks are of another number of cards")
        return state


def packed(state: RunState) -> bytes | None:
    """The state without its recent corrections; None when it is too large to be kept.

    Nor can one be kept that names a folder which is no Unicode.
    """
    recent, state.card.recent = state.card.recent, []
    try:
        data = msgspec.msgpack.encode(state)
    except UnicodeEncodeError:
        return None
    finally:
        state.card.recent = recent
    return zlib.compress(data, 1) if len(data) <= MAX_STATE_BYTES else None


class RunIndex(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a log up to the last snapshot.

    `proof` is a checksum of the log's start and of what is before that snapshot's place;
    `vocabulary` one of what a state is made of: another version may have another.
    """

    vocabulary: int
    proof: int
    undone: list[Undone]
    snapshots: list[Snapshot]
    counts: CardCounts


@functools.cache
def vocabulary() -> int:
    return zlib.crc32(repr(msgspec.json.schema(RunState)).encode())


def proof_of(file: BinaryIO, offset: int) -> int:
    """A checksum of the log's start and of what stands just before this byte."""
    file.seek(0)
    start = file.read(min(PROOF_BYTES, offset))
    file.seek(max(0, offset - PROOF_BYTES))
    return zlib.crc32(file.read(min(PROOF_BYTES, offset)), zlib.crc32(start))


def read_index(path: Path, log: BinaryIO) -> RunIndex | None:
    """The index in this file; None when there is none, or none of this log."""
    size = os.fstat(log.fileno()).st_size
    try:
        data = read_file(path, max(MIN_LIMIT_BYTES, size // 4))
        if zlib.crc32(data[CHECKSUM_BYTES:]) != int.from_bytes(data[:CHECKSUM_BYTES], "little"):
            return None
        index = msgspec.msgpack.decode(data[CHECKSUM_BYTES:], type=RunIndex)
    except (OSError, ValueError, RecursionError):
        return None
    offset = index.snapshots[-1].offset if index.snapshots else size + 1
    if index.vocabulary != vocabulary() or offset > size:
        return None
    return index if index.proof == proof_of(log, offset) else None


def write_index(path: Path, index: RunIndex) -> None:
    """Put it there, whole. Raises OSError: it can't be written."""
    data = msgspec.msgpack.encode(index)
    write_atomically(path, zlib.crc32(data).to_bytes(CHECKSUM_BYTES, "little") + data)
