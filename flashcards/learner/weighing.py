"""Answers made likelier or less likely, each by a weight: what rewards and votes teach with.

The loss is minus the sum of weight times log probability, of whole answers. With the advantage as
weight its derivative is the policy gradient (REINFORCE, Williams 1992); with the mean of a group as
what a reward is compared with, that of GRPO without its division by the group's spread
(arXiv:2402.03300 and arXiv:2503.20783), no KL and no clipping: each draw serves one update.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.encoding import Batch

VOTE_WEIGHT = 0.05
"""Of the answer that a vote prefers; the other one's is minus this.
With these weights the derivative of `weighted_loss` is that of DPO's loss for one pair, -log
sigmoid(beta * margin), where the model is its own reference: beta / 2, with the usual beta of 0.1
(Rafailov et al. 2023, arXiv:2305.18290)."""


@dataclass(frozen=True)
class Weighed:
    """An answer to a prompt, and its weight: above 0 it is made likelier.
    `places` are its pieces as places among the sayable ones, the end included where it has one."""

    prompt: str
    places: tuple[int, ...]
    weight: float


def advantages(rewards: Sequence[float]) -> list[float]:
    """Each reward of one group, less their mean; exactly 0 where all are alike."""
    if min(rewards) == max(rewards):
        return [0.0] * len(rewards)
    mean = math.fsum(rewards) / len(rewards)
    return [reward - mean for reward in rewards]


def merged(answers: Sequence[Weighed]) -> list[Weighed]:
    """The same answers as one with the sum of their weights, in order; those of weight 0 left out.
    The derivative is the same, and a model that is fairly sure says most things several times."""
    sums: dict[tuple[str, tuple[int, ...]], list[float]] = {}
    for answer in answers:
        sums.setdefault((answer.prompt, answer.places), []).append(answer.weight)
    found = (Weighed(prompt, said, math.fsum(w)) for (prompt, said), w in sums.items())
    return [answer for answer in found if answer.weight]


def weighted_loss(logits: Tensor, batch: Batch, weights: Sequence[float], n: int) -> Tensor:
    """Minus the sum of weight times log probability of the batch's rows, over `n` answers drawn."""
    by_row = torch.tensor(weights, dtype=logits.dtype, device=logits.device)
    nats = F.cross_entropy(logits, batch.targets, reduction="none")
    return (nats * by_row[batch.row_of]).sum() / n
