"""A folded state in few bytes, so that a jump into a long run need not fold it from the start.

The corrections are left out: they are the largest part, and the log has them.
"""

from __future__ import annotations

import array
import dataclasses
import functools
import sys
import zlib
from collections import deque
from typing import Any, get_args, get_type_hints

import msgspec

from flashcards.runs import rewards, values
from flashcards.runs.events import AnyEvent
from flashcards.runs.history import History, Thinned
from flashcards.runs.markers import MarkerFinder
from flashcards.runs.state import RunState
from flashcards.runs.steps import Break, StepWatch
from flashcards.runs.verdict import Verdict


@functools.cache
def vocabulary() -> int:
    """A checksum of the parts that a state is made of: another version may have others."""
    hints = get_type_hints(RunState)
    written = [f"{field.name}:{hints[field.name]}" for field in dataclasses.fields(RunState)]
    structs = [
        *get_args(AnyEvent),
        *vars(values).values(),
        *vars(rewards).values(),
        MarkerFinder,
        StepWatch,
        Break,
        Verdict,
    ]
    for struct in structs:
        if isinstance(struct, type) and issubclass(struct, msgspec.Struct):
            named = zip(struct.__struct_fields__, struct.__annotations__.values(), strict=False)
            written.append(f"{struct.__name__}({', '.join(f'{n}:{t}' for n, t in named)})")
    return zlib.crc32("\n".join(written).encode())


MAX_STATE_BYTES = 8 << 20

DAMAGED = (zlib.error, ValueError, TypeError, ArithmeticError, LookupError, RecursionError)
"""What `unpack_state` raises for bytes that `pack_state` did not write."""


def pack_state(state: RunState) -> bytes | None:
    """The state without its recent corrections; None when it is too large to be kept.

    Nor can one be kept that names a folder which is no Unicode.
    """
    bare = dataclasses.replace(state, corrections=deque())
    try:
        data = msgspec.msgpack.encode(bare, enc_hook=_encoded)
    except UnicodeEncodeError:
        return None
    return zlib.compress(data, 1) if len(data) <= MAX_STATE_BYTES else None


def unpack_state(data: bytes) -> RunState:
    """What was packed.
    Raises msgspec.DecodeError, zlib.error, ValueError: it was not written by this version."""
    unpacked = zlib.decompressobj().decompress(data, MAX_STATE_BYTES + 1)
    if len(unpacked) > MAX_STATE_BYTES:
        raise ValueError("it is larger than any state")
    state = msgspec.msgpack.decode(unpacked, type=RunState, dec_hook=_decoded)
    for name, fresh in vars(RunState()).items():
        if isinstance(fresh, deque):
            setattr(state, name, deque(getattr(state, name), maxlen=fresh.maxlen))
    if any(len(kept) not in (0, state.n_cards) for kept in (state.marks, state.never_seen_mask)):
        raise ValueError("its marks are of another number of cards")
    return state


def _encoded(value: object) -> object:
    match value:
        case History():
            capacity, stride, n_appended, kept, last = value.thinned.parts
            points = [*kept, *last]
            steps = array.array("q", [step for step, _ in points])
            values = array.array("d", [number for _, number in points])
            return (
                capacity,
                stride,
                n_appended,
                len(kept),
                packed_numbers(steps),
                packed_numbers(values),
            )
        case Thinned():
            return value.parts
        case deque():
            return list(value)
        case _:
            raise NotImplementedError(f"{type(value).__name__} has no packed form")


def _decoded(kind: type, packed: Any) -> object:
    origin = getattr(kind, "__origin__", kind)
    if origin is History:
        capacity, stride, n_appended, n_kept, steps, numbers = packed
        points = list(
            zip(unpacked_numbers("q", steps), unpacked_numbers("d", numbers), strict=True)
        )
        parts = (capacity, stride, n_appended, points[:n_kept], points[n_kept:])
        return History(thinned=Thinned.restored(*parts))
    if origin is Thinned:
        (item,) = get_args(kind)
        capacity, stride, n_appended, kept, last = packed
        items = list[item]  # type: ignore[valid-type]
        return Thinned.restored(
            capacity,
            stride,
            n_appended,
            msgspec.convert(kept, items),
            msgspec.convert(last, items),
        )
    if origin is deque:
        (item, *_) = get_args(kind)
        return deque(msgspec.convert(packed, list[item]))  # type: ignore[valid-type]
    raise NotImplementedError(f"{kind} has no packed form")


def packed_numbers(numbers: array.array[Any]) -> bytes:
    """As bytes, little-endian on every machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpacked_numbers(code: str, data: bytes) -> array.array[Any]:
    """What was packed, of this `array` type code."""
    numbers = array.array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
