"""Pieces beyond the next, which the model has to guess too while it is taught.

Multi-token prediction (Gloeckle et al. 2024, arXiv 2404.19737): to say the first digit of 27+15 the
model must know how 7+5 ends, and so it is asked for that at the first digit already. Here it takes
no weights of its own. What the head reads is turned by a fixed matrix for each distance, and read
by the head as it is. The head's own gradient is of the next piece alone.
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.encoding import Batch

NOT_ASKED = -100


@functools.lru_cache(maxsize=4)
def turns(width: int, n_ahead: int, device: str) -> Tensor:
    """[C, n_ahead * C]: for each distance a matrix that is nearly orthogonal, always the same."""
    generator = torch.Generator().manual_seed(0)
    drawn: Tensor = torch.randn(width, n_ahead * width, generator=generator) * width**-0.5
    return drawn.to(device)


def nats_ahead(inputs: Tensor, batch: Batch, head: Tensor, n_ahead: int) -> Tensor:
    """The error of the pieces 2 to `n_ahead` + 1 places on, summed, differentiable by `inputs`.

    Args:
        inputs: [N, C] what the head read at each place asked.
        head: [A, C] the head's rows of the sayable pieces.
    """
    turned = inputs @ turns(inputs.shape[1], n_ahead, inputs.device.type)
    logits = turned.view(len(inputs) * n_ahead, -1) @ head.detach().T
    targets = _targets(batch, n_ahead).flatten()
    return F.cross_entropy(logits, targets, ignore_index=NOT_ASKED, reduction="sum")


def _targets(batch: Batch, n_ahead: int) -> Tensor:
    """[N, n_ahead]: the pieces of the same answer so many places after those asked for."""
    targets = batch.targets.new_full((len(batch.targets), n_ahead), NOT_ASKED)
    for ahead in range(1, n_ahead + 1):
        is_same = batch.row_of[ahead:] == batch.row_of[:-ahead]
        found = torch.where(is_same, batch.targets[ahead:], NOT_ASKED)
        targets[: len(found), ahead - 1] = found
    return targets
