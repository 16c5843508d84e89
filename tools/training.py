"""Training measured by itself: its speed, and what more cores, processes and larger models bring.

`python -m tools.training PART` prints figures as JSON: a process of its own, because it
imports torch. Started by torchrun with a file's name instead, it is one of the processes that teach
one model. Unless it says wall time, a time is the CPU time of its one thread.
"""

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import torch
import torch.nn.functional as F

from flashcards.base.system import n_cores
from flashcards.cards.shelf import find, load
from flashcards.learner import encoding
from flashcards.learner.kernels import compiled
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.values import Settings
from flashcards.trainer.team.link import Link
from flashcards.trainer.team.start import N_SHARDS
from flashcards.trainer.team.workers import Workers, serve
from tools.bench import FLASHCARDS, ROOT, SCALE_PARTS, Figure, figure, spread_of

DECK, SEED, N_BATCHES = "addition", 1, 50
WARM_ROUNDS, N_ROUNDS, WORKS_A_ROUND, SGEMM_SIZE = 2, 40, 10, 512
SWEPT, STEPS = "apple", 150
SIZES = ("small", "medium", "large")
SHARED: Settings = {"width": 464, "batch_size": 512}  # 10 million numbers, a batch worth dividing

N_TURNS, SHARED_UPDATES, SIZE_UPDATES = 2, 2, 6
"""Launches of each kind, in turn; updates measured in each after a first one, and of each size."""


def flops_of(batch: encoding.Batch, n_sayable: int, settings: LearnerSettings) -> int:
    """Floating point operations of forward and backward on this batch.
    Matrix products alone, two operations a multiply-add; the backward pass has two products for
    each of the forward's. Queries, keys and values of every layer are counted at every position;
    the last layer's output projection and MLP, and the head, at the positions asked, as they are
    computed. Of attention only what causality leaves is counted: T (T + 1) / 2 pairs a head."""
    n_cards, n_pieces = batch.ids.shape
    n_everywhere, n_asked = n_cards * n_pieces, len(batch.asked_at)
    width, hidden, n_layers = settings.width, settings.hidden, settings.n_layers
    after_mixing = width * width + 3 * width * hidden
    n_pairs = n_cards * n_pieces * (n_pieces + 1) // 2
    multiply_adds = (
        n_layers * n_everywhere * 3 * width * width
        + ((n_layers - 1) * n_everywhere + n_asked) * after_mixing
        + n_layers * n_pairs * 2 * width
        + n_asked * n_sayable * width
    )
    return 3 * 2 * multiply_adds


