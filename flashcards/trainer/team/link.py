"""How the processes of one training talk: rank 0 says what to do, the others answer. gloo, TCP.

Knows no model. A message is an operation, some whole numbers, and what each operation has beside.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import IntEnum
from typing import TypeVar

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

from flashcards.learner.encoding import Batch
from flashcards.learner.shards import ProcessLost

T = TypeVar("T", bound=msgspec.Struct)

JOIN_WITHIN = timedelta(minutes=5)
ANSWER_WITHIN = timedelta(hours=12)
"""A worker waits for as long as rank 0 does something alone; who has ended is noticed at once."""

REPORT_WITHIN = timedelta(seconds=3)
"""So long the others leave it to rank 0 to say that a process has ended."""

REPORTED = "reported"


class Op(IntEnum):
    """What a worker is told."""

    MODEL = 0  # the bytes of what the model is
    SAYABLE = 1  # the pieces it chooses from
    WEIGHTS = 2  # broadcast
    STUDY = 3  # n_asked, the place of its shards, batches; answers logits and inputs of each
    GRADIENTS = 4  # answers the sum of each branch of the tree that is its own
    GRADE = 5  # one batch; answers the rows' nats and marks
    READ = 6  # one batch; answers the summed nats and how many pieces are right
    MATRICES = 7  # n_steps, the stacks' shapes, then the stacks; answers them orthogonalised
    END = 8


class Link:
    """This process's connections to the others."""

    def __init__(self) -> None:
        """Meet the others, as the environment says that torchrun made.
        Raises ProcessLost: they are not there."""
        self.rank: int
        self.n_processes: int
        with _losing():
            store, self.rank, self.n_processes = next(rendezvous("env://", timeout=JOIN_WITHIN))
            # torchrun's own store outlives processes that it starts again
            attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
            self._store = PrefixStore(f"flashcards/{attempt}", store)
            dist.init_process_group(
                "gloo",
                store=PrefixStore("gloo", self._store),
                rank=self.rank,
                world_size=self.n_processes,
                timeout=ANSWER_WITHIN,
            )
        self.host = socket.gethostname()

    # -- before the start

    def publish_facts(self, facts: msgspec.Struct) -> None:
        """Tell rank 0 what this process has."""
        with _losing():
            self._store.set(f"facts/{self.rank}", msgspec.json.encode(facts).decode())

    def facts_of(self, rank: int, kind: type[T]) -> T:
        with _losing():
            return msgspec.json.decode(self._store.get(f"facts/{rank}"), type=kind)

    # -- messages

    def command(self, rank: int, op: Op, numbers: Sequence[int] = ()) -> None:
        self.send(rank, torch.tensor([op, len(numbers)]))
        if numbers:
            self.send(rank, torch.tensor(numbers))

    def next_command(self) -> tuple[Op, list[int]]:
        """What rank 0 tells this worker; waits for it."""
        op, n = self.receive(0, (2,), torch.int64).tolist()
        return Op(op), self.receive(0, (n,), torch.int64).tolist() if n else []

    def send(self, rank: int, tensor: Tensor) -> None:
        """Send a tensor, whose shape the other one knows."""
        with _losing():
            dist.send(tensor.detach().cpu().contiguous(), rank)

    def receive(
        self, rank: int, shape: Sequence[int], dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """A tensor of this shape, on the CPU."""
        tensor = torch.empty(tuple(shape), dtype=dtype)
        with _losing():
            dist.recv(tensor, rank)
        return tensor

    def broadcast(self, flat: Tensor) -> None:
        """Make `flat` of every process what it is of rank 0."""
        shared = flat.detach().cpu()
        with _losing():
            dist.broadcast(shared, 0)
        if self.rank > 0:
            flat.copy_(shared)

    # -- the end

    def is_first_to_report(self) -> bool:
        """Whether this process is the one to say that another was lost: one alone does."""
        try:
            if self.rank > 0:
                with contextlib.suppress(RuntimeError):
                    self._store.wait([REPORTED], REPORT_WITHIN)
                    return False
            n_reported: int = self._store.add(f"{REPORTED}/n", 1)
            return n_reported == 1
        except RuntimeError:  # the store went with rank 0
            return self.rank == 1
        finally:
            with contextlib.suppress(RuntimeError):
                self._store.set(REPORTED, "1")

    def leave(self) -> None:
        if dist.is_initialized():
            with contextlib.suppress(RuntimeError):
                dist.destroy_process_group()


@contextlib.contextmanager
def _losing() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, OSError) as error:
        raise ProcessLost("another process of this training has ended") from error


def numbers_of(batches: Sequence[Batch]) -> list[int]:
    """Batches as whole numbers."""
    numbers = [len(batches)]
    for batch in batches:
        n_rows, n_pieces = batch.ids.shape
        numbers += (n_rows, n_pieces, len(batch.targets))
        for tensor in (batch.ids, batch.asked, batch.targets):
            numbers += tensor.flatten().tolist()
        numbers += batch.n_asked
    return numbers


def batches_of(numbers: Sequence[int], device: str) -> list[Batch]:
    batches, place = [], 1

    def take(n: int) -> list[int]:
        nonlocal place
        place += n
        return list(numbers[place - n : place])

    for _ in range(numbers[0]):
        n_rows, n_pieces, n_targets = take(3)
        ids = torch.tensor(take(n_rows * n_pieces), device=device).view(n_rows, n_pieces)
        asked = torch.tensor(take(n_targets), device=device)
        targets = torch.tensor(take(n_targets), device=device)
        n_asked = take(n_rows)
        rows = torch.arange(n_rows).repeat_interleave(torch.tensor(n_asked))
        batches.append(Batch(ids, asked, targets, rows.to(device), tuple(n_asked)))
    return batches
