"""A fuzzer for what people mail each other besides decks: run folders. POSIX only.

    python -m tests.runs.fuzz --minutes 30 --seed 1 [--keep FOLDER]

Recorded runs are spoilt in one to three places, then opened by the commands in this
process: those on runs that need no terminal. A fault is an exception that is no
sentence of the project, a command that takes too long or more than a gigabyte, and an escape
sequence in what is printed. What it found is in `test_fuzzed.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import flashcards
from flashcards.cli import main as command
from tests.decks import write_capitals
from tests.runs.spoiling import N_STEPS, Spoiler

TOO_SLOW_S = 20.0
"""Processor time of one command; half a second is usual."""

HANGS_S = 180.0
"""Real time, for what waits instead of working."""

MOST_BYTES = 1 << 30
ROOM_BYTES = 4 << 30
"""What may be taken beyond the start before the system refuses: the machine is others', too."""
FORMATS = ("tsv", "apkg", "hf", "gguf", "tensorboard")
LATER = ("--steps", "3", "--runs")
PACKAGE = str(Path(flashcards.__file__).parent)


class HangError(BaseException):
    """It took too long; no `except Exception` of the program holds it."""


def record(folder: Path) -> list[Path]:
    """Runs as they are written, the older format's among them."""
    deck, root = write_capitals(folder), folder / "recorded"
    lesson = ["--steps", str(N_STEPS), "--runs", str(root)]
    _quietly(["train", str(deck), *lesson])
    (first,) = root.iterdir()
    _quietly(["train", str(deck), "--seed", "2", "--order", "hardest", "--shuffled", *lesson])
    _quietly(["train", "--branch", str(first), "--at", "9", "--rate", "8", *lesson])
    last = ["--after", str(first), "--steps", "6", "--runs", str(root)]
    _quietly(["train", str(deck), *last, "--rehearse", "0.5", "--only", "adapter"])
    _quietly(["reward", str(deck), *last, "--judge", "len(answer) < 5"])
    _quietly(["read", "valley", "--steps", "6", "--runs", str(root)])
    with tarfile.open(Path(__file__).parent / "fixtures" / "format-1.tar.xz") as archive:
        archive.extractall(folder / "older", filter="data")
    found = (path.parent for path in (*root.glob("*/run.json"), *folder.glob("older/*/*/run.json")))
    return sorted(found)


