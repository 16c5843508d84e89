"""One batch read by the model, forward and backward, with torch alone: rows are pieces.

`kernels/batch_in_columns.py` does the same with compiled kernels where a run wants them and they
are here. Sizes as in model.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flashcards.learner.brought import llama, pretrained_settings
from flashcards.learner.encoding import Batch, Ends
from flashcards.learner.kernels import batch_in_columns, compiled
from flashcards.learner.layers import (
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
from flashcards.learner.model import Rotary, Weights, n_parameters_of, views
from flashcards.learner.settings import LearnerSettings


def forward(weights: Weights, reading: Reading | llama.LlamaReading) -> Tensor:
    """Logits [N, A] of `reading_of`, differentiable by `weights`."""
    if isinstance(reading, llama.LlamaReading):
        assert isinstance(weights, llama.LlamaWeights)
        return reading.forward(weights)
    if torch.is_grad_enabled() and weights.head.requires_grad:
        return forward_with_inputs(weights, reading)[0]
    return reading.forward(weights, None)


def forward_with_inputs(weights: Weights, reading: Reading) -> tuple[Tensor, Tensor]:
    """Logits [N, A] and what the head read, [N, C], both differentiable by `weights`."""
    apply: Callable[..., tuple[Tensor, Tensor]] = _Forward.apply
    return apply(reading, weights, *weights.named().values())


def reading_of(
    ids: Tensor, asked: Tensor, sayable: Tensor, rotary: Rotary, settings: LearnerSettings
) -> Reading | llama.LlamaReading:
    """How a batch is read: the pieces `sayable` at the positions `asked`.

    Args:
        ids: [B, T] int64. Padding stands at the end, where no earlier piece can see it.
        asked: [N] int64, flat indices into B * T, none twice. The last layer's MLP and the head,
            which mix no positions, are computed at these alone.
        sayable: [A] int64, rows of the head: the pieces among which the answer is looked for.
    """
    code = compiled.kernels_for(settings, ids.device.type)
    positions = rotary.upto(ids.shape[1])
    if isinstance(settings, pretrained_settings.PretrainedSettings):
        return llama.LlamaReading(ids, asked, sayable, positions)
    if code is None:
        return _Rows(ids, asked, sayable, positions, settings)
    return batch_in_columns.Columns(ids, asked, sayable, positions, settings, code)


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


class Kept:
    """What the derivative of the whole model needs of its forward pass."""

    layers: list[_LayerKept]
    final_in: Tensor  # [N, C]
    final_norm: NormKept

    def __init__(self) -> None:
        self.layers = []


@dataclass(frozen=True)
class _Rows:
    ids: Tensor
    asked: Tensor
    sayable: Tensor
    positions: Positions
    settings: LearnerSettings

    def forward(self, weights: Weights, kept: Kept | None) -> Tensor:
        """Logits [N, A]; `kept` is filled for `backward`."""
        settings = self.settings
        n_cards, n_pieces = self.ids.shape
        with torch.inference_mode():
            x = weights.embedding.index_select(0, self.ids.flatten())  # [B*T, C]
            for place, layer in enumerate(weights.layers):
                # -- attention
                attention_in, attention_norm = norm(x, layer.attention_norm)
                qkv = (attention_in @ layer.qkv_t).view(n_cards, n_pieces, 3, settings.n_heads, -1)
                mixed, attended = attention(qkv, layer.query_key_norm, self.positions)
                if place == settings.n_layers - 1:
                    mixed, x = mixed[self.asked], x[self.asked]  # [N, C]
                x = torch.addmm(x, mixed, layer.output_t)
                # -- SwiGLU
                mlp_in, mlp_norm = norm(x, layer.mlp_norm)
                hidden, gated = swiglu(mlp_in @ layer.gate_up_t)
                x = torch.addmm(x, hidden, layer.down)
                if kept is not None:
                    before = (attention_in, attention_norm, attended, mixed)
                    kept.layers.append(_LayerKept(*before, mlp_in, mlp_norm, hidden, gated))
        x, final_norm = norm(x, weights.final_norm)
        if kept is not None:
            kept.final_in, kept.final_norm = x, final_norm
        return x @ weights.head.index_select(0, self.sayable).T

    def backward(
        self, by_logits: Tensor, by_inputs: Tensor | None, weights: Weights, kept: Kept
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor. `by_inputs`: [N, C]
        its derivative by what the head read, besides that through the logits."""
        settings, device = self.settings, by_logits.device
        n_vocabulary = len(weights.head)
        flat = torch.empty(n_parameters_of(settings, n_vocabulary), device=device)
        by = views(flat, settings, n_vocabulary)
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ kept.final_in)
        by_final = by_logits @ weights.head.index_select(0, self.sayable)
        if by_inputs is not None:
            by_final += by_inputs
        by_x, by.final_norm[:] = norm_backward(by_final, weights.final_norm, kept.final_norm)
        with torch.inference_mode():
            for place in reversed(range(settings.n_layers)):
                layer = weights.layers[place]
                by_layer = by.layers[place]
                of = kept.layers.pop()
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


Reading = _Rows | batch_in_columns.Columns


class _Forward(torch.autograd.Function):
    """Joins forward and backward, for `torch.autograd.grad`."""

    @staticmethod
    def forward(ctx: Any, read: Reading, weights: Weights, *_: Tensor) -> tuple[Tensor, Tensor]:
        """`_` are the weights' tensors, so that autograd knows of them."""
        ctx.read = read
        ctx.weights = weights
        ctx.kept = Kept()
        ctx.set_materialize_grads(False)
        logits = read.forward(weights, ctx.kept)
        return logits, ctx.kept.final_in.clone()  # what is kept must not know of the graph

    @staticmethod
    def backward(
        ctx: Any, by_logits: Tensor, by_inputs: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        by = ctx.read.backward(by_logits, by_inputs, ctx.weights, ctx.kept)
        return None, None, *by.named().values()


def inputs_of(logits: Tensor) -> Tensor:
    """[N, C] what the head read to give these logits, which have a gradient.
    `forward` or `against.read` gave them. The derivative needs it, and it stays after that."""
    assert logits.grad_fn is not None
    inputs: Tensor = logits.grad_fn.kept.final_in  # type: ignore[attr-defined]
    return inputs


class Model(NamedTuple):
    """What is needed to read a batch."""

    weights: Weights
    flat: Tensor  # the numbers of it that learn
    sayable: Tensor  # [A] int64
    rotary: Rotary
    settings: LearnerSettings
    ends: Ends | None = None

    def reading(self, batch: Batch) -> Reading | llama.LlamaReading:
        return reading_of(batch.ids, batch.asked, self.sayable, self.rotary, self.settings)

    def logits(self, batch: Batch) -> Tensor:
        """[N, A], with a gradient if the weights have one."""
        return forward(self.weights, self.reading(batch))

    @property
    def kernels(self) -> compiled.Kernels | None:
        """What computes it; None for torch."""
        return compiled.kernels_for(self.settings, self.flat.device.type)
