"""Pieces beyond the next, which the model has to guess too while it is taught.

Multi-token prediction (Gloeckle et al. 2024, arXiv 2404.19737): to say the first digit of 27+15 the
model must know how 7+5 ends, and so it is asked for that at the first digit already. Here it takes
no weights of its own. What the head reads is turned by a fixed matrix for each distance, and read
by the head as it is. The head's own gradient is of the next piece alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.encoding import Batch


@functools.lru_cache(maxsize=4)
def turns(width: int, n_ahead: int, device: str) -> Tensor:
    """[n_ahead, C, C]: for each distance a matrix that is nearly orthogonal, always the same."""
    generator = torch.Generator().manual_seed(0)
    scale: float = width**-0.5
    return (torch.randn(n_ahead, width, width, generator=generator) * scale).to(device)


def turned(head: Tensor, n_ahead: int) -> Tensor:
    """[n_ahead * A, C]: what `head` [A, C] reads of each distance, one after the other."""
    return (head @ turns(head.shape[1], n_ahead, head.device.type)).flatten(0, 1)


def nats_ahead(inputs: Tensor, batch: Batch, head: Tensor, n_ahead: int) -> Tensor:
    """The error of the pieces 2 to `n_ahead` + 1 places on, summed, differentiable by `inputs`.

    Args:
        inputs: [N, C] what the head read at each place asked.
        head: [A, C] the head's rows of the sayable pieces.
    """
    apply: Callable[..., Tensor] = _NatsAhead.apply
    return apply(inputs, head, _targets(batch, n_ahead))


class _NatsAhead(torch.autograd.Function):
    """The derivative is found with the error: on so few numbers autograd's own takes longer."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        """`targets`: [n_ahead, N]."""
        n_ahead, n_asked = targets.shape
        read = turned(head, n_ahead)
        logits = (read @ inputs.T).view(n_ahead, -1, n_asked)
        log_chances = logits.log_softmax(1)  # ten times as fast as over the last
        places, is_asked = targets.clamp(min=0)[:, None], (targets >= 0)[:, None]
        nats = log_chances.gather(1, places).mul_(is_asked).sum().neg_()
        errors = log_chances.exp_().scatter_add_(1, places, -torch.ones_like(logits[:, :1]))
        ctx.by_inputs = errors.mul_(is_asked).view(len(read), n_asked).T @ read
        return nats

    @staticmethod
    def backward(ctx: Any, by_nats: Tensor) -> tuple[Tensor | None, ...]:
        return ctx.by_inputs * by_nats, None, None


def _targets(batch: Batch, n_ahead: int) -> Tensor:
    """[n_ahead, N]: the pieces of the same answer so many places after those asked for, else -1."""
    rows = F.pad(batch.row_of, (0, n_ahead), value=-1).unfold(0, n_ahead + 1, 1).T
    pieces = F.pad(batch.targets, (0, n_ahead)).unfold(0, n_ahead + 1, 1).T
    return pieces[1:].where(rows[1:] == rows[0], -1)
