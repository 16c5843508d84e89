"""The other processes' end: compute what rank 0 asks for, until it says that this is the end.

A worker opens no deck and no run, prints nothing and writes nothing.
"""

from __future__ import annotations

import signal

import msgspec
import torch
from torch import Tensor

from flashcards.learner.heap import prepare_process
from flashcards.learner.measuring import read_pieces, read_rows
from flashcards.learner.model import Rotary, n_parameters_of, views
from flashcards.learner.shards import Gradients, Model, Shard, branches, by_layer, summed
from flashcards.trainer.team.link import Link, Op, batches_of
from flashcards.trainer.team.workers import ModelFacts


def serve(link: Link, device: str) -> None:
    """Work for rank 0 to the end. Ctrl-C and SIGTERM are its to obey: it needs help to finish.
    Raises ProcessLost: it has ended without a word."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    prepare_process()
    worker = _Worker(link, device)
    while True:
        op, numbers = link.next_command()
        if op is Op.END:
            return
        worker.obey(op, numbers)


class _Worker:
    """A model that follows rank 0's."""

    _model: Model

    def __init__(self, link: Link, device: str) -> None:
        self._link = link
        self._device = device
        self._sums: list[Gradients] = []

    def obey(self, op: Op, numbers: list[int]) -> None:
        match op:
            case Op.MODEL:
                self._take(msgspec.json.decode(bytes(numbers), type=ModelFacts))
            case Op.SAYABLE:
                sayable = torch.tensor(numbers, device=self._device)
                self._model = self._model._replace(sayable=sayable)
            case Op.WEIGHTS:
                with torch.no_grad():
                    self._link.broadcast(self._model.flat)
            case Op.STUDY:
                self._study(numbers)
            case Op.GRADIENTS:
                for total in self._sums:
                    self._answer(torch.cat([tensor.flatten() for tensor in total]))
                self._sums = []
            case Op.GRADE | Op.READ:
                self._grade(op, numbers)
            case Op.MATRICES:
                n_steps, *sizes = numbers
                shapes = [sizes[i : i + 4] for i in range(0, len(sizes), 4)]
                stacks = [self._link.receive(0, shape).to(self._device) for shape in shapes]
                for stack in by_layer(stacks, n_steps):
                    self._answer(stack)
            case _:
                raise AssertionError(op)

    def _take(self, facts: ModelFacts) -> None:
        settings = facts.settings
        flat = torch.zeros(n_parameters_of(settings, facts.n_vocabulary), device=self._device)
        weights = views(flat, settings, facts.n_vocabulary)
        for parameter in weights.named().values():
            parameter.requires_grad_()
        nothing = torch.empty(0, dtype=torch.int64, device=self._device)
        rotary = Rotary(settings, self._device)
        self._model = Model(weights, flat, nothing, rotary, settings)

    def _study(self, numbers: list[int]) -> None:
        """Read the shards, answer, and go on with their gradients at once: they are asked next."""
        n_asked, n_shards, first, stop = numbers[:4]
        model = self._model
        shards = []
        for batch in batches_of(numbers[4:], self._device):
            shard = Shard.read(model, batch, n_asked)
            self._answer(shard.logits)
            self._answer(shard.inputs)
            shards.append(shard)

        def part(low: int, high: int) -> Gradients | None:
            return shards[low - first].gradients(model) if high - low == 1 else None

        own = branches(0, n_shards, range(first, stop))
        self._sums = [summed(low, high, part) for low, high in own]

    @torch.no_grad()
    def _grade(self, op: Op, numbers: list[int]) -> None:
        (batch,) = batches_of(numbers, self._device)
        logits = self._model.logits(batch)
        if op is Op.READ:
            self._answer(torch.tensor(read_pieces(logits, batch), dtype=torch.float64))
        else:
            nats, marks = read_rows(logits, batch, self._model.kernels)
            self._answer(torch.tensor(nats))
            self._answer(torch.tensor(list(marks)))

    def _answer(self, tensor: Tensor) -> None:
        self._link.send(0, tensor)
