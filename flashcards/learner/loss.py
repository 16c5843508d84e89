"""Part 4, the loss: how wrong the model is about a batch, as one number to make smaller.

The error of a piece is minus the logarithm of the probability that the model gave it:
cross-entropy, in nats (natural logarithms). It is 0 when the model was sure and right, and ln A
when it guesses blindly among A pieces. Its derivative by the logits is simple: the probabilities,
less one for the right piece.

Where `n_ahead` is set, the error of pieces further on is added. The sum is the objective: what an
update makes smaller. `learner.py` takes its gradient, by `passes.py`, for `optimizer.py`.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.brought.base import BroughtReading
from flashcards.learner.encoding import Batch
from flashcards.learner.kernels import batch_in_columns, compiled
from flashcards.learner.model import Weights
from flashcards.learner.passes import Activations, Model, forward, forward_with_inputs


def read_with_loss(model: Model, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Logits [N, A]; their error; the objective, which is differentiable by the weights.
    Error and objective are summed over all pieces asked; without pieces ahead they are the same."""
    weights = model.weights
    n_ahead = model.settings.n_ahead
    reading = model.reading(batch)
    if isinstance(reading, batch_in_columns.Columns):
        apply: Callable[..., tuple[Tensor, Tensor, Tensor]] = _ByKernels.apply
        return apply(reading, batch, weights, *weights.named().values())
    if isinstance(reading, BroughtReading) or not n_ahead:
        logits = forward(weights, reading)
        nats = F.cross_entropy(logits, batch.targets, reduction="sum")
        return logits, nats, nats
    logits, inputs = forward_with_inputs(weights, reading)
    nats = F.cross_entropy(logits, batch.targets, reduction="sum")
    head = weights.head.detach().index_select(0, model.sayable)  # [A, C]
    return logits, nats, nats + nats_ahead(inputs, batch, head, n_ahead)


# -- pieces further on


def nats_ahead(inputs: Tensor, batch: Batch, head: Tensor, n_ahead: int) -> Tensor:
    """The error of the pieces 2 to `n_ahead` + 1 places on, summed, differentiable by `inputs`.

    Multi-token prediction (Gloeckle et al. 2024, arXiv 2404.19737): to say the first digit of 27+15
    the model must know how 7+5 ends. Here it takes no weights: what the head reads is turned by a
    fixed matrix for each distance. The head's own gradient is of the next piece alone.

    Args:
        inputs: [N, C] what the head read at each place asked.
        head: [A, C] the head's rows of the sayable pieces.
    """
    apply: Callable[..., Tensor] = _NatsAhead.apply
    return apply(inputs, head, _targets(batch, n_ahead))