def speed(n_rounds: int = N_ROUNDS, works_a_round: int = WORKS_A_ROUND) -> list[Figure]:
    """A lesson's update, the same bare on batches made beforehand, its gradients, and sgemm."""
    deck = load(find(DECK))[0]
    settings = compiled.where_compiled(LearnerSettings.for_deck(deck), "cpu")
    ours, bare = Learner.create(deck, settings, SEED), Learner.create(deck, settings, SEED)
    order, bare_order = CardOrder(deck.taught, SEED), CardOrder(deck.taught, SEED)
    n_cards = settings.batch_size
    batches = [bare.encoding.batch(bare_order.next(n_cards)) for _ in range(N_BATCHES)]
    coming = itertools.cycle(batches)
    square = torch.randn(SGEMM_SIZE, SGEMM_SIZE)
    product = torch.empty_like(square)

    def gradients() -> tuple[torch.Tensor, ...]:
        batch = next(coming)
        loss = F.cross_entropy(bare._logits(bare.weights, batch), batch.targets)
        return torch.autograd.grad(loss, bare.parameters)

    works: dict[str, Callable[[], object]] = {
        "ours": lambda: ours.adjust(ours.study(order.next(n_cards))),
        "bare": lambda: bare.optimizer.update(gradients(), 0.1),
        "gradients": gradients,
        "sgemm": lambda: torch.mm(square, square, out=product),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(WARM_ROUNDS + n_rounds):
        for name, work in works.items():
            started_s = time.thread_time()
            for _ in range(works_a_round):
                work()
            times[name].append((time.thread_time() - started_s) / works_a_round)
    warm_times = {name: its_times[WARM_ROUNDS:] for name, its_times in times.items()}
    return speeds(
        warm_times, statistics.mean(flops_of(b, bare.n_pieces, settings) for b in batches)
    )


def speeds(times: dict[str, list[float]], flops: float) -> list[Figure]:
    """From the seconds of each of `speed`'s works, and the operations of forward and backward."""
    ours, bare, gradients, sgemm = times["ours"], times["bare"], times["gradients"], times["sgemm"]
    peak = 2 * SGEMM_SIZE**3 / statistics.median(sgemm)
    reached = flops / statistics.median(gradients)
    return [
        figure(
            "training step",
            statistics.median(o / b for o, b in zip(ours, bare, strict=True)),
            "× a bare loop",
            f"{1 / statistics.median(ours):.0f} against {1 / statistics.median(bare):.0f} "
            f"steps/s of forward, backward, optimizer; {len(ours)} turns, CPU time",
            digits=3,
            at_most=1.15,
            spread=spread_of(ours, bare),
        ),
        figure(
            "forward and backward",
            100 * reached / peak,
            "% of the sgemm peak",
            f"{reached / 1e9:.0f} of {peak / 1e9:.0f} GFLOP/s at one thread, "
            f"{flops / 1e6:.0f} MFLOP a batch",
            at_least=45,
            spread=spread_of(gradients, sgemm),
        ),
    ]


class Timed(msgspec.Struct, frozen=True):
    """Updates that were timed: wall time and CPU time of the process that teaches, in seconds."""

    wall: list[float]
    cpu: list[float]
    n_parameters: int


def timed(chosen: Settings, n_updates: int, workers: Workers | None = None) -> Timed:
    deck = load(find(DECK))[0]
    settings = LearnerSettings.for_deck(deck, chosen)
    learner = Learner.create(deck, settings, SEED)
    if workers is not None:
        learner.work_with(workers)
    order = CardOrder(deck.taught, SEED)
    wall, cpu = [], []
    for _ in range(1 + n_updates):
        started_s, started_cpu_s = time.perf_counter(), time.thread_time()
        learner.adjust(learner.study(order.next(settings.batch_size)))
        wall.append(time.perf_counter() - started_s)
        cpu.append(time.thread_time() - started_cpu_s)
    return Timed(wall[1:], cpu[1:], learner.n_parameters)


def sweep_seconds(n_runs: int, n_jobs: int) -> float:
    words = ("--seeds", f"1-{n_runs}", "--until", f"step={STEPS}", "--jobs", str(n_jobs))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        started_s = time.perf_counter()
        subprocess.run(
            (*FLASHCARDS, "sweep", SWEPT, "--runs", runs, *words, "--json"),
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
        f"{together_s:.1f} s; {STEPS} updates of {SWEPT} each, start of the processes included",
    )


def updates(size: str) -> Figure:
    timed_updates = timed({"size": size, "batch_size": 32}, SIZE_UPDATES)
    detail = f"{timed_updates.n_parameters:,} numbers, 32 cards of {DECK}, CPU time of one thread"
    rate, spread = 1 / statistics.median(timed_updates.cpu), spread_of(timed_updates.cpu)
    return figure(f"updates, size {size}", rate, "a second", detail, digits=2, spread=spread)


def take_part(out: Path) -> None:
    """Be one of the processes that torchrun started; the first writes what it timed."""
    link = Link()
    if link.rank > 0:
        serve(link, "cpu")
    else:
        workers = Workers(link)
        timed_updates = timed({**SHARED, "n_shards": N_SHARDS}, SHARED_UPDATES, workers)
        out.write_bytes(msgspec.json.encode(timed_updates))
        workers.end()
    link.leave()


def launched(n_processes: int) -> Timed:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "timed.json"
        launcher = ("torch.distributed.run", "--nproc-per-node", str(n_processes))
        subprocess.run(
            [sys.executable, "-m", *launcher, "-m", "tools.training", str(out)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return msgspec.json.decode(out.read_bytes(), type=Timed)


def processes(n: int) -> list[Figure]:
    """Several processes of one training, against one process and an undivided batch, in turn."""
    turns = [(timed(SHARED, SHARED_UPDATES), launched(1), launched(n)) for _ in range(N_TURNS)]
    plain, single, several = (
        Timed([s for t in kind for s in t.wall], [s for t in kind for s in t.cpu], 0)
        for kind in zip(*turns, strict=True)
    )
    return together(plain, single, several, n)


def together(plain: Timed, single: Timed, several: Timed, n: int) -> list[Figure]:
    """What several processes of one training save, and what dividing the batch costs one."""
    median = statistics.median
    what = f"width {SHARED['width']}, {SHARED['batch_size']} cards of {DECK}, {N_SHARDS} shards"
    return [
        figure(
            f"{n} processes, one model",
            median(single.wall) / median(several.wall),
            "times as fast as one",
            f"{what}; {median(single.wall):.2f} s an update and {median(several.wall):.2f} s; "
            f"process 0 took {median(single.cpu):.2f} s and {median(several.cpu):.2f} s "
            "of CPU time",
            digits=2,
            spread=spread_of(single.wall, several.wall),
        ),
        figure(
            "cost of shards",
            100 * (median(single.cpu) / median(plain.cpu) - 1),
            "% of an update",
            f"{what}, one process; {median(single.cpu):.2f} s of CPU time an update, "
            f"undivided {median(plain.cpu):.2f} s",
            spread=spread_of(single.cpu, plain.cpu),
        ),
    ]


def measured(part: str) -> list[Figure]:
    n_jobs = n_cores()
    match part:
        case "speed":
            return speed()
        case "sweeps":
            return [sweeps(sweep_seconds(2, 1), sweep_seconds(2 * n_jobs, n_jobs), n_jobs)]
        case "processes":
            return processes(min(n_jobs, N_SHARDS)) if n_jobs > 1 else []
        case _:
            return [updates(size) for size in SIZES]


if __name__ == "__main__":
    if sys.argv[1] in ("speed", *SCALE_PARTS):
        sys.stdout.buffer.write(msgspec.json.encode(measured(sys.argv[1])))
    else:
        take_part(Path(sys.argv[1]))
