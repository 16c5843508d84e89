"""The model: a decoder in the layout of Qwen3 (transformers: models/qwen3/modeling_qwen3.py).

RMSNorm with gain, QK-norm, rotary positions in half-split order, SwiGLU, an untied head, no biases,
no dropout. All its numbers lie in one flat tensor, so that averaging, measuring and saving them is
one operation; the matrices of all layers are stacked, so that the optimizer's are few.
Sizes: B cards, T pieces, C width, H heads, D head width (C / H), F hidden, L layers, V vocabulary,
N positions asked, A pieces that an answer can have.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flashcards.learner.layers import (
    NORM_EPSILON,
    AttentionKept,
    NormKept,
    Positions,
    SwiGLUKept,
    attention,
    attention_backward,
    norm,
    norm_backward,
    swiglu,
    swiglu_backward,
)
from flashcards.learner.settings import LearnerSettings

__all__ = ["NORM_EPSILON"]

MASKS_KEPT_UPTO = 128


class Layer(NamedTuple):
    """One layer's weights as they are multiplied."""

    qkv: Tensor  # [3C, C]
    output: Tensor  # [C, C]
    gate_up: Tensor  # [2F, C]
    down: Tensor  # [F, C] transposed
    attention_norm: Tensor  # [C]
    query_key_norm: Tensor  # [2, D]
    mlp_norm: Tensor  # [C]
    # the same matrices transposed: views, cut once
    qkv_t: Tensor
    output_t: Tensor
    gate_up_t: Tensor
    down_t: Tensor


