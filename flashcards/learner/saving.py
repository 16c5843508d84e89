"""Tensors and bytes to one safetensors file and back. No pickle, nothing of one is ever run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import safetensors
import safetensors.torch
import torch
from torch import Tensor

_EXTRA = "extra."
_FORMAT = "flashcards learner 1"


class _Header(msgspec.Struct):
    facts: dict[str, str] = msgspec.field(name="__metadata__", default_factory=dict)


class SavedError(ValueError):
    """Saved bytes that cannot be used; the text says why."""


def pack(
    tensors: Mapping[str, Tensor], facts: Mapping[str, str], extra: Mapping[str, bytes]
) -> bytes:
    """All of it as safetensors: `facts` in the header, `extra` as uint8 tensors."""
    everything = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    for name, content in extra.items():
        everything[_EXTRA + name] = (
            torch.frombuffer(bytearray(content), dtype=torch.uint8)
            if content
            else torch.zeros(0, dtype=torch.uint8)
        )
    return safetensors.torch.save(everything, {"format": _FORMAT, **facts})


def unpack(
    saved: bytes, into: Mapping[str, Tensor], facts: Iterable[str]
) -> tuple[dict[str, str], dict[str, bytes]]:
    """Copies the saved tensors into `into` (same names and shapes); gives the facts and the extra.

    Raises:
        SavedError: damaged, not ours, or of another model.
    """
    try:
        tensors = safetensors.torch.load(saved)
        header = msgspec.json.decode(
            saved[8 : 8 + int.from_bytes(saved[:8], "little")], type=_Header
        )
    except (safetensors.SafetensorError, msgspec.DecodeError) as error:
        raise SavedError(f"the saved state is damaged: {error}") from error
    found = header.facts
    extra = {
        name.removeprefix(_EXTRA): bytes(tensors.pop(name).tolist())
        for name in list(tensors)
        if name.startswith(_EXTRA)
    }
    if found.get("format") != _FORMAT or not set(facts) <= found.keys():
        raise SavedError(f"the saved state is not in the format {_FORMAT!r}")
    if {name: tensor.shape for name, tensor in tensors.items()} != {
        name: tensor.shape for name, tensor in into.items()
    }:
        raise SavedError("the saved state belongs to a model of another size")
    for name, tensor in tensors.items():
        into[name].copy_(tensor)
    return found, extra