def _quietly(words: list[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert command(words) == 0, words


class Fuzzer:
    """Spoils, opens, counts."""

    def __init__(self, seed: int, workspace: Path, keep: Path | None = None) -> None:
        self.n_folders = self.n_commands = 0
        self.faults: Counter[str] = Counter()
        self._dice = random.Random(seed)
        self._spoiler = Spoiler(self._dice)
        self._workspace = workspace
        self._keep = keep
        self._recorded = record(workspace)

    def once(self) -> None:
        """One folder."""
        root = self._workspace / "spoilt"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        self.n_folders += 1
        source = self._dice.choice(self._recorded)
        run = Path(shutil.copytree(source, root / source.name))
        said = self._spoiler.spoil(run)
        for words in self._commands(run, root):
            self._try(words, said)

    def _commands(self, run: Path, root: Path) -> Iterator[list[str]]:
        out, deck = self._workspace, str(self._workspace / "capitals.deck")
        yield ["runs", "--runs", str(root)]
        yield ["replay", str(run), "--plain"]
        yield ["report", str(run), "-o", str(out / "x.html")]
        others = [
            ["ask", str(run), "France"],
            ["ask", str(run), "France", "--past"],
            ["ask", str(run), "France", "--at", str(self._dice.randrange(N_STEPS))],
            ["verify", str(run)],
            ["compare", str(run), str(self._recorded[0])],
            ["compare", str(self._recorded[0]), str(run)],
            ["curves", str(run), "-o", str(out / "x.svg")],
            ["page", str(run), "--quick", "-o", str(out / "x.html")],
            ["record", str(run), "-o", str(out / "x.cast"), "--seconds", "3"],
            ["check", deck, "--after", str(run)],
            *(["export", str(run), "--to", to, "--force", "-o", str(out / to)] for to in FORMATS),
            ["train", deck, "--after", str(run), *LATER, str(root)],
            ["reward", deck, "--after", str(run), *LATER, str(root)],
            ["train", "--branch", str(run), "--at", "5", "--steps", "7", "--runs", str(root)],
            ["runs", "--runs", str(root), "--keep", run.name],
            ["runs", "--runs", str(root), "--prune", "--budget", "0.000001"],
        ]
        yield from self._dice.sample(others, 3)
        yield ["train", "--resume", str(run), "--steps", str(N_STEPS + 2), "--runs", str(root)]
        yield ["runs", "--runs", str(root), "--delete", run.name]

    def _try(self, words: list[str], spoilt: list[str]) -> None:
        self.n_commands += 1
        fault = fault_of(words)
        if not fault:
            return
        self.faults[fault] += 1
        if self.faults[fault] == 1:
            print(f"{words[0]}: {fault} ({', '.join(spoilt)})", flush=True)
            if self._keep is not None:
                target = self._keep / f"{len(self.faults):03}-{words[0]}"
                shutil.copytree(self._workspace / "spoilt", target, symlinks=True)


def fault_of(words: list[str]) -> str:
    """Where and how the command breaks; "" when it does not."""
    out, error = io.StringIO(), io.StringIO()
    _reset_peak()
    began = time.process_time()
    fault = ""
    try:
        with _limited(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = command(words)
        if code not in (0, 1, 2, 3):
            fault = f"exit code {code}"
    except SystemExit as ended:
        fault = "" if ended.code in (0, 1, 2, 3) else f"exit code {ended.code}"
    except (Exception, HangError) as caught:
        frames = traceback.extract_tb(caught.__traceback__)
        own = [frame for frame in frames if frame.filename.startswith(PACKAGE)] or frames
        where = f"{Path(own[-1].filename).relative_to(Path(PACKAGE).parent)}:{own[-1].lineno}"
        fault = f"{type(caught).__name__} at {where}: {str(caught)[:80]!r}"
    took_s = time.process_time() - began
    if not fault and took_s > TOO_SLOW_S:
        fault = f"{words[0]} took {took_s:.0f} s"
    if not fault and _peak_bytes() > MOST_BYTES:
        fault = f"{words[0]} took {_peak_bytes() / 1e9:.1f} GB"
    if not fault and "\x1b" in out.getvalue() + error.getvalue():
        fault = f"{words[0]} printed an escape sequence"
    return fault


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Too much processor time, or waiting, is a `HangError`."""
    if sys.platform == "win32":
        raise NotImplementedError("limits of a process are POSIX's")

    def late(number: int, frame: object) -> None:
        raise HangError(f"signal {number}")

    handlers = {number: signal.signal(number, late) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, 2 * TOO_SLOW_S)
    signal.setitimer(signal.ITIMER_REAL, HANGS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    """The most memory that was resident since the peak was reset; 0 where nobody says."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def limit_memory() -> None:
    """From here on this process may take so much more address space, and no more."""
    if sys.platform == "win32":
        raise NotImplementedError("limits of a process are POSIX's")
    import resource

    with contextlib.suppress(OSError, ValueError):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (size + ROOM_BYTES, most))


def fuzz(seconds: float, seed: int, keep: Path | None = None) -> Fuzzer:
    """Spoil and open for so long; nothing outside a temporary folder is written."""
    ends_s = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="flashcards-fuzz-") as folder:
        fuzzer = Fuzzer(seed, Path(folder), keep)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            while time.monotonic() < ends_s:
                fuzzer.once()
    return fuzzer


def main() -> int:
    """Run it; 1 when it found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for what broke something")
    parsed = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    limit_memory()
    found = fuzz(60 * parsed.minutes, parsed.seed, parsed.keep)
    print(
        f"{found.n_folders:,} folders, {found.n_commands:,} commands in "
        f"{parsed.minutes:g} minutes: {found.faults.total():,} faults from "
        f"{len(found.faults)} places"
    )
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
