"""Part 9, the saved state: tensors and bytes as one safetensors file, and back.

`trained.py` says which tensors: raw and averaged weights, the optimizer's averages, an adapter.
From them a lesson goes on as if it had never stopped. No pickle: nothing of a file is ever run.

The format is written here because the library's torch functions need numpy, which torch does not;
tests read the file with the library. Format: huggingface/safetensors, README.md, "Format".
"""

import ctypes
import math
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor

from flashcards.base.decoding import decode_json
from flashcards.cards.printable import printable

_EXTRA = "extra."  # before the names of bytes
_FORMAT = "flashcards learner 1"
_DTYPES = {torch.float32: "F32", torch.uint8: "U8"}
_ALIGNMENT = 8
_MAX_HEADER_BYTES = 1 << 20
_STEP_DIGITS = 15
_ITEM_BYTES = {"F32": 4, "U8": 1}


NOT_FINITE = "what is no number any more (NaN), or infinite"  # ends sentences of errors


class SavedError(ValueError):
    """Saved bytes that cannot be used; the text says why."""


@dataclass(frozen=True)
class StepWeights:
    """The weights of one step, as trained and as averaged: flat float32 tensors of one size."""

    step: int
    raw: Tensor
    averaged: Tensor

    @property
    def n_bytes(self) -> int:
        return self.raw.nbytes + self.averaged.nbytes


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def pack(tensors: Mapping[str, Tensor], step: int, extra: Mapping[str, bytes]) -> bytes:
    """All of it as safetensors: the step in the header, `extra` as uint8 tensors.
    The same content gives the same bytes."""
    return as_safetensors(tensors, {"format": _FORMAT, "step": str(step)}, extra)


def as_safetensors(
    tensors: Mapping[str, Tensor], metadata: dict[str, str], extra: Mapping[str, bytes]
) -> bytes:
    """The file that any reader of safetensors opens; `metadata` stands in its header."""
    header: dict[str, _Entry | dict[str, str]] = {"__metadata__": metadata}
    parts: list[bytes] = []
    offset = 0

    def add(name: str, dtype: str, shape: tuple[int, ...], data: bytes) -> None:
        nonlocal offset
        header[name] = _Entry(dtype, shape, (offset, offset + len(data)))
        parts.append(data)
        offset += len(data)

    for name, tensor in tensors.items():
        add(name, _DTYPES[tensor.dtype], tuple(tensor.shape), bytes_of(tensor))
    for name, content in extra.items():
        add(_EXTRA + name, "U8", (len(content),), content)
    head = msgspec.json.encode(header)
    head += b" " * (-len(head) % _ALIGNMENT)
    return b"".join((len(head).to_bytes(8, "little"), head, *parts))


def unpack(
    saved: bytes, into: Mapping[str, Tensor], *, is_part: bool = False
) -> tuple[int, dict[str, bytes]]:
    """Copies the saved tensors into `into` (same names and shapes); gives the step and the extra.
    Nothing is copied unless all of it can be. With `is_part`, tensors that `into` lacks are left.
    Raises SavedError: damaged, not ours, or of another model."""
    entries, metadata, data = _read_header(saved)
    extra = {
        name.removeprefix(_EXTRA): bytes(data[slice(*entries.pop(name).data_offsets)])
        for name in list(entries)
        if name.startswith(_EXTRA)
    }
    if is_part:
        entries = {name: entry for name, entry in entries.items() if name in into}
    if {name: entry.shape for name, entry in entries.items()} != {
        name: tuple(tensor.shape) for name, tensor in into.items()
    }:
        raise SavedError("the saved state belongs to a model of another size")
    for name, entry in entries.items():
        if entry.dtype == "F32" and not is_finite(_floats(entry, data)):
            raise SavedError(f"{printable(name)} holds {NOT_FINITE}")
    for name, entry in entries.items():
        into[name].copy_(_floats(entry, data))
    return int(metadata["step"]), extra


def averages_of(saved: bytes) -> bytes:
    """The same state with the averaged weights alone. Raises SavedError: damaged, or not ours."""
    entries, metadata, data = _read_header(saved)
    tensors = {
        name: _floats(entry, data)
        for name, entry in entries.items()
        if name.startswith("averaged.")
    }
    return as_safetensors(tensors, metadata, extra_of(saved))


