"""The measurements, each against something bare, side by side in one run."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from flashcards.base.system import cpu_s_of, python
from flashcards.bench.figures import Figure, figure, percentile, spread_of
from flashcards.bench.terminal import FLASHCARDS, Terminal, resident_mb
from flashcards.runs.cursor import read_all
from flashcards.runs.events import StepsTaken

BARE_APP = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("painted")
Bare().run()
"""
PAINTED = "waking the model"
WATCHED_DECK = "addition"
KEY_PRESSES = (
    (" ", "PAUSED"),
    (" ", "LIVE"),
    ("a", "Ask the model"),
    ("X", "X"),
    ("Q", "Q"),
    ("\x1b", "never seen"),
    ("?", "scroll"),
    ("\x1b", "PREDICTION"),
)
"""Keys in a round that ends where it began, and what each puts on the screen."""


def first_frame(n_runs: int = 7) -> Figure:
    """Launch to first painted screen, against a bare Textual app's, in turn."""
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        for _ in range(n_runs):
            bare.append(_launch(python("-c", BARE_APP), "painted"))
            ours.append(_launch((*FLASHCARDS, "apple", "--runs", runs), PAINTED))
    return _against_bare("first frame", ours, bare, "× a bare Textual app", at_most=1.2)


def first_card(n_runs: int = 3) -> Figure:
    """Start of the trainer to its first update, against a bare `import torch`, in turn."""
    from flashcards.trainer import request as requests
    from flashcards.trainer.request import LessonRequest

    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        request = requests.encode(LessonRequest(deck="apple", speed="full", runs=runs))
        for _ in range(n_runs):
            started_s = time.perf_counter()
            subprocess.run(python("-c", "import torch"), check=True)
            bare.append(time.perf_counter() - started_s)
            started_s = time.perf_counter()
            with subprocess.Popen(
                python("-m", "flashcards.trainer"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as trainer:
                assert trainer.stdin is not None
                assert trainer.stdout is not None
                trainer.stdin.write(request)
                trainer.stdin.flush()
                while b'"StepsTaken"' not in (line := trainer.stdout.readline()):
                    if not line:
                        raise RuntimeError("the trainer ended before it taught anything")
                ours.append(time.perf_counter() - started_s)
                trainer.kill()
    return _against_bare("first card taught", ours, bare, "× a bare import torch")


def watching(
    n_runs: int = 3,
    seconds: float = 6.0,
    name: str = "training",
    unwatched: Sequence[str] = ("train", WATCHED_DECK, "--steps", "1000000"),
    watched: Sequence[str] = (WATCHED_DECK, "--speed", "full"),
) -> Figure:
    """Cards a second with the app watching at full speed, against the same without a screen.

    Watched and not, in turn. The detail has the same per CPU second of the trainer alone: what
    other processes take of a busy machine is not in that.
    """
    rates: list[list[float]] = [[], []]
    per_cpu: list[list[float]] = [[], []]
    for _ in range(n_runs):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
            trained = subprocess.Popen(
                [*FLASHCARDS, *unwatched, "--runs", runs], stdout=subprocess.DEVNULL
            )
            taught = _taught(Path(runs), time.sleep, seconds, trained.pid)
            trained.terminate()
            trained.wait()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
            terminal = Terminal((*FLASHCARDS, *watched, "--runs", runs))
            seen = _taught(Path(runs), terminal.drain, seconds, terminal.pid)
            terminal.close()
        for place, found in enumerate((taught, seen)):
            rates[place].append(found[0])
            per_cpu[place].append(found[1])
    share, cpu_share = (
        statistics.median(w / a for a, w in zip(*both, strict=True)) for both in (rates, per_cpu)
    )
    alone, beside = (statistics.median(numbers) for numbers in rates)
    return figure(
        f"{name} while watched",
        100 * share,
        "% of the cards/s without a screen",
        f"{beside:,.0f} against {alone:,.0f} cards/s, medians of {n_runs} × {seconds:g} s; "
        f"{100 * cpu_share:.1f} % per CPU second of the trainer",
        at_least=95,
        spread=spread_of(*rates),
    )


def key_press(n_presses: int = 80) -> list[Figure]:
    """Key press to painted screen at full speed, and the memory of both processes meanwhile."""
    delays: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        terminal = Terminal((*FLASHCARDS, WATCHED_DECK, "--speed", "full", "--runs", runs))
        try:
            _taught(Path(runs), terminal.drain, 2.0, os.getpid())
            for _ in range(n_presses // len(KEY_PRESSES)):
                for key, shown in KEY_PRESSES:
                    terminal.type(key)
                    delays.append(terminal.wait_for(shown))
                    terminal.drain(0.31)
            memory = {pid: resident_mb(pid) for pid in (terminal.pid, *_children(terminal.pid))}
        finally:
            terminal.close()
    p50, p95 = percentile(delays, 0.5), percentile(delays, 0.95)
    app_mb, *trainer_mb = memory.values()
    return [
        figure(
            "key press to paint, p95",
            1000 * p95,
            "ms",
            f"p50 {1000 * p50:.0f} ms, {len(delays)} presses at full speed",
            at_most=150,
        ),
        figure("memory of the app", app_mb, "MB", "resident"),
        figure("memory of the trainer", sum(trainer_mb), "MB", "resident"),
    ]


def figures_of(module: str, *arguments: str) -> list[Figure]:
    """What a module of this package prints: one that imports torch runs in a process of its own."""
    command = python("-m", f"flashcards.bench.{module}", *arguments)
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(ended.stdout, type=list[Figure])


def mastery(deck: str, goal: str, at_most: int) -> Figure:
    """Cards taught until the goal is reached on all cards, seed 1."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        ended = subprocess.run(
            [*FLASHCARDS, "train", deck, "--until", goal, "--runs", runs, "--json"],
            stdout=subprocess.PIPE,
            check=False,
        )
    report = msgspec.json.decode(ended.stdout, type=_Report)
    return Figure(
        name=f"{deck} to {goal}",
        value=report.cards_taught,
        unit="cards taught",
        detail=f"{report.train_seconds:.1f} s, seed 1"
        + ("" if report.reached else ", not reached"),
        wanted=f"at most {at_most:,}",
        is_met=report.reached and report.cards_taught <= at_most,
    )


class _Report(msgspec.Struct):
    cards_taught: int
    train_seconds: float
    reached: bool


def _launch(command: Sequence[str], text: str) -> float:
    # an installed program has its bytecode: from sources alone ours takes 40 ms more
    terminal = Terminal(command, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    try:
        terminal.wait_for(text)
        return time.perf_counter() - terminal.started_s
    finally:
        terminal.close()


def _taught(
    runs: Path, wait: Callable[[float], None], seconds: float, pid: int
) -> tuple[float, float]:
    """Cards taught a second, and a CPU second of the trainer: this process, or a child of it."""
    deadline_s = time.perf_counter() + 60
    first = n_cards = 0  # a chapter begins with the cards of those before
    while not 0 < first < n_cards:
        wait(0.2)
        n_cards = _cards_taught(runs)
        first = first or n_cards
        if time.perf_counter() > deadline_s:
            raise TimeoutError("no card was taught within a minute")
    wait(1.0)
    pid = next(filter(_is_trainer, _children(pid)), pid)
    started_s, cpu_s, before = time.perf_counter(), cpu_s_of(pid), _cards_taught(runs)
    wait(seconds)
    n_cards = _cards_taught(runs) - before
    cpu_s = cpu_s_of(pid) - cpu_s
    return n_cards / (time.perf_counter() - started_s), n_cards / cpu_s if cpu_s else 0.0


def _is_trainer(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"flashcards.trainer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _cards_taught(runs: Path) -> int:
    for log in runs.glob("2*/events.jsonl"):
        taught = [e.cards_taught for e in read_all(log) if isinstance(e, StepsTaken)]
        return taught[-1] if taught else 0
    return 0


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def _against_bare(
    name: str, ours: list[float], bare: list[float], unit: str, at_most: float | None = None
) -> Figure:
    """How many times longer ours takes, in the median; both in seconds."""
    a, b = statistics.median(ours), statistics.median(bare)
    detail = f"{1000 * a:.0f} ms against {1000 * b:.0f} ms, medians of {len(ours)}"
    spread = spread_of(ours, bare)
    return figure(name, a / b, unit, detail, digits=2, at_most=at_most, spread=spread)
