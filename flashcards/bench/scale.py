"""What more cores and larger models bring: `flashcards bench --scale`.

`python -m flashcards.bench.scale` prints the figures as JSON: a process of its own, because it
imports torch.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

import msgspec

from flashcards.bench.figures import Figure, figure, spread_of
from flashcards.cards.shelf import find, load
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import SIZES, LearnerSettings
from flashcards.system import n_cores, python

DECK, SEED, STEPS = "apple", 1, 150
SWEPT_SIZES = ("small", "medium", "large")
WARM_STEPS, N_STEPS = 2, 6


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
    deck, _ = load(find("addition"))
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


def main() -> None:
    """Measure, and print the figures as JSON."""
    n_jobs = n_cores()
    assert set(SWEPT_SIZES) <= set(SIZES)
    figures = [sweeps(sweep_seconds(2, 1), sweep_seconds(2 * n_jobs, n_jobs), n_jobs)]
    figures += [updates(size) for size in SWEPT_SIZES]
    sys.stdout.buffer.write(msgspec.json.encode(figures))


if __name__ == "__main__":
    main()