def has_part(saved: bytes, part: str) -> bool:
    """True where there are tensors whose names begin with the part's.
    Raises SavedError: damaged, or not ours."""
    return any(name.startswith(f"{part}.") for name in _read_header(saved)[0])


def extra_of(saved: bytes) -> dict[str, bytes]:
    """The extra alone. Raises SavedError: damaged, or not ours."""
    return unpack(saved, {}, is_part=True)[1]


def _read_header(saved: bytes) -> tuple[dict[str, _Entry], dict[str, str], memoryview]:
    """The place of each tensor, the metadata, and the bytes after the header."""
    length = int.from_bytes(saved[:8], "little")
    if length > _MAX_HEADER_BYTES:
        raise SavedError("the saved state is damaged: its header is too long")
    try:
        header = decode_json(saved[8 : 8 + length], dict[str, msgspec.Raw])
        metadata = decode_json(header.pop("__metadata__", msgspec.Raw(b"{}")), dict[str, str])
        entries = {name: decode_json(raw, _Entry) for name, raw in header.items()}
    except msgspec.DecodeError as error:
        raise SavedError(f"the saved state is damaged: {error}") from error
    data = memoryview(saved)[8 + length :]
    for name, entry in entries.items():
        start, end = entry.data_offsets
        n_bytes = math.prod(entry.shape) * _ITEM_BYTES.get(entry.dtype, 0)
        if not 0 <= start <= end <= len(data):
            raise SavedError("the saved state is damaged: it ends too early")
        if end - start != n_bytes or min(entry.shape, default=0) < 0:
            raise SavedError(f"the saved state is damaged: {printable(name)} has a wrong length")
    if sum(entry.data_offsets[1] - entry.data_offsets[0] for entry in entries.values()) > len(data):
        raise SavedError("the saved state is damaged: its parts overlap")
    step = metadata.get("step", "")
    if metadata.get("format") != _FORMAT or not step.isdecimal() or len(step) > _STEP_DIGITS:
        raise SavedError(f"the saved state is not in the format {_FORMAT!r}")
    return entries, metadata, data


def bytes_of(tensor: Tensor) -> bytes:
    """The tensor's numbers, row after row."""
    on_cpu = tensor.detach().cpu().contiguous()
    return ctypes.string_at(on_cpu.data_ptr(), on_cpu.numel() * on_cpu.element_size())


def floats_of(content: bytes, n_rows: int) -> Tensor:
    """[n_rows, …] float32 numbers that `bytes_of` gave; at least one.
    Raises SavedError: they don't make so many rows, or are not finite."""
    if not content or not n_rows or len(content) % (4 * n_rows):
        raise SavedError(f"{len(content)} bytes don't hold {n_rows} rows of numbers")
    numbers = torch.frombuffer(bytearray(content), dtype=torch.float32)
    if not is_finite(numbers):
        raise SavedError(f"a row holds {NOT_FINITE}")
    return numbers.view(n_rows, -1)


def is_finite(numbers: Tensor) -> bool:
    """True where none is NaN or infinite. Takes no memory, as `isfinite` would."""
    return not numbers.numel() or all(map(math.isfinite, map(Tensor.item, numbers.aminmax())))


def largest_difference(first: bytes, second: bytes) -> float:
    """The largest difference between two numbers at the same place in two saved states. Infinite
    when they are not of the same model, or one of them is not finite.
    Raises SavedError: one is damaged, or not ours."""
    largest = 0.0
    first_entries, _, first_data = _read_header(first)
    second_entries, _, second_data = _read_header(second)
    for name, entry in first_entries.items():
        if entry.dtype != "F32":
            continue
        if name not in second_entries or second_entries[name].shape != entry.shape:
            return math.inf
        difference = _floats(entry, first_data) - _floats(second_entries[name], second_data)
        if not is_finite(difference):
            return math.inf
        largest = max(largest, difference.abs().max().item())
    return largest


def _floats(entry: _Entry, data: memoryview) -> Tensor:
    content = bytearray(data[slice(*entry.data_offsets)])
    return torch.frombuffer(content, dtype=torch.float32).view(entry.shape)
