"""Writes the event log: one JSON line an event, append-only. A torn last line is cut first."""

from __future__ import annotations

import os
from pathlib import Path

from flashcards.runs import events
from flashcards.runs.events import AnyEvent
from flashcards.runs.files import open_file


class LogWriter:
    """Appends events. `flush` hands lines to the system, `sync` makes them survive a power cut.

    `n_bytes` is how long the log is.
    """

    def __init__(self, path: Path) -> None:
        """Open for appending; bytes after the last newline, a torn line, are cut off first.
        Raises OSError: the file can't be opened or cut."""
        cut_torn_line(path)
        self._file = open_file(path, "ab")
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
        self._file.close()


def cut_torn_line(path: Path) -> int:
    """Cut what follows the last newline of the file, if it exists; bytes cut."""
    if not path.exists():
        return 0
    with open_file(path, "r+b") as file:
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
