"""Part 3, the model: a batch passes through all layers, forward, and back with the derivative.

Forward turns pieces into logits, a number for each piece that may come next. `loss.py`, in the next
part, turns logits into an error. Backward takes the error's derivative by the logits and gives its
derivative by every weight: the gradient, by which `optimizer.py` changes the weights.

With torch alone, here, rows are pieces. `kernels/batch_in_columns.py` does the same with compiled
kernels, in half the time, where a run wants them and they are here. Sizes as in model.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flashcards.learner.brought import base as brought
from flashcards.learner.encoding import Batch, Ends
from flashcards.learner.kernels import batch_in_columns, compiled
from flashcards.learner.layers import (
    AttentionActivations,
    NormActivations,
    Positions,
    SwiGLUActivations,
    attention,
    attention_backward,
    norm,
    norm_backward,
    swiglu,
    swiglu_backward,
)
from flashcards.learner.model import Rotary, Weights, n_parameters_of, views
from flashcards.learner.settings import LearnerSettings

# -- what forward leaves for backward


class LayerActivations(NamedTuple):
    """One layer's, in the order in which they arise.
    In the last layer everything from `mixed` on is of the N places asked alone."""

    attention_in: Tensor  # [B*T, C]
    attention_norm: NormActivations
    attention: AttentionActivations
    mixed: Tensor  # [B*T, C]
    mlp_in: Tensor  # [B*T, C]
    mlp_norm: NormActivations
    mlp_hidden: Tensor  # [B*T, F]
    swiglu: SwiGLUActivations


class Activations:
    """The whole model's; filled by forward, used up by backward."""

    layers: list[LayerActivations]
    final_in: Tensor  # [N, C] what the head read
    final_norm: NormActivations

    def __init__(self) -> None:
        self.layers = []


# -- the two passes


