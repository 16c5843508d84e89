"""The forward pass of a brought model, a decoder of the Llama family, with an adapter beside it.

Llama, Qwen2 and Qwen3 (transformers: models/*/modeling_*.py): heads of keys and values that several
heads of queries share, biases of these, a norm of queries and keys, a head of its own or not. The
derivative is autograd's: at this size it takes no longer than one that is written out
(docs/real-models.md), and it leaves out what does not learn. Adapter: LoRA (arXiv:2106.09685).
Sizes as in model.py; K heads of keys and values, G = H / K.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner import layers, model
from flashcards.learner.brought import pretrained_settings
from flashcards.learner.optimizer import ADAMW, stack_by_stack
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.details import PartName

SCALE = 2.0  # of what an adapter adds: alpha / rank, with peft's alpha of twice the rank


@dataclass(frozen=True)
class Base:
    """The numbers of a brought model as its file has them; they never change."""

    settings: pretrained_settings.PretrainedSettings
    numbers: Mapping[str, Tensor]  # by the names of `PretrainedSettings.shapes`, float32
    rotary_factors: Tensor | None  # [D / 2] by which the rotary frequencies are divided; None for 1
    sha256: str  # of the file or the files, 64 hex digits

    def on(self, device: str) -> Base:
        """The same on this device; no copy where it is there."""
        numbers = {name: tensor.to(device) for name, tensor in self.numbers.items()}
        return replace(self, numbers=numbers)

    def new_numbers(self, seed: int) -> Tensor:
        """The numbers that learn as they begin, flat: the model answers as its file does.
        What expands an adapter is zero, what reduces is random by the seed."""
        parts = []
        generator = torch.Generator().manual_seed(seed)
        for name, shape in self.settings.learned_shapes().items():
            if ".expand." in name:
                parts.append(torch.zeros(math.prod(shape)))
            elif name.endswith(".reduce"):
                drawn = torch.rand(shape, generator=generator).mul_(2).sub_(1)
                parts.append((drawn * shape[-1] ** -0.5).flatten())
            else:
                parts.append(self.numbers[name].flatten().cpu())
        return torch.cat(parts)

    def views(self, flat: Tensor) -> LlamaWeights:
        """The model with these numbers that learn, [n]; no copy."""
        shapes = self.settings.learned_shapes()
        parts = torch.split(flat, [math.prod(shape) for shape in shapes.values()])
        learned = {name: part.view(shapes[name]) for name, part in zip(shapes, parts, strict=True)}
        return LlamaWeights(self, learned)


class Linear(NamedTuple):
    """A matrix, and the adapter beside it where there is one."""

    matrix: Tensor  # [outputs, inputs]
    bias: Tensor | None
    reduce: Tensor | None  # [parts * rank, inputs]
    expand: Sequence[Tensor]  # of each part [its outputs, rank]

    def __call__(self, x: Tensor) -> Tensor:
        y = F.linear(x, self.matrix, self.bias)
        if self.reduce is None:
            return y
        reduced = F.linear(x, self.reduce).mul(SCALE).chunk(len(self.expand), -1)
        added = [F.linear(part, up) for part, up in zip(reduced, self.expand, strict=True)]
        return y + (torch.cat(added, -1) if len(added) > 1 else added[0])

    def merged(self) -> Tensor:
        """The matrix as if it had learned what the adapter did; no copy without one."""
        if self.reduce is None:
            return self.matrix
        parts = zip(self.expand, self.reduce.chunk(len(self.expand)), strict=True)
        return self.matrix + SCALE * torch.cat([up @ down for up, down in parts])


class LlamaLayer(NamedTuple):
    qkv: Linear
    output: Linear
    gate_up: Linear
    down: Linear
    attention_norm: Tensor
    mlp_norm: Tensor
    query_norm: Tensor | None
    key_norm: Tensor | None


def _layer(numbers: Mapping[str, Tensor], place: int) -> LlamaLayer:
    def get(name: str) -> Tensor | None:
        return numbers.get(f"layers.{place}.{name}")

    def linear(name: str) -> Linear:
        parts = (get(f"{name}.expand.{part}") for part in range(3))
        expand = [part for part in parts if part is not None]
        matrix = numbers[f"layers.{place}.{name}"]
        return Linear(matrix, get(f"{name}_bias"), get(f"{name}.reduce"), expand)

    return LlamaLayer(
        qkv=linear("qkv"),
        output=linear("output"),
        gate_up=linear("gate_up"),
        down=linear("down"),
        attention_norm=numbers[f"layers.{place}.attention_norm"],
        mlp_norm=numbers[f"layers.{place}.mlp_norm"],
        query_norm=get("query_norm"),
        key_norm=get("key_norm"),
    )


class LlamaWeights(model.Weights):
    """A brought model with some state of what learns; `decoder` stands for what own ones stack."""

    def __init__(self, base: Base, learned: dict[str, Tensor]) -> None:
        numbers = {**base.numbers, **learned}
        self.__dict__.update(
            base=base,
            settings=base.settings,
            learned=learned,
            embedding=numbers["embedding"],
            head=numbers.get("head", numbers["embedding"]),
            final_norm=numbers["final_norm"],
            decoder=tuple(_layer(numbers, i) for i in range(base.settings.n_layers)),
        )

    base: Base
    settings: pretrained_settings.PretrainedSettings
    learned: dict[str, Tensor]  # the tensors that learn, by name, as they lie in the flat tensor
    decoder: tuple[LlamaLayer, ...]

    def named(self) -> dict[str, Tensor]:
        return self.learned

    def parts(self) -> dict[tuple[PartName, int], list[Tensor]]:
        """The tensors that learn, by the part of the model and its layer from 1 (0: of none)."""
        parts: dict[tuple[PartName, int], list[Tensor]] = {}
        for name, part in self.learned.items():
            words = name.split(".")
            key: tuple[PartName, int]
            if "norm" in name:
                key = ("gains", 0)
            elif words[0] == "layers":
                is_mlp = words[2] in ("gate_up", "down")
                key = ("mlp" if is_mlp else "attention", int(words[1]) + 1)
            else:
                key = ("embedding" if name == "embedding" else "head", 0)
            parts.setdefault(key, []).append(part)
        return parts

    def norm(self, x: Tensor, gain: Tensor) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], gain, self.settings.norm_epsilon)

    def advance(
        self, layer: LlamaLayer, x: Tensor, positions: layers.Positions, cache: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """[B, T, C] that follows this layer; [B, H, T, S] how much each position takes from each.

        Args:
            x: [B, T, C]
            positions: Of these T pieces; the mask is [T, S] or [B, 1, T, S].
            cache: [2, B, K, S, D] keys and values of all S pieces up to these, which are its last:
                theirs are written into it. None where S = T.
        """
        settings, (n_cards, n_pieces, _) = self.settings, x.shape
        n_keys, width = settings.n_kv_heads, settings.key_width
        qkv = layer.qkv(self.norm(x, layer.attention_norm))
        heads = [
            part.view(n_cards, n_pieces, -1, width).transpose(1, 2)
            for part in torch.split(qkv, list(settings.qkv_rows), -1)
        ]
        queries, keys, values = heads  # [B, H or K, T, D]
        if layer.query_norm is not None and layer.key_norm is not None:
            queries = self.norm(queries, layer.query_norm)
            keys = self.norm(keys, layer.key_norm)
        queries, keys = (
            torch.addcmul(part * positions.cos, layers.swap_halves(part), positions.sin)
            for part in (queries, keys)
        )
        if cache is not None:
            cache[0, :, :, -n_pieces:], cache[1, :, :, -n_pieces:] = keys, values
            keys, values = cache
        queries = queries.reshape(n_cards, n_keys, -1, width) * width**-0.5  # [B, K, G*T, D]
        scores = (queries @ keys.mT).view(n_cards, -1, n_pieces, keys.shape[2]) + positions.mask
        shares = scores.softmax(-1)
        mixed = shares.view(n_cards, n_keys, -1, keys.shape[2]) @ values
        mixed = mixed.view(n_cards, -1, n_pieces, width).transpose(1, 2).flatten(2)
        x = x + layer.output(mixed)
        gate, up = layer.gate_up(self.norm(x, layer.mlp_norm)).chunk(2, -1)
        return x + layer.down(F.silu(gate) * up), shares

    def logits(self, x: Tensor, sayable: Tensor) -> Tensor:
        """[N, A] of the pieces `sayable` after x [N, C], what the last layer gives."""
        x = self.norm(x, self.final_norm)
        head = self.head
        if len(sayable) < len(head):
            head = head.index_select(0, sayable)
        apply: Callable[..., Tensor] = _Head.apply
        return apply(x, head)


class _Head(torch.autograd.Function):
    """Keeps what the head read, as `passes.inputs_of` wants it."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, head: Tensor) -> Tensor:
        ctx.activations = SimpleNamespace(final_in=x.detach())
        ctx.head = head
        return x @ head.T

    @staticmethod
    def backward(ctx: Any, *by_logits: Tensor) -> tuple[Tensor | None, ...]:
        (by,) = by_logits
        by_head = by.T @ ctx.activations.final_in if ctx.needs_input_grad[1] else None
        return by @ ctx.head, by_head


