"""A program in a pseudo-terminal: started, typed at, read, and timed. POSIX only."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from flashcards.base.system import end_group, python

FLASHCARDS = python("-m", "flashcards")
READ_BYTES = 65_536


def open_terminal(columns: int, rows: int) -> tuple[int, int]:
    if sys.platform == "win32":
        raise OSError("Windows has no pseudo-terminals")
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (rows, columns))
    return ours, theirs


class Terminal:
    def __init__(
        self,
        command: Sequence[str],
        columns: int = 80,
        rows: int = 24,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.output = bytearray()
        self.started_s = time.perf_counter()
        self.fd, child = open_terminal(columns, rows)
        self.process = subprocess.Popen(
            command,
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            cwd=cwd,
            env={
                **(os.environ if env is None else env),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "COLUMNS": "",  # what runs the tests may have set it: then no new size is heard
            },
        )
        os.close(child)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def children(self) -> list[int]:
        return children_of(self.pid)

    def read(self, timeout_s: float) -> bytes:
        ready, _, _ = select.select([self.fd], [], [], max(0.0, timeout_s))
        if not ready:
            return b""
        try:
            chunk = os.read(self.fd, READ_BYTES)
        except OSError:
            return b""
        self.output += chunk
        return chunk

    def wait_for(self, text: str, timeout_s: float = 30.0) -> float:
        """Seconds from now until the text is written; TimeoutError when it is not, in that time."""
        started_s, wanted, seen = time.perf_counter(), text.encode(), bytearray()
        while (left_s := started_s + timeout_s - time.perf_counter()) > 0:
            seen += self.read(left_s)
            if wanted in seen:
                return time.perf_counter() - started_s
        raise TimeoutError(f"{text!r} was not shown within {timeout_s:g} s")

    def drain(self, seconds: float) -> None:
        """Read and forget what is written in this time, as a terminal does."""
        ends_s = time.perf_counter() + seconds
        while (left_s := ends_s - time.perf_counter()) > 0:
            self.read(left_s)

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        if sys.platform == "win32":
            return
        import termios

        termios.tcsetwinsize(self.fd, (rows, columns))
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGWINCH)

    def exit_code(self) -> int | None:
        """None while it runs; below 0 when a signal ended it."""
        return self.process.poll()

    def hang_up(self) -> None:
        """Close this end: the terminal is gone for the program, whether it gets SIGHUP or not."""
        os.close(self.fd)
        self.fd = -1

    def close(self) -> None:
        end_group(self.process.pid, is_asked=True)
        deadline_s = time.perf_counter() + 5
        while self.process.poll() is None and time.perf_counter() < deadline_s:
            time.sleep(0.05) if self.fd < 0 else self.read(0.05)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.fd >= 0:
            os.close(self.fd)


def children_of(pid: int) -> list[int]:
    """The processes that this one has started, on Linux."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def resident_mb(pid: int) -> float:
    with contextlib.suppress(FileNotFoundError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1024, 1)
    return 0.0
