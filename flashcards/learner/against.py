"""What an update works against: the error of the next pieces, and of those ahead.

With compiled kernels the derivatives by logits are found with the error, and all of it is one node
of autograd: for so few numbers each further node takes longer than what it computes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.ahead import nats_ahead, turned
from flashcards.learner.columns import Columns
from flashcards.learner.compiled import Kernels
from flashcards.learner.encoding import Batch
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.passes import Kept, forward, forward_with_inputs, reading_of
from flashcards.learner.settings import LearnerSettings


class Errors(NamedTuple):
    """By a compiled kernel: of G pieces after each of the N places asked, among A sayable ones.

    Attributes:
        nats: [G, N] float32; 0 where the answer has ended.
        best: [G, N] the likeliest piece, float32.
        by_logits: [G, A, N] the derivative of all the nats' sum.
    """

    nats: Tensor
    best: Tensor
    by_logits: Tensor


def errors_of(logits: Tensor, batch: Batch, kernels: Kernels, first: int = 0) -> Errors:
    """`logits`: [G, A, N] of the pieces `first`, `first` + 1, ... after the next."""
    logits = logits.contiguous()
    n_ahead, n_pieces, n_asked = logits.shape
    by_logits = torch.empty_like(logits)
    totals, gaps, best = torch.empty(3, n_ahead, n_asked).unbind()
    tensors = (logits, by_logits, totals, gaps, best, batch.targets, batch.row_of)
    kernels["cross_entropy"](*map(Tensor.data_ptr, tensors), n_ahead, first, n_pieces, n_asked)
    return Errors(totals.log_().add_(gaps), best, by_logits)


def read(
    weights: Weights, batch: Batch, sayable: Tensor, rotary: Rotary, settings: LearnerSettings
) -> tuple[Tensor, Tensor, Tensor]:
    """Logits [N, A], their error, and that with the error of the pieces ahead, both summed.

    The last is what an update works against, differentiable by `weights`; without pieces ahead it
    is the same number.
    """
    reading = reading_of(batch.ids, batch.asked, sayable, rotary, settings)
    if isinstance(reading, Columns):
        apply: Callable[..., tuple[Tensor, Tensor, Tensor]] = _Read.apply
        return apply(reading, batch, weights, *weights.named().values())
    if not settings.n_ahead:
        logits = forward(weights, reading)
        nats = F.cross_entropy(logits, batch.targets, reduction="sum")
        return logits, nats, nats
    logits, inputs = forward_with_inputs(weights, reading)
    nats = F.cross_entropy(logits, batch.targets, reduction="sum")
    head = weights.head.detach().index_select(0, sayable)
    return logits, nats, nats + nats_ahead(inputs, batch, head, settings.n_ahead)


class _Read(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, reading: Columns, batch: Batch, weights: Weights, *_: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`_` are the weights' tensors, so that autograd knows of them."""
        ctx.reading, ctx.weights, ctx.kept = reading, weights, Kept()
        ctx.set_materialize_grads(False)
        logits = reading.forward(weights, ctx.kept)
        found = errors_of(logits.T[None], batch, reading.kernels)
        nats, by_inputs = found.nats.sum(), None
        against = nats.clone()
        if n_ahead := reading.settings.n_ahead:
            head = turned(weights.head.index_select(0, reading.sayable), n_ahead)  # [G * A, C]
            logits_ahead = (head @ ctx.kept.final_in.T).view(n_ahead, -1, len(logits))
            ahead = errors_of(logits_ahead, batch, reading.kernels, first=1)
            against += ahead.nats.sum()
            by_inputs = (head.T @ ahead.by_logits.flatten(0, 1)).T
        ctx.by_logits_and_inputs = found.by_logits[0].T, by_inputs
        return logits, nats, against

    @staticmethod
    def backward(ctx: Any, *by_outputs: Tensor | None) -> tuple[Tensor | None, ...]:
        *others, by_against = by_outputs
        assert others == [None, None], "what an update works against is the last alone"
        by_both = (None if part is None else part * by_against for part in ctx.by_logits_and_inputs)
        by = ctx.reading.backward(*by_both, ctx.weights, ctx.kept)
        return None, None, None, *by.named().values()