@dataclass(frozen=True)
class LlamaReading:
    """A batch as a brought model reads it: see `passes.reading_of`."""

    ids: Tensor
    asked_at: Tensor
    sayable: Tensor
    positions: layers.Positions

    def forward(self, weights: LlamaWeights) -> Tensor:
        """Logits [N, A]."""
        x = F.embedding(self.ids, weights.embedding)
        for layer in weights.decoder:
            x, _ = weights.advance(layer, x, self.positions)
        return weights.logits(x.flatten(0, 1)[self.asked_at], self.sayable)


class FlatAdam:
    """AdamW for the numbers of a brought model that learn, in place, all at one rate.
    Used as `Optimizer` is."""

    def __init__(self, flat: Tensor, settings: LearnerSettings) -> None:
        self.settings = settings
        self.orthogonalise = stack_by_stack  # nothing here: one process alone computes such a model
        self._flat = flat
        self._mean = torch.zeros_like(flat)
        self._square = torch.zeros_like(flat)
        self._steps = torch.zeros((), device=flat.device)

    def state(self) -> dict[str, dict[str, Tensor]]:
        return {"adam": {"mean": self._mean, "square": self._square}}

    @property
    def n_steps(self) -> int:
        return int(self._steps.item())

    @n_steps.setter
    def n_steps(self, n_steps: int) -> None:
        self._steps.fill_(float(n_steps))

    @torch.inference_mode()
    def update(self, gradients: Sequence[Tensor], factor: float) -> None:
        """One update by `gradients`, in the order in which the numbers lie."""
        self._steps += 1
        gradient = torch.cat([gradient.flatten() for gradient in gradients])
        of = [[self._flat], [gradient], [self._mean], [self._square], [], [self._steps]]
        rate = self.settings.learning_rate * factor
        decay = self.settings.weight_decay
        torch._fused_adamw_(*of, lr=rate, weight_decay=decay, **ADAMW)