@dataclass(frozen=True)
class Rows:
    """A batch as torch reads it: see `reading_of`."""

    ids: Tensor  # [B, T]
    asked_at: Tensor  # [N]
    sayable: Tensor  # [A]
    positions: Positions
    settings: LearnerSettings

    def forward(self, weights: Weights, activations: Activations | None) -> Tensor:
        """Logits [N, A]; `activations` are filled for `backward`, None where there is none."""
        settings = self.settings
        n_cards, n_pieces = self.ids.shape
        with torch.inference_mode():  # less bookkeeping: autograd is not asked here
            x = weights.embedding.index_select(0, self.ids.flatten())  # [B*T, C]
            for place, layer in enumerate(weights.layers):
                # -- attention: positions meet here, and nowhere else
                attention_in, attention_norm = norm(x, layer.attention_norm)
                qkv = (attention_in @ layer.qkv_t).view(n_cards, n_pieces, 3, settings.n_heads, -1)
                mixed, attended = attention(qkv, layer.query_key_norm, self.positions)
                if place == settings.n_layers - 1:
                    # nobody looks at the other places any more: go on with those asked
                    mixed, x = mixed[self.asked_at], x[self.asked_at]  # [N, C]
                x = torch.addmm(x, mixed, layer.output_t)  # x + output · mixed
                # -- SwiGLU: each position by itself
                mlp_in, mlp_norm = norm(x, layer.mlp_norm)
                hidden, gated = swiglu(mlp_in @ layer.gate_up_t)  # [B*T, F]
                x = torch.addmm(x, hidden, layer.down)
                if activations is not None:
                    activations.layers.append(
                        LayerActivations(
                            attention_in=attention_in,
                            attention_norm=attention_norm,
                            attention=attended,
                            mixed=mixed,
                            mlp_in=mlp_in,
                            mlp_norm=mlp_norm,
                            mlp_hidden=hidden,
                            swiglu=gated,
                        )
                    )
        x, final_norm = norm(x, weights.final_norm)  # outside: autograd hands these on
        if activations is not None:
            activations.final_in = x
            activations.final_norm = final_norm
        # among the pieces that this deck's answers use: [N, C] @ [C, A]
        return x @ weights.head.index_select(0, self.sayable).T

    def backward(
        self,
        by_logits: Tensor,
        by_inputs: Tensor | None,
        weights: Weights,
        activations: Activations,
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor.
        For y = x · W' it is by_W = by_y' · x and by_x = by_y · W: what came in, and the matrix.

        Args:
            by_logits: [N, A]
            by_inputs: [N, C] its derivative by what the head read, besides that through the logits.
        """
        settings, device = self.settings, by_logits.device
        n_vocabulary = len(weights.head)
        flat = torch.empty(n_parameters_of(settings, n_vocabulary), device=device)
        by = views(flat, settings, n_vocabulary)
        # -- the head: rows of pieces that weren't among the choices stay zero
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ activations.final_in)
        by_final = by_logits @ weights.head.index_select(0, self.sayable)  # [N, C]
        if by_inputs is not None:
            by_final += by_inputs
        by_x, by.final_norm[:] = norm_backward(by_final, weights.final_norm, activations.final_norm)
        with torch.inference_mode():
            for place in reversed(range(settings.n_layers)):
                layer = weights.layers[place]
                by_layer = by.layers[place]
                of_layer = activations.layers.pop()  # its memory is free after this layer
                # -- SwiGLU; by_x comes both through the MLP and around it
                torch.mm(of_layer.mlp_hidden.T, by_x, out=by_layer.down)
                by_gate_up = swiglu_backward(by_x @ layer.down_t, of_layer.swiglu)
                torch.mm(by_gate_up.T, of_layer.mlp_in, out=by_layer.gate_up)
                by_mlp_in, by_layer.mlp_norm[:] = norm_backward(
                    by_gate_up @ layer.gate_up, layer.mlp_norm, of_layer.mlp_norm
                )
                by_x = by_mlp_in.add_(by_x)
                # -- attention, and around it
                torch.mm(by_x.T, of_layer.mixed, out=by_layer.output)
                by_mixed = by_x @ layer.output
                if place == settings.n_layers - 1:
                    # back from the places asked to all; the others had no part in the loss
                    nothing = torch.zeros(self.ids.numel(), settings.width, device=device)
                    by_mixed = nothing.index_copy(0, self.asked_at, by_mixed)
                    by_x = nothing.index_copy_(0, self.asked_at, by_x)
                by_qkv, by_layer.query_key_norm[:] = attention_backward(
                    by_mixed,
                    layer.query_key_norm,
                    self.positions,
                    of_layer.attention,
                    settings.n_heads,
                )
                torch.mm(by_qkv.T, of_layer.attention_in, out=by_layer.qkv)
                by_attention_in, by_layer.attention_norm[:] = norm_backward(
                    by_qkv @ layer.qkv, layer.attention_norm, of_layer.attention_norm
                )
                by_x = by_attention_in.add_(by_x)
        # -- the embedding: a piece's row gets the sum over all places where it was read
        by.embedding.zero_()
        by.embedding.index_add_(0, self.ids.flatten(), by_x)
        return by


# -- how others use them


Reading = Rows | batch_in_columns.Columns
"""A batch that is ready to be read: it has `forward` and `backward`."""


def reading_of(
    ids: Tensor, asked_at: Tensor, sayable: Tensor, rotary: Rotary, settings: LearnerSettings
) -> Reading:
    """A batch for a model of our own, ready to be read: the pieces `sayable` at the positions
    `asked_at`.

    Args:
        ids: [B, T] int64. Padding stands at the end, where no earlier piece can see it.
        asked_at: [N] int64, flat indices into B * T, none twice. The last layer's MLP and the head,
            which mix no positions, are computed at these alone.
        sayable: [A] int64, rows of the head: the pieces among which the answer is looked for.
    """
    kernels = compiled.kernels_for(settings, ids.device.type)
    positions = rotary.upto(ids.shape[1])
    if kernels is None:
        return Rows(ids, asked_at, sayable, positions, settings)
    return batch_in_columns.Columns(ids, asked_at, sayable, positions, settings, kernels)


class Model(NamedTuple):
    """All that is needed to read a batch: weights, and how they are used."""

    weights: Weights
    flat: Tensor  # the numbers of it that learn
    sayable: Tensor  # [A] int64
    rotary: Rotary
    settings: LearnerSettings
    ends: Ends | None = None

    def reading(self, batch: Batch) -> Reading | brought.BroughtReading:
        if isinstance(self.weights, brought.BroughtWeights):
            return brought.BroughtReading(batch.ids, batch.asked_at, batch)
        return reading_of(batch.ids, batch.asked_at, self.sayable, self.rotary, self.settings)

    def next_logits(self, ids: Tensor, asked_at: Tensor) -> Tensor:
        """[N, A] of what follows at these places of any sequences, `reading_of`'s `ids`."""
        if isinstance(self.weights, brought.BroughtWeights):
            return brought.BroughtReading(ids, asked_at).forward(self.weights)
        reading = reading_of(ids, asked_at, self.sayable, self.rotary, self.settings)
        return forward(self.weights, reading)

    def logits(self, batch: Batch) -> Tensor:
        """[N, A], with a gradient if the weights have one."""
        return forward(self.weights, self.reading(batch))

    @property
    def kernels(self) -> compiled.Kernels | None:
        """The kernels that compute it; None for torch."""
        return compiled.kernels_for(self.settings, self.flat.device.type)


def forward(weights: Weights, reading: Reading | brought.BroughtReading) -> Tensor:
    """Logits [N, A] of `reading_of`, differentiable by `weights`."""
    if isinstance(reading, brought.BroughtReading):
        assert isinstance(weights, brought.BroughtWeights)
        return reading.forward(weights)
    if torch.is_grad_enabled() and weights.head.requires_grad:
        return forward_with_inputs(weights, reading)[0]
    return reading.forward(weights, None)


def forward_with_inputs(weights: Weights, reading: Reading) -> tuple[Tensor, Tensor]:
    """Logits [N, A] and what the head read, [N, C], both differentiable by `weights`."""
    apply: Callable[..., tuple[Tensor, Tensor]] = _BothPasses.apply
    return apply(reading, weights, *weights.named().values())


class _BothPasses(torch.autograd.Function):
    """Joins forward and backward, for `torch.autograd.grad`: all of the model is one node."""

    @staticmethod
    def forward(ctx: Any, reading: Reading, weights: Weights, *_: Tensor) -> tuple[Tensor, Tensor]:
        """`_` are the weights' tensors, so that autograd knows of them."""
        ctx.reading = reading
        ctx.weights = weights
        ctx.activations = Activations()
        ctx.set_materialize_grads(False)  # None, not zeros, where nothing comes back
        logits = reading.forward(weights, ctx.activations)
        # a copy: what is kept must not know of the graph, or neither would ever be freed
        return logits, ctx.activations.final_in.clone()

    @staticmethod
    def backward(
        ctx: Any, by_logits: Tensor, by_inputs: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        by = ctx.reading.backward(by_logits, by_inputs, ctx.weights, ctx.activations)
        return None, None, *by.named().values()


def inputs_of(logits: Tensor) -> Tensor:
    """[N, C] what the head read to give these logits, which have a gradient.
    `forward` or `loss.read_with_loss` gave them. The derivative needs it, and it stays after that.
    """
    if isinstance(of_brought := getattr(logits, brought.READ_BY_HEAD, None), Tensor):
        return of_brought
    assert logits.grad_fn is not None
    inputs: Tensor = logits.grad_fn.activations.final_in  # type: ignore[attr-defined]
    return inputs
