"""The event log: one JSON line an event, append-only. A torn last line is cut, never an error."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from flashcards.runs import events
from flashcards.runs.events import AnyEvent, RunResumed


class LogWriter:
    """Appends events. `flush` hands lines to the system, `sync` makes them survive a power cut.

    `n_bytes` is how long the log is.
    """

    def __init__(self, path: Path) -> None:
        """Open for appending; bytes after the last newline, a torn line, are cut off first.

        Raises:
            OSError: the file can't be opened or cut.
        """
        cut_torn_line(path)
        self._file = path.open("ab", buffering=64 * 1024)
        self.n_bytes = self._file.tell()

    def append(self, event: AnyEvent) -> None:
        """Add one event; it is on disk after the next `flush` or `sync`."""
        self.n_bytes += self._file.write(events.encode(event))

    def flush(self) -> None:
        """Hand everything to the operating system: a killed process loses nothing of it."""
        self._file.flush()

    def sync(self) -> None:
        """Wait until everything is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close."""
        self._file.close()


def cut_torn_line(path: Path) -> int:
    """Cut what follows the last newline of the file, if it exists; bytes cut."""
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        keep = size
        while keep > 0:
            start = max(0, keep - 64 * 1024)
            file.seek(start)
            newline = file.read(keep - start).rfind(b"\n")
            if newline >= 0:
                keep = start + newline + 1
                break
            keep = start
        if keep < size:
            file.truncate(keep)
        return size - keep


def read_all(path: Path, kinds: Sequence[type[AnyEvent]] = ()) -> Iterator[AnyEvent]:
    """Every event in the file, in order; lines that are no events are left out.

    A last line without its newline is still being written, or torn: it is left out too. With
    `kinds` only those come, and the other lines are not decoded.
    """
    starts = tuple(b'{"kind":"%s"' % kind.__name__.encode() for kind in kinds)
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            if starts and not line.startswith(starts):
                continue
            try:
                yield events.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue


def read_run(path: Path, kinds: Sequence[type[AnyEvent]] = ()) -> list[AnyEvent]:
    """What happened in the run: after `RunResumed(step=k)` no earlier line beyond k counts.

    With `kinds` only those events, and the resumes among them, are read.
    """
    happened: list[AnyEvent] = []
    for event in read_all(path, (*kinds, RunResumed) if kinds else ()):
        if isinstance(event, RunResumed):
            happened = [earlier for earlier in happened if earlier.step <= event.step]
        happened.append(event)
    return happened
