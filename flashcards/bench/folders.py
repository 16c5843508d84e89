"""Measures run folders: a long one opened and jumped in, how logs grow, what keyframes cost."""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from flashcards.bench.figures import Figure, figure, percentile, spread_of
from flashcards.bench.long_run import write_long_run
from flashcards.bench.terminal import FLASHCARDS, Terminal, resident_mb
from flashcards.runs.cursor import read_all
from flashcards.runs.events import StepsTaken
from flashcards.runs.keyframes import BUDGET_BYTES, SPACING_STEPS, is_keyframe, to_drop
from flashcards.runs.recording import Recording

GROWTH_DECKS = ("capitals", "plurals")


def long_run(n_steps: int = 1_000_000, n_jumps: int = 100) -> list[Figure]:
    """A run of a million steps: opened with and without its index, jumped in, on the screen."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        folder = write_long_run(Path(runs) / "long", n_steps)
        log_mb = folder.log_path.stat().st_size / 1e6
        started_s = time.perf_counter()
        Recording.open(folder).save_index()
        anew_s = time.perf_counter() - started_s
        opened_s = []
        for _ in range(5):
            started_s = time.perf_counter()
            recording = Recording.open(folder)
            opened_s.append(time.perf_counter() - started_s)
        jumps_s = []
        dice = random.Random(1)
        for _ in range(n_jumps):
            step = dice.randrange(n_steps)
            started_s = time.perf_counter()
            recording.state_at(step)
            jumps_s.append(time.perf_counter() - started_s)
        terminal = Terminal((*FLASHCARDS, "watch", str(folder.path)))
        try:
            terminal.wait_for("WATCHING")
            terminal.drain(2.0)
            app_mb = resident_mb(terminal.pid)
        finally:
            terminal.close()
    open_s, jump_s = statistics.median(opened_s), percentile(jumps_s, 0.95)
    return [
        figure(
            "a long run opened",
            open_s,
            "s",
            f"{n_steps:,} steps, {log_mb:.0f} MB of log; {anew_s:.1f} s to make its index anew",
            digits=2,
            at_most=1.5,
            spread=spread_of(opened_s),
        ),
        figure(
            "a jump in it, p95",
            1000 * jump_s,
            "ms",
            f"p50 {1000 * percentile(jumps_s, 0.5):.0f}, longest {1000 * max(jumps_s):.0f} ms of "
            f"{n_jumps}",
            at_most=100,
        ),
        figure("memory of the app with it", app_mb, "MB", "resident, watching", at_most=150),
    ]


def log_growth(n_steps: int = 600) -> list[Figure]:
    """Bytes of log a step at full speed, and what keyframes take and cost."""
    figures, states = [], b""
    step_s = []
    for deck in GROWTH_DECKS:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
            command = [*FLASHCARDS, "train", deck, "--steps", str(n_steps), "--runs", runs]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            (log,) = Path(runs).glob("2*/events.jsonl")
            last = [e for e in read_all(log, [StepsTaken]) if isinstance(e, StepsTaken)][-1]
            step_s.append(last.train_seconds / last.step)
            growth = log.stat().st_size / last.step
            states = states or next(log.parent.glob("keyframes/*")).read_bytes()
        figures.append(
            figure(
                f"log of {deck}",
                growth,
                "bytes a step",
                f"the first {last.step:,} steps, where it is densest",
                at_most=150,
            )
        )
    return [*figures, _keyframes_kept(len(states)), _keyframes_cost(states, step_s[0])]


def _keyframes_kept(size_bytes: int, n_steps: int = 100_000) -> Figure:
    kept: list[int] = []
    most = 0
    for step in range(n_steps + 1):
        if is_keyframe(step):
            kept.append(step)
            dropped = set(to_drop([(k, size_bytes) for k in kept]))
            kept = [k for k in kept if k not in dropped]
            most = max(most, len(kept))
    return figure(
        "keyframes of a run",
        most * size_bytes / 1e6,
        "MB at most",
        f"{n_steps:,} steps, states of {size_bytes / 1e6:.1f} MB, {len(kept)} kept at the end",
        at_most=BUDGET_BYTES // 1_000_000,
    )


def _keyframes_cost(state: bytes, step_s: float, n_saves: int = 20) -> Figure:
    """Time to write one, against that of the steps from one to the next."""
    saves_s = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        folder = write_long_run(Path(runs) / "saved", 1)
        (folder.path / "keyframes").mkdir()
        for step in range(n_saves):
            started_s = time.perf_counter()
            folder.save_keyframe(SPACING_STEPS * step, state)
            folder.thin_keyframes()
            saves_s.append(time.perf_counter() - started_s)
    share = statistics.median(saves_s) / (SPACING_STEPS * step_s)
    return figure(
        "keyframes' share of the time",
        100 * share,
        "%",
        f"{1000 * statistics.median(saves_s):.0f} ms each, every {SPACING_STEPS} steps of "
        f"{1000 * step_s:.1f} ms",
        digits=2,
        at_most=2,
        spread=spread_of(saves_s),
    )