@dataclass(frozen=True)
class Weights:
    """Named views of one flat tensor, float32."""

    attention: Tensor  # [L, 4, C, C]  query, key, value, output; rows are outputs
    mlp: Tensor  # [L, 3, F, C]  gate, up, and down transposed
    embedding: Tensor  # [V, C]
    head: Tensor  # [V, C]
    attention_norm: Tensor  # [L, C]
    query_key_norm: Tensor  # [L, 2, D]
    mlp_norm: Tensor  # [L, C]
    final_norm: Tensor  # [C]

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(
            _layer(attention[:3].flatten(0, 1), attention[3], mlp[:2].flatten(0, 1), mlp[2], *gains)
            for attention, mlp, *gains in zip(
                self.attention.unbind(),
                self.mlp.unbind(),
                self.attention_norm.unbind(),
                self.query_key_norm.unbind(),
                self.mlp_norm.unbind(),
                strict=True,
            )
        )

    def named(self) -> dict[str, Tensor]:
        """The tensors by name, in the order in which they lie in the flat tensor."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def _layer(
    qkv: Tensor,
    output: Tensor,
    gate_up: Tensor,
    down: Tensor,
    *gains: *tuple[Tensor, Tensor, Tensor],
) -> Layer:
    return Layer(qkv, output, gate_up, down, *gains, qkv.T, output.T, gate_up.T, down.T)


def shapes(settings: LearnerSettings, n_vocabulary: int) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of `Weights`, in order."""
    n_layers, width, hidden = settings.n_layers, settings.width, settings.hidden
    return {
        "attention": (n_layers, 4, width, width),
        "mlp": (n_layers, 3, hidden, width),
        "embedding": (n_vocabulary, width),
        "head": (n_vocabulary, width),
        "attention_norm": (n_layers, width),
        "query_key_norm": (n_layers, 2, width // settings.n_heads),
        "mlp_norm": (n_layers, width),
        "final_norm": (width,),
    }


def n_parameters_of(settings: LearnerSettings, n_vocabulary: int) -> int:
    return sum(math.prod(shape) for shape in shapes(settings, n_vocabulary).values())


def views(flat: Tensor, settings: LearnerSettings, n_vocabulary: int) -> Weights:
    """`flat` [n_parameters] cut into `Weights`; no copy."""
    by_name = shapes(settings, n_vocabulary)
    parts = torch.split(flat, [math.prod(shape) for shape in by_name.values()])
    return Weights(
        **{name: part.view(by_name[name]) for name, part in zip(by_name, parts, strict=True)}
    )


def new_weights(settings: LearnerSettings, n_vocabulary: int, seed: int) -> Tensor:
    """Untrained weights, flat, on the CPU: the same for the same seed.

    The projections that write into the residual stream begin at zero, so that every layer begins as
    the identity; the head is small and random, so that the first guess is near blind and yet the
    model's own.
    """
    flat = torch.zeros(n_parameters_of(settings, n_vocabulary))
    weights = views(flat, settings, n_vocabulary)
    generator = torch.Generator().manual_seed(seed)
    weights.attention[:, :3].normal_(0.0, settings.width**-0.5, generator=generator)
    weights.mlp[:, :2].normal_(0.0, settings.width**-0.5, generator=generator)
    weights.embedding.normal_(0.0, 1.0, generator=generator)
    weights.head.normal_(0.0, 0.01, generator=generator)
    for gain in (
        weights.attention_norm,
        weights.query_key_norm,
        weights.mlp_norm,
        weights.final_norm,
    ):
        gain.fill_(1.0)
    return flat


class Rotary:
    """Positions, made once for the longest sequence yet."""

    def __init__(self, settings: LearnerSettings, device: str) -> None:
        width = settings.width // settings.n_heads
        exponents = torch.arange(0, width, 2, dtype=torch.float32, device=device) / width
        self._frequencies = 1.0 / settings.rope_base**exponents  # [D/2]
        self._cos = self._sin = torch.empty(0, width, device=device)
        self._masks: dict[int, Tensor] = {}

    def upto(self, n_pieces: int) -> Positions:
        """Of positions 0 to `n_pieces` - 1, in half-split order."""
        if len(self._cos) < n_pieces:
            positions = torch.arange(2 * n_pieces, device=self._frequencies.device)
            angles = torch.outer(positions.float(), self._frequencies)  # [T, D/2]
            cos, sin = angles.cos(), angles.sin()
            self._cos = torch.cat((cos, cos), -1)
            self._sin = torch.cat((-sin, sin), -1)
        mask = self._masks.get(n_pieces)
        if mask is None:
            mask = torch.full((n_pieces, n_pieces), -math.inf, device=self._cos.device).triu(1)
            self._masks = {n: m for n, m in self._masks.items() if n < MASKS_KEPT_UPTO}
            self._masks[n_pieces] = mask
        return Positions(self._cos[:n_pieces], self._sin[:n_pieces], mask)


def forward(
    weights: Weights,
    ids: Tensor,
    asked: Tensor,
    sayable: Tensor,
    rotary: Rotary,
    settings: LearnerSettings,
) -> Tensor:
    """Logits [N, A] of the pieces `sayable` at the positions `asked`, differentiable by `weights`.

    Args:
        ids: [B, T] int64. Padding stands at the end, where no earlier piece can see it.
        asked: [N] int64, flat indices into B * T, none twice. The last layer's MLP and the head,
            which mix no positions, are computed at these alone.
        sayable: [A] int64, rows of the head: the pieces among which the answer is looked for.
    """
    read = _Reading(ids, asked, sayable, rotary.upto(ids.shape[1]), settings)
    if torch.is_grad_enabled() and weights.head.requires_grad:
        apply: Callable[..., Tensor] = _Forward.apply
        return apply(read, weights, *weights.named().values())
    return read.forward(weights, None)


class _LayerKept(NamedTuple):
    """What a layer's derivative needs of its forward pass, in the order in which it arises."""

    attention_in: Tensor  # [B*T, C]
    attention_norm: NormKept
    attention: AttentionKept
    mixed: Tensor  # [B*T, C]; in the last layer [N, C], and so on from here
    mlp_in: Tensor
    mlp_norm: NormKept
    mlp_hidden: Tensor  # [B*T, F]
    swiglu: SwiGLUKept


class _Kept:
    """What the derivative of the whole model needs of its forward pass."""

    layers: list[_LayerKept]
    final_in: Tensor  # [N, C]
    final_norm: NormKept

    def __init__(self) -> None:
        self.layers = []


@dataclass(frozen=True)
class _Reading:
    """One batch being read by the model, forward and backward."""

    ids: Tensor
    asked: Tensor
    sayable: Tensor
    positions: Positions
    settings: LearnerSettings

    def forward(self, weights: Weights, kept: _Kept | None) -> Tensor:
        """Logits [N, A]; `kept` is filled for `backward`."""
        settings = self.settings
        n_cards, n_pieces = self.ids.shape
        n_heads = settings.n_heads
        x = weights.embedding.index_select(0, self.ids.flatten())  # [B*T, C]
        for place, layer in enumerate(weights.layers):
            # -- attention
            attention_in, attention_norm = norm(x, layer.attention_norm)
            qkv = (attention_in @ layer.qkv_t).view(n_cards, n_pieces, 3, n_heads, -1)
            mixed, attended = attention(qkv, layer.query_key_norm, self.positions)
            if place == settings.n_layers - 1:
                mixed, x = mixed[self.asked], x[self.asked]  # [N, C]
            x = torch.addmm(x, mixed, layer.output_t)
            # -- SwiGLU
            mlp_in, mlp_norm = norm(x, layer.mlp_norm)
            hidden, gated = swiglu(mlp_in @ layer.gate_up_t)
            x = torch.addmm(x, hidden, layer.down)
            if kept is not None:
                kept.layers.append(
                    _LayerKept(
                        attention_in,
                        attention_norm,
                        attended,
                        mixed,
                        mlp_in,
                        mlp_norm,
                        hidden,
                        gated,
                    )
                )
        x, final_norm = norm(x, weights.final_norm)
        if kept is not None:
            kept.final_in, kept.final_norm = x, final_norm
        return x @ weights.head.index_select(0, self.sayable).T

    def backward(self, by_logits: Tensor, weights: Weights, kept: _Kept) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor."""
        settings, device = self.settings, by_logits.device
        n_vocabulary = len(weights.head)
        flat = torch.empty(n_parameters_of(settings, n_vocabulary), device=device)
        by = views(flat, settings, n_vocabulary)
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ kept.final_in)
        by_x, by.final_norm[:] = norm_backward(
            by_logits @ weights.head.index_select(0, self.sayable),
            weights.final_norm,
            kept.final_norm,
        )
        for place in reversed(range(settings.n_layers)):
            layer, by_layer, of = weights.layers[place], by.layers[place], kept.layers.pop()
            # -- SwiGLU
            torch.mm(of.mlp_hidden.T, by_x, out=by_layer.down)
            by_gate_up = swiglu_backward(by_x @ layer.down_t, of.swiglu)
            torch.mm(by_gate_up.T, of.mlp_in, out=by_layer.gate_up)
            by_mlp_in, by_layer.mlp_norm[:] = norm_backward(
                by_gate_up @ layer.gate_up, layer.mlp_norm, of.mlp_norm
            )
            by_x = by_mlp_in.add_(by_x)
            # -- attention
            torch.mm(by_x.T, of.mixed, out=by_layer.output)
            by_mixed = by_x @ layer.output
            if place == settings.n_layers - 1:
                nothing = torch.zeros(self.ids.numel(), settings.width, device=device)
                by_mixed = nothing.index_copy(0, self.asked, by_mixed)
                by_x = nothing.index_copy_(0, self.asked, by_x)
            by_qkv, by_layer.query_key_norm[:] = attention_backward(
                by_mixed, layer.query_key_norm, self.positions, of.attention, settings.n_heads
            )
            torch.mm(by_qkv.T, of.attention_in, out=by_layer.qkv)
            by_attention_in, by_layer.attention_norm[:] = norm_backward(
                by_qkv @ layer.qkv, layer.attention_norm, of.attention_norm
            )
            by_x = by_attention_in.add_(by_x)
        by.embedding.zero_()
        by.embedding.index_add_(0, self.ids.flatten(), by_x)
        return by


class _Forward(torch.autograd.Function):
    """Joins forward and backward, for `torch.autograd.grad`."""

    @staticmethod
    def forward(ctx: Any, read: _Reading, weights: Weights, *_: Tensor) -> Tensor:
        """`_` are the weights' tensors, so that autograd knows of them."""
        ctx.read, ctx.weights, ctx.kept = read, weights, _Kept()
        return read.forward(weights, ctx.kept)

    @staticmethod
    def backward(ctx: Any, by_logits: Tensor) -> tuple[Tensor | None, ...]:
        by = ctx.read.backward(by_logits, ctx.weights, ctx.kept)
        return None, None, *by.named().values()


def inputs_of(logits: Tensor) -> Tensor:
    """[N, C] what the head read to give these logits of `forward`, which have a gradient.

    It is kept for the derivative, and still there after it.
    """
    assert logits.grad_fn is not None
    inputs: Tensor = logits.grad_fn.kept.final_in  # type: ignore[attr-defined]
    return inputs
