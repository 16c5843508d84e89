"""Two hours on stage: one program, one talk again and again, in a real terminal. POSIX only.
Between cues somebody asks, edits the deck, makes branches, jumps back and looks at every view.
Failures: a fault or warning that was reported, a run that does not verify, and memory of the screen
that grows by more than `GROWTH_MB` an hour after the first quarter."""

import contextlib
import itertools
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from tests.monkey import Session
from tests.screen import FaultError, Screen
from tests.terminal import Terminal, resident_mb

GROWTH_MB = 20.0
LOOK_S = 60.0

TALK = Path(__file__).with_suffix(".md")
N_CUES = 10

ACTS = {
    "ask": ("a", "Franc", "\r", "\x1b"),
    "ask twice": ("a", "Peru", "\r", "\x15", "blick", "\r", "\x1b", "\x1b"),
    "edit": ("e", "\x1b[F", "\rSoak {n} :: of {n}", "\x13", "\x1b", "\x1b"),
    "branch": ("b", "\r", "\x1b"),
    "back in time": ("\x1b[D", "\x1b[1;2D", "\x1b[1;2D", "\x1b[F"),
    "views": ("1", "2", "3", "4", "5", "6", "7", "8", "1"),
    "present": ("f", "f"),
    "help": ("?", "\x1b"),
    "runs": ("r", "\x1b"),
    "palette": ("\x10", "theme", "\x1b", "\x1b"),
    "one card": ("\x1b[C", " "),
    "bet": ("p", "5", "\r", "\x1b"),
}
CUE, BACK = "\x1b[6~", "\x1b[5~"


class Soak(Session):
    minutes = 120.0

    environment: ClassVar[Mapping[str, str]] = {"PYTHONWARNINGS": "default"}

    def press(self, terminal: Terminal, screen: Screen, n_keys: int) -> None:
        began_s = looked_s = time.monotonic()
        measured: list[tuple[float, float]] = []
        for n_presses, cue in enumerate(self.cues()):
            self.send(terminal, cue)
            self.hear(terminal, self.dice.uniform(2, 10))
            if self.dice.random() < 0.6:
                self.act(terminal, n_presses)
            now_s = time.monotonic()
            if now_s - looked_s < LOOK_S:
                continue
            looked_s = now_s
            screen.look()
            hours = (now_s - began_s) / 3600
            own, others = self.memory(terminal.pid)
            measured.append((hours, own))
            print(
                f"{60 * hours:5.1f} minutes, {n_presses} cues, {self.report.n_keys} keys: "
                f"screen {own:.0f} MB, others {others:.0f} MB",
                flush=True,
            )
            if terminal.exit_code() is not None:
                raise FaultError(f"it ended with exit code {terminal.exit_code()}")
            if 60 * hours > self.minutes:
                break
        self.report.n_keys = n_keys
        self.check_growth(measured)

    def cues(self) -> Iterator[str]:
        while True:
            for _ in range(N_CUES):
                yield CUE
                if self.dice.random() < 0.15:
                    yield from (BACK, CUE)
            yield from itertools.repeat(BACK, N_CUES)

    def act(self, terminal: Terminal, n: int) -> None:
        keys = ACTS[self.dice.choice(tuple(ACTS))]
        for key in keys:
            self.send(terminal, key.replace("{n}", str(n)))
            self.hear(terminal, self.dice.uniform(0.2, 1.0))

    def hear(self, terminal: Terminal, seconds: float) -> None:
        """Read what it writes, which must be no warning, and forget all but the end of it."""
        terminal.drain(seconds)
        for word in (b"Traceback", b"Warning:"):
            if word in terminal.output:
                raise FaultError(f"{word.decode()} was painted")
        if reports := sorted(path for path in self.state.rglob("*") if path.is_file()):
            raise FaultError(reports[0].read_text("utf-8"))
        del terminal.output[:-100_000]

    def memory(self, pid: int) -> tuple[float, float]:
        """Megabytes of the screen's process, and of all others that stand in its folder."""
        others = 0.0
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                other = int(process.name)
                if other != pid and (process / "cwd").readlink() == self.folder:
                    others += resident_mb(other)
        return resident_mb(pid), others

    def check_growth(self, measured: list[tuple[float, float]]) -> None:
        """FaultError when the last quarter's median is too far above the second quarter's."""
        quarter = len(measured) // 4
        if not quarter:
            return
        early, late = measured[quarter : 2 * quarter], measured[-quarter:]
        hours = statistics.mean(h for h, _ in late) - statistics.mean(h for h, _ in early)
        grown = statistics.median(m for _, m in late) - statistics.median(m for _, m in early)
        print(f"the screen's memory changed by {grown / hours:+.1f} MB an hour", flush=True)
        if grown / hours > GROWTH_MB:
            raise FaultError("memory grows")
