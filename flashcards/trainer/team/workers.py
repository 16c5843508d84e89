"""A learner's team: rank 0 hands out parts of the work, the other processes do them.

The others open no deck and no run, print nothing and write nothing. They know the model and what
they are called with, so whatever a lesson does by itself needs no word to them.
"""

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import torch
from torch import Tensor

from flashcards.learner.encoding import Batch
from flashcards.learner.fingerprint import prepare_process
from flashcards.learner.grades import read_pieces, read_rows
from flashcards.learner.model import Rotary, n_parameters_of, views
from flashcards.learner.optimizer import layer_by_layer
from flashcards.learner.passes import Model
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.shards import (
    ProcessLost,
    RowScores,
    Shards,
    joined,
    ranges,
    read_shards,
)
from flashcards.trainer.team.link import Link

T = TypeVar("T")

MIN_MATRIX = 128  # Smaller matrices are orthogonalised faster than they are sent


class Workers:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._known: tuple[LearnerSettings, int] | None = None
        self._sayable: Tensor | None = None

    def study(self, model: Model, batches: Sequence[Batch], n_asked: int) -> Shards:
        self._share(model)
        parts = ranges(len(batches), self._link.n_processes)
        calls = [(batches[p.start : p.stop], n_asked, p.start, len(batches)) for p in parts]
        return joined(self._on_each(read_shards, model, calls))

    def grade(self, model: Model, batches: Iterator[Batch]) -> Iterator[RowScores]:
        return self._all(_grade, model, batches)

    def read(self, model: Model, batches: Iterator[Batch]) -> Iterator[tuple[float, int]]:
        return self._all(_read, model, batches)

    def orthogonalise(self, stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
        """Each process does some layers."""
        if min(stacks[0].shape[-2:]) < MIN_MATRIX:
            return layer_by_layer(stacks, n_steps)
        parts = ranges(len(stacks[0]), self._link.n_processes)
        calls = [([stack[p.start : p.stop].clone() for stack in stacks], n_steps) for p in parts]
        done = self._on_each(_orthogonalise, None, calls)
        return [torch.cat(layers) for layers in zip(*done, strict=True)]

    def end(self) -> None:
        with contextlib.suppress(ProcessLost):
            self._tell_all(None)

    def _all(
        self, function: Callable[[Model, Batch], T], model: Model, batches: Iterator[Batch]
    ) -> Iterator[T]:
        self._share(model)
        while share := list(islice(batches, self._link.n_processes)):
            yield from self._on_each(function, model, [(batch,) for batch in share])

    def _on_each(
        self, function: Callable[..., T], model: Model | None, calls: Sequence[tuple[Any, ...]]
    ) -> list[T]:
        for rank, arguments in enumerate(calls[1:], 1):
            self._link.send(rank, (function, arguments))
        own = function(model, *calls[0])
        return [own, *(self._link.receive(rank) for rank in range(1, len(calls)))]

    def _share(self, model: Model) -> None:
        """Send all processes the model, as far as they don't have it."""
        known = (model.settings, len(model.weights.head))
        if known != self._known:
            self._known = known
            self._sayable = None
        if self._sayable is not model.sayable:
            self._sayable = model.sayable
            self._tell_all((_begin, (*known, model.sayable.tolist())))
        self._tell_all((_take_weights, ()))
        self._link.broadcast(model.flat)

    def _tell_all(self, call: object) -> None:
        for rank in range(1, self._link.n_processes):
            self._link.send(rank, call)


def serve(link: Link, device: str) -> None:
    """Work for rank 0 to the end. Ctrl-C and SIGTERM are its to obey: it needs help to finish.
    Raises ProcessLost: it has ended without a word."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    prepare_process()
    model: Model | None = None
    while (call := link.receive(0)) is not None:
        function, arguments = call
        if function is _begin:
            model = _begin(*arguments, device)
        elif function is _take_weights:
            _take_weights(model, link)
        else:
            link.send(0, function(model, *arguments))


def _begin(
    settings: LearnerSettings, n_vocabulary: int, sayable: Sequence[int], device: str
) -> Model:
    flat = torch.zeros(n_parameters_of(settings, n_vocabulary), device=device)
    weights = views(flat, settings, n_vocabulary)
    for parameter in weights.named().values():
        parameter.requires_grad_()
    pieces = torch.tensor(sayable, dtype=torch.int64, device=device)
    return Model(weights, flat, pieces, Rotary(settings, device), settings)


@torch.no_grad()
def _take_weights(model: Model | None, link: Link) -> None:
    assert model is not None
    link.broadcast(model.flat)


@torch.no_grad()
def _grade(model: Model, batch: Batch) -> RowScores:
    return read_rows(model.logits(batch), batch, model.kernels)


@torch.no_grad()
def _read(model: Model, batch: Batch) -> tuple[float, int]:
    return read_pieces(model.logits(batch), batch)


def _orthogonalise(_: None, stacks: Sequence[Tensor], n_steps: int) -> list[Tensor]:
    return layer_by_layer(stacks, n_steps)
