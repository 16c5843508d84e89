"""Calls between the processes of one training: rank 0 calls, the others answer. gloo, TCP.

Knows no model. Values are pickled: all processes were started by one user, with one command.
"""

import contextlib
import io
import os
import pickle
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

from flashcards.learner.shards import ProcessLost

T = TypeVar("T", bound=msgspec.Struct)

JOIN_WITHIN = timedelta(minutes=5)
ANSWER_WITHIN = timedelta(hours=12)  # A worker waits while rank 0 works alone

REPORT_WITHIN = timedelta(seconds=3)  # So long the others let rank 0 say that one ended

REPORTED = "reported"


class Link:
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

    def publish_facts(self, facts: msgspec.Struct) -> None:
        with _losing():
            self._store.set(f"facts/{self.rank}", msgspec.json.encode(facts).decode())

    def facts_of(self, rank: int, kind: type[T]) -> T:
        with _losing():
            return msgspec.json.decode(self._store.get(f"facts/{rank}"), type=kind)

    def send(self, rank: int, value: object) -> None:
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, 5)
        pickler.dispatch_table = {Tensor: _as_array}
        pickler.dump(value)
        content = torch.frombuffer(buffer.getbuffer(), dtype=torch.uint8)
        with _losing():
            dist.send(torch.tensor(len(content)), rank)
            dist.send(content, rank)

    def receive(self, rank: int) -> Any:
        size = torch.tensor(0)
        with _losing():
            dist.recv(size, rank)
            content = torch.empty(int(size), dtype=torch.uint8)
            dist.recv(content, rank)
        return pickle.loads(content.numpy().data)

    def broadcast(self, flat: Tensor) -> None:
        """Make `flat` of every process what it is of rank 0."""
        shared = flat.detach().cpu()
        with _losing():
            dist.broadcast(shared, 0)
        if self.rank > 0:
            flat.copy_(shared)

    def is_first_to_report(self) -> bool:
        """Tell whether this process is the one to say that another was lost: one alone does."""
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


def _as_array(tensor: Tensor) -> tuple[Callable[..., Tensor], tuple[object, str]]:
    """Pickle a tensor as an array: PyTorch's own way takes 28 ms for 3 MB of gradients, this 5."""
    return _of_array, (tensor.detach().cpu().numpy(), str(tensor.device))


def _of_array(array: NDArray[Any], device: str) -> Tensor:
    # a copy: the last digits of a product may depend on where in memory it begins, and torch's own
    # memory always begins alike
    return torch.from_numpy(array).to(device, copy=True)


@contextlib.contextmanager
def _losing() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, OSError) as error:
        raise ProcessLost("another process of this training has ended") from error
