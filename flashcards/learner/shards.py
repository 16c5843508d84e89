"""A batch divided into shards: each shard's gradient is computed by itself, then they are summed.

How a batch is divided and in which order gradients are added depends on the settings alone. So the
sum is the same to the bit, whether one process computes all shards or several do a part each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from flashcards.base.errors import UserError
from flashcards.learner.against import read
from flashcards.learner.compiled import Kernels, kernels_for
from flashcards.learner.encoding import Batch
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.optimizer import orthogonalise
from flashcards.learner.passes import forward, inputs_of, reading_of
from flashcards.learner.settings import LearnerSettings


class ProcessLost(UserError):  # noqa: N818
    """Another process of this training has ended; the message says how to go on."""


Gradients = list[Tensor]
"""One tensor for each of `Weights`, in order."""

RowScores = tuple[tuple[float, ...], bytes]
"""Of each row its error in nats and its mark, as `measuring.read_rows` gives them."""


class Model(NamedTuple):
    """What is needed to read a batch."""

    weights: Weights
    flat: Tensor  # the same numbers, [n_parameters]
    sayable: Tensor  # [A] int64
    rotary: Rotary
    settings: LearnerSettings

    def logits(self, batch: Batch) -> Tensor:
        """[N, A], with a gradient if the weights have one."""
        sizes = (batch.ids, batch.asked, self.sayable, self.rotary, self.settings)
        return forward(self.weights, reading_of(*sizes))

    @property
    def kernels(self) -> Kernels | None:
        """What computes it; None for torch."""
        return kernels_for(self.settings, self.flat.device.type)

    def read(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """What `against.read` gives."""
        return read(self.weights, batch, self.sayable, self.rotary, self.settings)


@dataclass(frozen=True)
class Shard:
    """Some rows of a batch as the model reads them.

    Attributes:
        logits: [N, A] with their gradient's graph.
        loss: Their share of what an update of the whole batch works against: its mean error a
            piece, and that of the pieces ahead. All shares add up to it.
    """

    logits: Tensor
    loss: Tensor

    @classmethod
    def read(cls, model: Model, batch: Batch, n_asked: int) -> Shard:
        """`n_asked`: the pieces asked for in the whole batch."""
        logits, _, nats = model.read(batch)
        return cls(logits, nats / n_asked)

    @property
    def inputs(self) -> Tensor:
        """[N, C] what the head read."""
        return inputs_of(self.logits)

    def gradients(self, model: Model) -> Gradients:
        """Of its share of the loss; the shard can be used for this once."""
        return list(torch.autograd.grad(self.loss, list(model.weights.named().values())))


class Shards:
    """All shards of a batch, read in this process.
    `logits`: [N, A] of the whole batch, without gradient."""

    def __init__(self, model: Model, batches: Sequence[Batch], n_asked: int) -> None:
        """`n_asked`: the pieces asked for in the whole batch."""
        self._model = model
        self._shards = [Shard.read(model, batch, n_asked) for batch in batches]
        self.logits = torch.cat([shard.logits.detach() for shard in self._shards])

    @property
    def inputs(self) -> Tensor:
        """[N, C] what the head read at each place asked."""
        return torch.cat([shard.inputs for shard in self._shards])

    def gradients(self) -> Gradients:
        """Of the batch's mean error a piece; once."""

        def part(low: int, high: int) -> Gradients | None:
            return self._shards[low].gradients(self._model) if high - low == 1 else None

        return summed(0, len(self._shards), part)


class Team(Protocol):
    """Several processes that compute for one learner. Results don't depend on how many they are.

    Everything here raises ProcessLost when one of them has ended.
    """

    def study(self, model: Model, batches: Sequence[Batch]) -> Shards:
        """A batch's shards, read by all."""

    def grade(self, model: Model, batches: Iterator[Batch]) -> Iterator[RowScores]:
        """The scores of each batch, in order."""

    def read(self, model: Model, batches: Iterator[Batch]) -> Iterator[tuple[float, int]]:
        """Of each batch of a text the summed error in nats and how many pieces are right."""

    def orthogonalise(self, stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
        """What `by_layer` gives."""


def ranges(n: int, n_parts: int) -> list[range]:
    """0 to `n` - 1 in that many parts of about one size; fewer if there are not so many."""
    n_parts = min(n, n_parts)
    return [range(i * n // n_parts, (i + 1) * n // n_parts) for i in range(n_parts)]


def summed(low: int, high: int, part: Callable[[int, int], Gradients | None]) -> Gradients:
    """The gradients of shards `low` to `high` - 1, added as a tree: first each half by itself.

    `part` gives the sum of such a half where it is known; of a single shard it must be.
    """
    known = part(low, high)
    if known is not None:
        return known
    middle = (low + high) // 2
    total = summed(low, middle, part)
    torch._foreach_add_(total, summed(middle, high, part))
    return total


def branches(low: int, high: int, own: range) -> Iterator[tuple[int, int]]:
    """The largest parts of the tree of `summed` that lie within `own`, in its order."""
    if own.start <= low and high <= own.stop:
        yield low, high
    elif low < own.stop and own.start < high:
        middle = (low + high) // 2
        yield from branches(low, middle, own)
        yield from branches(middle, high, own)


def by_layer(stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
    """`orthogonalise` of [L, ...] matrices, layer by layer: so layers can be divided, too."""
    return [torch.stack([orthogonalise(layer, n_steps) for layer in stack]) for stack in stacks]
