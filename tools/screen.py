"""The program in a terminal, as a user has it: how soon it is there, and how it keeps up.

`python -m tools.screen` prints the figures as JSON; `python -m tools.bench` runs it. POSIX only.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from flashcards.base.system import python
from flashcards.runs.cursor import read_all
from flashcards.runs.events import StepsTaken
from flashcards.trainer import request as requests
from flashcards.trainer.request import LessonRequest
from tests.terminal import Terminal, resident_mb
from tools.bench import FLASHCARDS, Figure, figure, spread_of

BARE_APP = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("painted")
Bare().run()
"""
WATCHED_DECK = "addition"
WATCHED = (*FLASHCARDS, WATCHED_DECK, "--speed", "full", "--until", "step=1000000")
KEY_PRESSES = (
    (" ", "PAUSED"),
    (" ", "LIVE"),
    ("a", "Ask the model"),
    ("X", "X"),
    ("Q", "Q"),
    ("\x1b", "better"),
    ("?", "Play or pause"),
    ("\x1b", "better"),
)
"""Keys in a round that ends where it began, and what each puts on the screen."""


def first_frame(n_runs: int = 7) -> Figure:
    """Launch to first painted screen, against a bare Textual app's, in turn."""
    bare: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        for _ in range(n_runs):
            bare.append(_launch(python("-c", BARE_APP), "painted"))
            ours.append(_launch((*FLASHCARDS, "apple", "--runs", runs), "waking the model"))
    return _against_bare("first frame", ours, bare, "× a bare Textual app", at_most=1.2)


def first_card(n_runs: int = 3) -> Figure:
    """Start of the trainer to its first update, against a bare `import torch`, in turn."""
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


def watching(n_runs: int = 3, seconds: float = 6.0) -> Figure:
    """Cards a second with the app watching at full speed, and without a screen, in turn."""
    alone, watched = [], []
    for _ in range(n_runs):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
            words = ("train", WATCHED_DECK, "--steps", "1000000", "--runs", runs)
            trained = subprocess.Popen((*FLASHCARDS, *words), stdout=subprocess.DEVNULL)
            alone.append(_cards_a_second(Path(runs), time.sleep, seconds))
            trained.terminate()
            trained.wait()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
            terminal = Terminal((*WATCHED, "--runs", runs))
            watched.append(_cards_a_second(Path(runs), terminal.drain, seconds))
            terminal.close()
    share = statistics.median(w / a for a, w in zip(alone, watched, strict=True))
    rates = f"{statistics.median(watched):,.0f} against {statistics.median(alone):,.0f} cards/s"
    return figure(
        "training while watched",
        100 * share,
        "% of the cards/s without a screen",
        f"{rates}, medians of {n_runs} × {seconds:g} s",
        at_least=95,
        spread=spread_of(alone, watched),
    )


def key_press(n_presses: int = 80) -> list[Figure]:
    """Key press to painted screen at full speed, and the memory of both processes meanwhile."""
    delays: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        terminal = Terminal((*WATCHED, "--runs", runs))
        try:
            _cards_a_second(Path(runs), terminal.drain, 2.0)
            for _ in range(n_presses // len(KEY_PRESSES)):
                for key, sign in KEY_PRESSES:
                    terminal.type(key)
                    delays.append(terminal.wait_for(sign))
                    terminal.drain(0.31)
            app_mb, trainer_mb = resident_mb(terminal.pid), sum(map(resident_mb, terminal.children))
        finally:
            terminal.close()
    p50, p95 = percentile(delays, 0.5), percentile(delays, 0.95)
    return [
        figure(
            "key press to paint, p95",
            1000 * p95,
            "ms",
            f"p50 {1000 * p50:.0f} ms, {len(delays)} presses at full speed",
            at_most=50,
        ),
        figure("memory of the app", app_mb, "MB", "resident"),
        figure("memory of the trainer", trainer_mb, "MB", "resident"),
    ]


def percentile(numbers: Sequence[float], share: float) -> float:
    """The number below which this share of them lies, by the nearest rank."""
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _launch(command: Sequence[str], text: str) -> float:
    # an installed program has its bytecode: from sources alone ours takes 40 ms more
    terminal = Terminal(command, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})
    try:
        terminal.wait_for(text)
        return time.perf_counter() - terminal.started_s
    finally:
        terminal.close()


def _cards_a_second(runs: Path, wait: Callable[[float], None], seconds: float) -> float:
    deadline_s = time.perf_counter() + 60
    while not _cards_taught(runs):
        wait(0.2)
        if time.perf_counter() > deadline_s:
            raise TimeoutError("no card was taught within a minute")
    wait(1.0)
    started_s, before = time.perf_counter(), _cards_taught(runs)
    wait(seconds)
    return (_cards_taught(runs) - before) / (time.perf_counter() - started_s)


def _cards_taught(runs: Path) -> int:
    for log in runs.glob("2*/events.jsonl"):
        taught = [e.cards_taught for e in read_all(log) if isinstance(e, StepsTaken)]
        return taught[-1] if taught else 0
    return 0


def _against_bare(
    name: str, ours: list[float], bare: list[float], unit: str, at_most: float | None = None
) -> Figure:
    """How many times longer ours takes, in the median; both in seconds."""
    a, b = statistics.median(ours), statistics.median(bare)
    detail = f"{1000 * a:.0f} ms against {1000 * b:.0f} ms, medians of {len(ours)}"
    spread = spread_of(ours, bare)
    return figure(name, a / b, unit, detail, digits=2, at_most=at_most, spread=spread)


if __name__ == "__main__":
    figures = [first_frame(), first_card(), watching(), *key_press()]
    sys.stdout.buffer.write(msgspec.json.encode(figures))
