"""Run folders: a long one opened and jumped in, and how fast logs grow.

`python -m tools.folders` prints the figures as JSON; `python -m tools.bench` runs it. POSIX only.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from timeit import timeit

import msgspec

from flashcards.runs.cursor import read_all
from flashcards.runs.events import StepsTaken
from flashcards.runs.recording import Recording
from tests.tools.long_run import write_long_run
from tools.bench import FLASHCARDS, Figure, figure, spread_of
from tools.screen import percentile

GROWTH_DECKS = ("capitals", "plurals")


def seconds_of(work: Callable[[], object]) -> float:
    return timeit(work, number=1)


def long_run(n_steps: int = 1_000_000, n_jumps: int = 100) -> list[Figure]:
    """A run of a million steps: opened, and jumped in."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        folder = write_long_run(Path(runs) / "long", n_steps)
        log_mb = folder.log_path.stat().st_size / 1e6
        opened_s = [seconds_of(lambda: Recording.open(folder)) for _ in range(5)]
        recording = Recording.open(folder)
        dice = random.Random(1)
        jumps = [partial(recording.state_at, dice.randrange(n_steps)) for _ in range(n_jumps)]
        jumps_s = list(map(seconds_of, jumps))
    return [
        figure(
            "a long run opened",
            statistics.median(opened_s),
            "s",
            f"{n_steps:,} steps, {log_mb:.0f} MB of log",
            digits=2,
            spread=spread_of(opened_s),
        ),
        figure(
            "a jump in it, p95",
            1000 * percentile(jumps_s, 0.95),
            "ms",
            f"longest {1000 * max(jumps_s):.0f} ms of {n_jumps}",
            at_most=100,
        ),
    ]


def log_growth(deck: str, n_steps: int = 600) -> Figure:
    """Bytes of log a step at full speed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        command = (*FLASHCARDS, "train", deck, "--steps", str(n_steps), "--runs", runs)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        (log,) = Path(runs).glob("2*/events.jsonl")
        last = [e for e in read_all(log, [StepsTaken]) if isinstance(e, StepsTaken)][-1]
        growth = log.stat().st_size / last.step
    detail = f"the first {last.step:,} steps, where it is densest"
    return figure(f"log of {deck}", growth, "bytes a step", detail, at_most=150)


if __name__ == "__main__":
    figures = [*long_run(), *map(log_growth, GROWTH_DECKS)]
    sys.stdout.buffer.write(msgspec.json.encode(figures))
