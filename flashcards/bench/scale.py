"""What more cores, more processes and larger models bring: `flashcards bench --scale`.

`python -m flashcards.bench.scale PART` prints the figures of one of `PARTS` as JSON: a process of
its own, because it imports torch. Started by torchrun with a file's name instead it is one of the
processes that teach one model.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from flashcards.base.system import n_cores, python
from flashcards.bench.figures import SCALE_PARTS as PARTS
from flashcards.bench.figures import Figure, figure, spread_of
from flashcards.cards.shelf import find, load
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.trainer.team.link import Link
from flashcards.trainer.team.start import N_SHARDS
from flashcards.trainer.team.workers import Workers, serve

DECK, SEED, STEPS = "apple", 1, 150
SWEPT_SIZES = ("small", "medium", "large")
WARM_STEPS, N_STEPS = 2, 6

SHARED = {"width": 464, "batch_size": 512}
"""A model of 10 million numbers, and a batch that is worth dividing."""

N_TURNS, SHARED_STEPS = 2, 2
"""Launches of each kind, in turn, and updates measured in each after a first one."""


def sweep_seconds(n_runs: int, n_jobs: int) -> float:
    """Wall time of a sweep of so many runs, so many at a time."""
    words = ("--seeds", f"1-{n_runs}", "--until", f"step={STEPS}", "--jobs", str(n_jobs))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        started_s = time.perf_counter()
        subprocess.run(
            python("-m", "flashcards", "sweep", DECK, "--runs", runs, *words, "--json"),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - started_s


def sweeps(alone_s: float, together_s: float, n_jobs: int) -> Figure:
    """How much of `n_jobs` cores a sweep uses: twice as many runs on each in the same time is 1."""
    return figure(
        "sweep efficiency",
        100 * alone_s / together_s,
        f"% of {n_jobs} cores",
        f"2 runs one after another took {alone_s:.1f} s, {2 * n_jobs} runs on {n_jobs} cores "
        f"{together_s:.1f} s; {STEPS} updates of {DECK} each, start of the processes included",
    )


def updates(size: str) -> Figure:
    """Updates a second of a model of this size, on batches of one deck."""
    deck = load(find("addition"))[0]
    settings = LearnerSettings.for_deck(deck, {"size": size, "batch_size": 32})
    learner = Learner.create(deck, settings, SEED)
    order = CardOrder(deck.taught, SEED)
    times = []
    for step in range(WARM_STEPS + N_STEPS):
        started_s = time.thread_time()
        learner.adjust(learner.study(order.next(settings.batch_size)))
        if step >= WARM_STEPS:
            times.append(time.thread_time() - started_s)
    return figure(
        f"updates, size {size}",
        1 / statistics.median(times),
        "a second",
        f"{learner.n_parameters:,} numbers, 32 cards of addition, CPU time of one thread",
        digits=2,
        spread=spread_of(times),
    )


class Timed(msgspec.Struct, frozen=True):
    """Updates that were timed: wall time and CPU time of the process that teaches, in seconds."""

    wall: list[float]
    cpu: list[float]


def timed(shared: dict[str, int], n_shards: int, workers: Workers | None = None) -> Timed:
    """A few updates of one model, after a first one."""
    deck = load(find("addition"))[0]
    settings = LearnerSettings.for_deck(deck, {**shared, "n_shards": n_shards})
    learner = Learner.create(deck, settings, SEED)
    if workers is not None:
        learner.work_with(workers)
    order = CardOrder(deck.taught, SEED)
    wall, cpu = [], []
    for _ in range(1 + SHARED_STEPS):
        started_s, started_cpu_s = time.perf_counter(), time.thread_time()
        learner.adjust(learner.study(order.next(settings.batch_size)))
        wall.append(time.perf_counter() - started_s)
        cpu.append(time.thread_time() - started_cpu_s)
    return Timed(wall[1:], cpu[1:])


def take_part(out: Path) -> None:
    """Be one of the processes that torchrun started; the first writes what it timed."""
    link = Link()
    if link.rank > 0:
        serve(link, "cpu")
    else:
        workers = Workers(link)
        out.write_bytes(msgspec.json.encode(timed(SHARED, N_SHARDS, workers)))
        workers.end()
    link.leave()


def launched(n_processes: int) -> Timed:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "timed.json"
        launcher = ("torch.distributed.run", "--nproc-per-node", str(n_processes))
        subprocess.run(
            python("-m", *launcher, "-m", "flashcards.bench.scale", str(out)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return msgspec.json.decode(out.read_bytes(), type=Timed)


def processes(n: int) -> list[Figure]:
    """Several processes of one training, against one process and an undivided batch, in turn."""
    turns = [(timed(SHARED, 1), launched(1), launched(n)) for _ in range(N_TURNS)]
    plain, one, several = (
        Timed([s for turn in kind for s in turn.wall], [s for turn in kind for s in turn.cpu])
        for kind in zip(*turns, strict=True)
    )
    return together(plain, one, several, n)


def together(plain: Timed, one: Timed, several: Timed, n: int) -> list[Figure]:
    """What several processes of one training save, and what dividing the batch costs one."""
    median = statistics.median
    what = f"width {SHARED['width']}, {SHARED['batch_size']} cards of addition, {N_SHARDS} shards"
    return [
        figure(
            f"{n} processes, one model",
            median(one.wall) / median(several.wall),
            "times as fast as one",
            f"{what}; {median(one.wall):.2f} s an update and {median(several.wall):.2f} s; "
            f"process 0 took {median(one.cpu):.2f} s and {median(several.cpu):.2f} s of CPU time",
            digits=2,
            spread=spread_of(one.wall, several.wall),
        ),
        figure(
            "cost of shards",
            100 * (median(one.cpu) / median(plain.cpu) - 1),
            "% of an update",
            f"{what}, one process; {median(one.cpu):.2f} s of CPU time an update, "
            f"undivided {median(plain.cpu):.2f} s",
            spread=spread_of(one.cpu, plain.cpu),
        ),
    ]


def measured(part: str) -> list[Figure]:
    n_jobs = n_cores()
    match part:
        case "sweeps":
            return [sweeps(sweep_seconds(2, 1), sweep_seconds(2 * n_jobs, n_jobs), n_jobs)]
        case "processes":
            return processes(min(n_jobs, N_SHARDS)) if n_jobs > 1 else []
        case _:
            return [updates(size) for size in SWEPT_SIZES]


if __name__ == "__main__":
    if sys.argv[1] in PARTS:
        sys.stdout.buffer.write(msgspec.json.encode(measured(sys.argv[1])))
    else:
        take_part(Path(sys.argv[1]))
