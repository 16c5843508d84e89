"""A key until it is painted, in several versions of this program, in turn. Linux only.

    python -m tools.keys ../old . --rounds 3

Prints for each terminal size and tree how long a key takes until what it does is painted (wall
time), and what the app computes meanwhile (CPU time); then the CPU time of a frame, of which a
lesson at full speed paints ten a second, and of one behind a dialog. Round 1 teaches with seed 1.
Other work on the machine disturbs all trees alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tests.terminal import Terminal
from tools.screen import KEY_PRESSES, WATCHED, percentile

SIZES = ((80, 24), (120, 40))
VIEWS_AND_DIALOGS = (
    ("2", "every card"),
    ("1", "better"),
    ("3", "Memory or"),
    ("1", "better"),
    ("5", "for a copy"),
    ("1", "better"),
    (":", "command, a deck"),  # its first letter is under a cursor that blinks
    ("\x1b", "better"),
    ("d", "Capitals of"),  # a deck of the list
    ("\x1b", "better"),
)
PRESSES = (*KEY_PRESSES, *VIEWS_AND_DIALOGS)
"""Keys in a round that ends where it began, and what each puts on the screen."""

FRAMES_HZ = 10
WATCHED_S = 4.0
LOADED_S = 9.0  # until what keys do is loaded, which it is a little with each frame


class Timed:
    """What was measured in one tree at one size."""

    def __init__(self) -> None:
        self.wall_ms: list[float] = []
        self.cpu_ms: defaultdict[str, list[float]] = defaultdict(list)
        self.frame_ms: list[float] = []
        self.frame_behind_ms: list[float] = []

    def __str__(self) -> str:
        cpu_ms = [time_ms for times_ms in self.cpu_ms.values() for time_ms in times_ms]
        by_key = (f"{key} {statistics.median(ms):.0f}" for key, ms in self.cpu_ms.items())
        return (
            f"wall p50 {statistics.median(self.wall_ms):5.1f}  p95 "
            f"{percentile(self.wall_ms, 0.95):5.1f}   CPU p50 {statistics.median(cpu_ms):5.1f}  "
            f"p95 {percentile(cpu_ms, 0.95):5.1f}   "
            f"a frame {statistics.median(self.frame_ms):4.1f}, "
            f"behind a dialog {statistics.median(self.frame_behind_ms):4.1f}"
            f"   ({len(self.wall_ms)} keys; CPU by key: {', '.join(by_key)})"
        )


def measure(tree: Path, size: tuple[int, int], seed: int, n_presses: int, timed: Timed) -> None:
    """Watch a lesson at full speed, then press all keys so many times in turn."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        words = (*WATCHED, "--seed", str(seed), "--runs", runs)
        terminal = Terminal(words, *size, cwd=tree, env=_environment(tree))
        try:
            terminal.wait_for("step ")
            terminal.drain(LOADED_S)
            timed.frame_ms.append(_frame_ms(terminal))
            terminal.type("q")
            terminal.drain(1.0)
            timed.frame_behind_ms.append(_frame_ms(terminal))
            terminal.type("\x1b")
            terminal.drain(1.0)
            for _ in range(n_presses):
                for key, text in PRESSES:
                    before_ms = _cpu_ms(terminal.pid)
                    terminal.type(key)
                    timed.wall_ms.append(1000 * terminal.wait_for(text))
                    name = {"\x1b": "esc", " ": "space"}.get(key, key)
                    timed.cpu_ms[name].append(_cpu_ms(terminal.pid) - before_ms)
                    terminal.drain(0.31)
        finally:
            terminal.close()


def _frame_ms(terminal: Terminal) -> float:
    before_ms = _cpu_ms(terminal.pid)
    terminal.drain(WATCHED_S)
    return (_cpu_ms(terminal.pid) - before_ms) / WATCHED_S / FRAMES_HZ


def _environment(tree: Path) -> Mapping[str, str]:
    paths = [str(tree), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _cpu_ms(pid: int) -> float:
    """CPU time of all threads of a process, from Linux's scheduler."""
    stats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="A key until it is painted, of several versions.")
    parser.add_argument("trees", nargs="+", type=Path, help="of this program")
    parser.add_argument("--rounds", type=int, default=3, help="in which each tree is started once")
    parser.add_argument("--presses", type=int, default=3, help="of all keys, in a round")
    options = parser.parse_args()
    trees = [tree.resolve() for tree in options.trees]
    for size in SIZES:
        timed = {tree: Timed() for tree in trees}
        for place in range(options.rounds):
            for tree in trees if place % 2 == 0 else trees[::-1]:
                measure(tree, size, place + 1, options.presses, timed[tree])
        for tree in trees:
            print(f"{size[0]}×{size[1]}  {timed[tree]}  {tree.name}", flush=True)


if __name__ == "__main__":
    main()
