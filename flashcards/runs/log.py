"""Writes the event log: one JSON line an event, append-only. A torn last line is cut first.

Measured numbers have as many digits as they are worth, so that the log stays small.
"""

import os
import re
from pathlib import Path

import msgspec

from flashcards.runs import events, run_files


class LogWriter:
    """Appends events. `flush` hands lines to the system, `sync` makes them survive a power cut."""

    def __init__(self, path: Path) -> None:
        """Open for appending; bytes after the last newline, a torn line, are cut off first.
        Raises OSError: the file can't be opened or cut."""
        cut_torn_line(path)
        self._file = run_files.open_file(path, "ab")

    def append(self, event: events.AnyEvent) -> None:
        self._file.write(events.encode(event))

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def cut_torn_line(path: Path) -> int:
    """Cut what follows the last newline of the file, if it exists; bytes cut."""
    if not path.exists():
        return 0
    with run_files.open_file(path, "r+b") as file:
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


DIGITS = 6

_TEXT_OR_FLOAT = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:[eE][-+]?\d+)?')


def rounded(event: events.AnyEvent) -> events.AnyEvent:
    """The event with what was measured rounded to six digits, all that float32 holds."""
    match event:
        case events.CorrectionMeasured() | events.TriesRewarded():
            return events.decode(_TEXT_OR_FLOAT.sub(_rounded_match, events.encode(event)))
        case events.StepsTaken():
            names = ["loss_nats", "gradient_norm", "relative_change"]
        case events.ExamTaken():
            numbers = (event.seen_loss_nats, event.unseen_loss_nats)
            names = ["seen_loss_nats", "unseen_loss_nats"]
            names = [name for name, n in zip(names, numbers, strict=True) if n is not None]
        case _:
            return event
    values = {name: _rounded(getattr(event, name)) for name in names}
    return msgspec.structs.replace(event, **values)


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def _rounded_match(match: re.Match[bytes]) -> bytes:
    text = match[0]
    if text.startswith(b'"'):
        return text
    return repr(_rounded(float(text))).encode()
