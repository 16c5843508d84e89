"""Part 5, the gradient: a batch divided into shards, whose gradients are added up.

The derivative itself is `backward` in passes.py, taken by `learner.gradients_of`: most runs have
one shard, and need no more. With several shards, several processes can compute one update
(`trainer/team/`). How a batch is divided and in which order gradients are added depends on the
settings alone: rounding depends on the order. So the sum is the same to the bit, whether one
process computes all shards or several do a part each.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from flashcards.base.errors import UserError
from flashcards.learner.encoding import Batch
from flashcards.learner.loss import read_with_loss
from flashcards.learner.passes import Model, inputs_of


class ProcessLost(UserError):  # noqa: N818
    """Another process of this training has ended; the message says how to go on."""


Gradients = list[Tensor]  # one tensor for each of `Weights`, in order

RowScores = tuple[tuple[float, ...], bytes]  # of each row its error in nats and its mark


class Shards(NamedTuple):
    """A batch read in shards, or some neighbouring shards of one.

    Attributes:
        sums: Gradients of the objective over the pieces asked for in the whole batch, by the shards
            of which they are the sum, from and to: branches of the tree of `summed`.
    """

    logits: Tensor  # [N, A] without gradient
    inputs: Tensor  # [N, C] what the head read
    sums: dict[tuple[int, int], Gradients]

    @property
    def gradients(self) -> Gradients:
        """The gradients of the whole batch's mean objective a piece; once."""
        return summed(0, max(high for _, high in self.sums), self.sums.get)


def read_shards(
    model: Model, batches: Sequence[Batch], n_asked: int, first: int, n_shards: int
) -> Shards:
    """The shards `first` and following of `n_shards`, each with its gradient.
    `n_asked`: the pieces asked for in the whole batch."""
    logits = []
    inputs = []
    weights = list(model.weights.named().values())
    by_shard: dict[tuple[int, int], Gradients] = {}
    for shard, batch in enumerate(batches, first):
        shard_logits, _, objective = read_with_loss(model, batch)
        logits.append(shard_logits.detach())
        inputs.append(inputs_of(shard_logits))
        by_shard[shard, shard + 1] = list(torch.autograd.grad(objective / n_asked, weights))
    own = branches(0, n_shards, range(first, first + len(batches)))
    sums = {branch: summed(*branch, by_shard.get) for branch in own}
    return Shards(torch.cat(logits), torch.cat(inputs), sums)


def joined(parts: Sequence[Shards]) -> Shards:
    return Shards(
        torch.cat([part.logits for part in parts]),
        torch.cat([part.inputs for part in parts]),
        {branch: total for part in parts for branch, total in part.sums.items()},
    )


class Team(Protocol):
    """Several processes that compute for one learner. Results don't depend on how many they are.
    Everything here raises ProcessLost when one of them has ended."""

    def study(self, model: Model, batches: Sequence[Batch], n_asked: int) -> Shards:
        """A batch's shards, read by all. `n_asked`: the pieces asked for in all of them."""

    def grade(self, model: Model, batches: Iterator[Batch]) -> Iterator[RowScores]:
        """The scores of each batch, in order."""

    def read(self, model: Model, batches: Iterator[Batch]) -> Iterator[tuple[float, int]]:
        """The summed error in nats of each batch of a text, and the number of right pieces."""

    def orthogonalise(self, stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
        """The matrices that `optimizer.layer_by_layer` gives, computed by all."""


def ranges(n: int, n_parts: int) -> list[range]:
    """0 to `n` - 1 in that many parts of about one size; fewer if there are not so many."""
    n_parts = min(n, n_parts)
    return [range(i * n // n_parts, (i + 1) * n // n_parts) for i in range(n_parts)]


def summed(low: int, high: int, known: Callable[[tuple[int, int]], Gradients | None]) -> Gradients:
    """The gradients of shards `low` to `high` - 1, added as a tree: first each half by itself.
    `known` gives the sum of such a half where it is known; that of a single shard always is."""
    total = known((low, high))
    if total is not None:
        return total
    middle = (low + high) // 2
    total = summed(low, middle, known)
    torch._foreach_add_(total, summed(middle, high, known))
    return total


def branches(low: int, high: int, own: range) -> Iterator[tuple[int, int]]:
    """The largest parts of the tree of `summed` that lie within `own`, in its order."""
    if own.start <= low and high <= own.stop:
        yield low, high
    elif low < own.stop and own.start < high:
        middle = (low + high) // 2
        yield from branches(low, middle, own)
        yield from branches(middle, high, own)
