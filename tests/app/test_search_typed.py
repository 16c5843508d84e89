"""A search that is typed in a real terminal does what was typed, however fast that was."""

import os
import sys
import time
from pathlib import Path

import pytest

from flashcards.base.system import python
from flashcards.runs.events import AnyEvent, ExamTaken, LearningRateChanged
from flashcards.runs.folder import RunFolder
from tests.terminal import Terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]

GAPS_S = (0.0, 0.02, 0.005, 0.08, 0.2, 0.01, 0.03, 0.12, 0.05, 0.16)
"""Seconds from one letter to the next: pasted, typed fluently, typed slowly."""

N_SEARCHES = int(os.environ.get("FLASHCARDS_SEARCHES", "6"))

PATIENCE_S = 20.0


def happened(runs: Path, kind: type[AnyEvent]) -> int:
    """Count the events of a kind in the only run of this folder, none before there is a run."""
    folders = [RunFolder.open(file.parent) for file in runs.glob("*/run.json")]
    return sum(isinstance(event, kind) for folder in folders for event in folder.events())


def rate_changes(runs: Path) -> int:
    return happened(runs, LearningRateChanged)


class Lesson:
    """A lesson at full speed in a terminal, after its first exam."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        words = ("addition", "--seed", "1", "--runs", str(runs))
        self.terminal = Terminal([*python("-m", "flashcards"), *words])
        self.terminal.wait_for("step", 60.0)
        self.type("+++++", 0.05)
        ends_s = time.monotonic() + PATIENCE_S
        while not happened(runs, ExamTaken) and time.monotonic() < ends_s:
            self.terminal.drain(0.1)

    def type(self, keys: str, gap_s: float) -> None:
        for key in keys:
            self.terminal.type(key)
            if gap_s:
                self.terminal.drain(gap_s)

    def search(self, words: str, gap_s: float) -> bool:
        """Type a search for a change of the learning rate; tell whether the rate was changed."""
        before = rate_changes(self.runs)
        self.type(f":{words}\r", gap_s)
        ends_s = time.monotonic() + PATIENCE_S
        while rate_changes(self.runs) == before:
            if time.monotonic() > ends_s:
                return False
            self.terminal.drain(0.02)
        return True


def test_every_search_does_what_was_typed(tmp_path: Path) -> None:
    lesson = Lesson(tmp_path / "runs")

    def n_done(n_searches: int) -> int:
        # up and down in turn: the rate stays what it is after two of them
        return sum(
            lesson.search(("halve", "double")[index % 2], GAPS_S[index % len(GAPS_S)])
            for index in range(n_searches)
        )

    try:
        assert n_done(N_SEARCHES) == N_SEARCHES  # at full speed
        lesson.type(" ", 0.5)
        assert n_done(2) == 2  # paused
        lesson.type("\x1b[D\x1b[D", 0.5)
        assert n_done(2) == 2  # in the past
        for _ in range(6):
            assert lesson.search("double", 0.0)
        lesson.type(" ", 0.5)
        assert n_done(2) == 2  # broken
    finally:
        lesson.terminal.close()