class _NatsAhead(torch.autograd.Function):
    """Finds the derivative with the error: on so few numbers autograd's own takes longer."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        """`targets`: [n_ahead, N]."""
        n_ahead, n_asked = targets.shape
        heads = turned(head, n_ahead)  # [n_ahead * A, C]
        logits = (heads @ inputs.T).view(n_ahead, -1, n_asked)
        log_chances = logits.log_softmax(1)  # [n_ahead, A, N]: ten times as fast as over the last
        places = targets.clamp(min=0)[:, None]  # [n_ahead, 1, N]
        is_asked = (targets >= 0)[:, None]
        nats = log_chances.gather(1, places).mul_(is_asked).sum().neg_()
        # by the logits: probabilities, less one for the right piece; nothing where none is asked
        errors = log_chances.exp_().scatter_add_(1, places, -torch.ones_like(logits[:, :1]))
        ctx.by_inputs = errors.mul_(is_asked).view(len(heads), n_asked).T @ heads  # [N, C]
        return nats

    @staticmethod
    def backward(ctx: Any, by_nats: Tensor) -> tuple[Tensor | None, ...]:
        return ctx.by_inputs * by_nats, None, None


def _targets(batch: Batch, n_ahead: int) -> Tensor:
    """[n_ahead, N]: the pieces of the same answer so many places after those asked for, else -1."""
    rows = F.pad(batch.row_of, (0, n_ahead), value=-1).unfold(0, n_ahead + 1, 1).T
    pieces = F.pad(batch.targets, (0, n_ahead)).unfold(0, n_ahead + 1, 1).T
    return pieces[1:].where(rows[1:] == rows[0], -1)


@functools.lru_cache(maxsize=4)
def turns(width: int, n_ahead: int, device: str) -> Tensor:
    """[n_ahead, C, C]: for each distance a matrix that is nearly orthogonal, always the same."""
    generator = torch.Generator().manual_seed(0)
    scale: float = width**-0.5
    return (torch.randn(n_ahead, width, width, generator=generator) * scale).to(device)


def turned(head: Tensor, n_ahead: int) -> Tensor:
    """[n_ahead * A, C]: what `head` [A, C] reads of each distance, one after the other."""
    return (head @ turns(head.shape[1], n_ahead, head.device.type)).flatten(0, 1)


# -- by compiled kernels


class Errors(NamedTuple):
    """Errors by a compiled kernel, of G pieces after each of the N places asked, among A pieces."""

    nats: Tensor  # [G, N] float32; 0 where the answer has ended
    best: Tensor  # [G, N] the likeliest piece, float32
    by_logits: Tensor  # [G, A, N] the derivative of all the nats' sum


def errors_of(logits: Tensor, batch: Batch, kernels: compiled.Kernels, first: int = 0) -> Errors:
    """`logits`: [G, A, N] of the pieces `first`, `first` + 1, ... after the next."""
    logits = logits.contiguous()
    n_ahead, n_pieces, n_asked = logits.shape
    by_logits = torch.empty_like(logits)
    totals, gaps, best = torch.empty(3, n_ahead, n_asked).unbind()
    tensors = (logits, by_logits, totals, gaps, best, batch.targets, batch.row_of)
    kernels["cross_entropy"](*map(Tensor.data_ptr, tensors), n_ahead, first, n_pieces, n_asked)
    return Errors(totals.log_().add_(gaps), best, by_logits)


class _ByKernels(torch.autograd.Function):
    """Reading, error and derivative as one node of autograd.
    For so few numbers each further node takes longer than what it computes. The node has `errors`,
    for whoever grades what was read."""

    @staticmethod
    def forward(
        ctx: Any, reading: batch_in_columns.Columns, batch: Batch, weights: Weights, *_: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`_` are the weights' tensors, so that autograd knows of them."""
        ctx.reading = reading
        ctx.weights = weights
        ctx.activations = Activations()
        ctx.set_materialize_grads(False)
        logits = reading.forward(weights, ctx.activations)
        errors = errors_of(logits.T[None], batch, reading.kernels)
        ctx.errors = errors
        ctx.by_logits = errors.by_logits[0].T  # [N, A]
        ctx.by_inputs = None
        nats = errors.nats.sum()
        objective = nats.clone()
        if n_ahead := reading.settings.n_ahead:
            heads = turned(weights.head.index_select(0, reading.sayable), n_ahead)  # [G * A, C]
            logits_ahead = (heads @ ctx.activations.final_in.T).view(n_ahead, -1, len(logits))
            ahead = errors_of(logits_ahead, batch, reading.kernels, first=1)
            objective += ahead.nats.sum()
            ctx.by_inputs = (heads.T @ ahead.by_logits.flatten(0, 1)).T  # [N, C]
        return logits, nats, objective

    @staticmethod
    def backward(
        ctx: Any, by_logits: Tensor | None, by_nats: Tensor | None, by_objective: Tensor
    ) -> tuple[Tensor | None, ...]:
        assert (by_logits, by_nats) == (None, None), "only the objective has a gradient"
        by_inputs = None if ctx.by_inputs is None else ctx.by_inputs * by_objective
        by = ctx.reading.backward(
            ctx.by_logits * by_objective, by_inputs, ctx.weights, ctx.activations
        )
        return None, None, None, *by.named().values()
