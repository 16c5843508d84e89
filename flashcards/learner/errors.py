"""The error of the pieces that a model gives next, with its derivative, by a compiled kernel."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from flashcards.learner.compiled import Kernels
from flashcards.learner.encoding import Batch


class Errors(NamedTuple):
    """Of G pieces after each of the N places asked, among A sayable ones.

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
