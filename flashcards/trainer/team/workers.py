"""Rank 0's end: hands shards, exams and matrices to the other processes and takes what they give.

The others know nothing but the model and what they are sent, so whatever a lesson does by itself
needs no word to them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
import torch
from torch import Tensor

from flashcards.learner.encoding import Batch
from flashcards.learner.measuring import read_pieces, read_rows
from flashcards.learner.model import views
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.shards import (
    Gradients,
    Model,
    ProcessLost,
    RowScores,
    Shards,
    by_layer,
    ranges,
    summed,
)
from flashcards.trainer.team.link import Link, Op, numbers_of

MIN_MATRIX = 128
"""Smaller matrices are orthogonalised faster than they are sent."""


class ModelFacts(msgspec.Struct, frozen=True):
    """What a worker must know of the model."""

    settings: LearnerSettings
    n_vocabulary: int


class Workers:
    """The other processes, as a learner's team."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._facts: ModelFacts | None = None
        self._sayable: Tensor | None = None

    def study(self, model: Model, batches: Sequence[Batch]) -> Shards:
        """A batch's shards, read by all."""
        own, *others = ranges(len(batches), self._link.n_processes)
        n_asked = sum(len(batch.targets) for batch in batches)
        self._share(model)
        for rank, part in enumerate(others, 1):
            place = [n_asked, len(batches), part.start, part.stop]
            numbers = numbers_of(batches[part.start : part.stop])
            self._link.command(rank, Op.STUDY, place + numbers)
        return _SharedShards(model, batches, n_asked, own, others, self._link)

    def grade(self, model: Model, batches: Iterator[Batch]) -> Iterator[RowScores]:
        self._share(model)
        while some := list(islice(batches, self._link.n_processes)):
            self._command_each(Op.GRADE, some[1:])
            scores = [read_rows(model.logits(some[0]), some[0], model.kernels)]
            for rank, batch in enumerate(some[1:], 1):
                n_rows = len(batch.n_asked)
                nats = self._link.receive(rank, (n_rows,)).tolist()
                marks = self._link.receive(rank, (n_rows,), torch.int64).tolist()
                scores.append((tuple(nats), bytes(marks)))
            yield from scores

    def read(self, model: Model, batches: Iterator[Batch]) -> Iterator[tuple[float, int]]:
        """Of each batch of a text the summed error in nats and how many pieces are right."""
        self._share(model)
        while some := list(islice(batches, self._link.n_processes)):
            self._command_each(Op.READ, some[1:])
            scores = [read_pieces(model.logits(some[0]), some[0])]
            for rank in range(1, len(some)):
                nats, n_right = self._link.receive(rank, (2,), torch.float64).tolist()
                scores.append((nats, int(n_right)))
            yield from scores

    def orthogonalise(self, stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
        """What `by_layer` gives: each process does some layers."""
        own, *others = ranges(len(stacks[0]), self._link.n_processes)
        if min(stacks[0].shape[-2:]) < MIN_MATRIX:
            return by_layer(stacks, n_steps)
        for rank, part in enumerate(others, 1):
            sizes = [n for stack in stacks for n in (len(part), *stack.shape[1:])]
            self._link.command(rank, Op.MATRICES, [n_steps, *sizes])
            for stack in stacks:
                self._link.send(rank, stack[part.start : part.stop])
        done = [[part] for part in by_layer([stack[: own.stop] for stack in stacks], n_steps)]
        for rank, part in enumerate(others, 1):
            for stack, parts in zip(stacks, done, strict=True):
                shape = (len(part), *stack.shape[1:])
                parts.append(self._link.receive(rank, shape).to(stack.device))
        return [torch.cat(parts) for parts in done]

    def end(self) -> None:
        """Let the workers end, those that are still there."""
        with contextlib.suppress(ProcessLost):
            self._command_all(Op.END)

    def _share(self, model: Model) -> None:
        """Let all have the model as it is."""
        facts = ModelFacts(model.settings, len(model.weights.head))
        if facts != self._facts:
            self._facts, self._sayable = facts, None
            self._command_all(Op.MODEL, list(msgspec.json.encode(facts)))
        if self._sayable is not model.sayable:
            self._sayable = model.sayable
            self._command_all(Op.SAYABLE, model.sayable.tolist())
        self._command_all(Op.WEIGHTS)
        self._link.broadcast(model.flat)

    def _command_all(self, op: Op, numbers: Sequence[int] = ()) -> None:
        for rank in range(1, self._link.n_processes):
            self._link.command(rank, op, numbers)

    def _command_each(self, op: Op, batches: Sequence[Batch]) -> None:
        for rank, batch in enumerate(batches, 1):
            self._link.command(rank, op, numbers_of([batch]))


class _SharedShards(Shards):
    """Shards of which other processes have read some."""

    def __init__(
        self,
        model: Model,
        batches: Sequence[Batch],
        n_asked: int,
        own: range,
        others: Sequence[range],
        link: Link,
    ) -> None:
        super().__init__(model, batches[: own.stop], n_asked)
        self._own, self._others, self._link = own, others, link
        self._n_shards = len(batches)
        logits, inputs = [self.logits], [super().inputs]
        for rank, part in enumerate(others, 1):
            for batch in batches[part.start : part.stop]:
                n = len(batch.targets)
                for parts in (logits, inputs):
                    found = link.receive(rank, (n, parts[0].shape[-1]))
                    parts.append(found.to(self.logits.device))
        self.logits = torch.cat(logits)
        self._inputs = torch.cat(inputs)

    @property
    def inputs(self) -> Tensor:
        """[N, C] what the head read at each place asked."""
        return self._inputs

    def gradients(self) -> Gradients:
        """Of the batch's mean error a piece; once."""
        asked: set[int] = set()
        model = self._model

        def part(low: int, high: int) -> Gradients | None:
            if high <= self._own.stop:
                return self._shards[low].gradients(model) if high - low == 1 else None
            for rank, own in enumerate(self._others, 1):
                if own.start <= low and high <= own.stop:
                    if rank not in asked:
                        asked.add(rank)
                        self._link.command(rank, Op.GRADIENTS)
                    flat = self._link.receive(rank, model.flat.shape).to(model.flat.device)
                    cut = views(flat, model.settings, len(model.weights.head))
                    return list(cut.named().values())
            return None

        return summed(0, self._n_shards, part)
