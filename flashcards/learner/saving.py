"""Tensors and bytes to one safetensors file and back. No pickle, nothing of one is ever run."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import safetensors
import safetensors.torch
import torch
from torch import Tensor

_EXTRA = "extra."
_FORMAT = "flashcards learner 1"


class _Facts(msgspec.Struct, frozen=True):
    format: str
    step: int


class _Metadata(msgspec.Struct):
    # one entry, because safetensors writes several in any order
    flashcards: str


class _Header(msgspec.Struct):
    metadata: _Metadata = msgspec.field(name="__metadata__")


class SavedError(ValueError):
    """Saved bytes that cannot be used; the text says why."""


def pack(tensors: Mapping[str, Tensor], step: int, extra: Mapping[str, bytes]) -> bytes:
    """All of it as safetensors: the step in the header, `extra` as uint8 tensors.

    The same content gives the same bytes.
    """
    everything = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    for name, content in extra.items():
        everything[_EXTRA + name] = (
            torch.frombuffer(bytearray(content), dtype=torch.uint8)
            if content
            else torch.zeros(0, dtype=torch.uint8)
        )
    facts = msgspec.json.encode(_Facts(_FORMAT, step)).decode()
    return safetensors.torch.save(everything, {"flashcards": facts})


def unpack(saved: bytes, into: Mapping[str, Tensor]) -> tuple[int, dict[str, bytes]]:
    """Copies the saved tensors into `into` (same names and shapes); gives the step and the extra.

    Raises:
        SavedError: damaged, not ours, or of another model.
    """
    try:
        tensors = safetensors.torch.load(saved)
        raw_header = saved[8 : 8 + int.from_bytes(saved[:8], "little")]
        header = msgspec.json.decode(raw_header, type=_Header)
        facts = msgspec.json.decode(header.metadata.flashcards, type=_Facts)
    except (safetensors.SafetensorError, msgspec.DecodeError) as error:
        raise SavedError(f"the saved state is damaged: {error}") from error
    extra = {
        name.removeprefix(_EXTRA): bytes(tensors.pop(name).tolist())
        for name in list(tensors)
        if name.startswith(_EXTRA)
    }
    if facts.format != _FORMAT:
        raise SavedError(f"the saved state is not in the format {_FORMAT!r}")
    if {name: tensor.shape for name, tensor in tensors.items()} != {
        name: tensor.shape for name, tensor in into.items()
    }:
        raise SavedError("the saved state belongs to a model of another size")
    for name, tensor in tensors.items():
        into[name].copy_(tensor)
    return facts.step, extra
