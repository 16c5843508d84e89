"""The one reader of a log: which lines are whole, which are events, and what did not happen.

After `RunResumed(step=k)` no earlier line beyond step k counts. A last line without its newline is
still being written, or torn: it waits. A line that is no event is left out.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from flashcards.runs import events, run_files

BLOCK_BYTES = 256 << 10
MAX_LINE_BYTES = 4 << 20
"""A longer line is no event. A start with packed marks of eight million cards is shorter."""

PROOF_BYTES = 512  # So much before the place read up to has to be as it was


class LogLine(NamedTuple):
    """An event and the byte where its line begins.
    `undone_beyond` is the step beyond which nothing before this line happened; None on all lines
    but those that take something back."""

    at: int
    event: events.AnyEvent
    undone_beyond: int | None = None


class LogCursor:
    """A place in a log that may grow.
    `n_bytes`: it was read up to this byte.
    `last_step`: the newest step of what was read and counts."""

    def __init__(self, is_wanted: Callable[[bytes], bool] = lambda line: True) -> None:
        """`is_wanted` tells from a line's bytes whether to decode it; resumes always are."""
        self.n_bytes = 0
        self.last_step = 0
        self._is_wanted = is_wanted
        self._proof = b""

    def go_to(self, file: BinaryIO, n_bytes: int, last_step: int = 0) -> None:
        """Go on at this byte, the start of a line; what is before it is known otherwise."""
        self.n_bytes = n_bytes
        self.last_step = last_step
        file.seek(max(0, n_bytes - PROOF_BYTES))
        self._proof = file.read(min(PROOF_BYTES, n_bytes))

    def is_of(self, file: BinaryIO) -> bool:
        """Tell whether this is the log that was read, and still has all that was read of it."""
        if os.fstat(file.fileno()).st_size < self.n_bytes:
            return False
        file.seek(self.n_bytes - len(self._proof))
        return file.read(len(self._proof)) == self._proof

    def read(self, file: BinaryIO) -> Iterator[LogLine]:
        """Yield the wanted lines from here on; the cursor is behind each as it comes."""
        for at, line in whole_lines(file, self.n_bytes):
            self.n_bytes = at + len(line)
            self._proof = (self._proof + line)[-PROOF_BYTES:]
            is_resumed = line.startswith(_RESUMED)
            event = decoded(line) if is_resumed or self._is_wanted(line) else None
            if event is None:
                continue
            if isinstance(event, events.RunResumed):
                is_back = event.step < self.last_step
                self.last_step = event.step
                yield LogLine(at, event, event.step if is_back else None)
            else:
                self.last_step = max(self.last_step, event.step)
                yield LogLine(at, event)


class Undone(NamedTuple):
    """A stretch of the log that was taken back: before the byte `at`, nothing beyond `step`
    happened."""

    at: int
    step: int


def undo(undone: list[Undone], back: LogLine) -> None:
    """The run goes on at the line `back`; of two that take the same back the later one is kept."""
    while undone and undone[-1].step >= back.event.step:
        undone.pop()
    undone.append(Undone(back.at, back.event.step))


def happened(
    file: BinaryIO, start: int, end: int, undone: Sequence[Undone], begins: tuple[bytes, ...] = ()
) -> Iterator[LogLine]:
    """Yield what happened from byte `start` up to byte `end`; with `begins` only the lines that
    begin so."""
    ahead = deque(back for back in undone if back.at > start)
    for at, line in whole_lines(file, start):
        if at >= end:
            return
        while ahead and ahead[0].at <= at:
            ahead.popleft()
        if begins and not line.startswith(begins):
            continue
        event = decoded(line)
        if event is not None and (not ahead or event.step <= ahead[0].step):
            yield LogLine(at, event)


def whole_lines(file: BinaryIO, offset: int) -> Iterator[tuple[int, bytes]]:
    """The lines from this byte on with the place of each; one without its newline is left out.
    Of a line longer than any event's only the newline comes, at its own place."""
    rest = b""
    while True:
        file.seek(offset + len(rest))
        block = file.read(max(BLOCK_BYTES, len(rest)))
        if not block:
            return
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield offset, line + b"\n"
            offset += len(line) + 1
        if len(rest) > MAX_LINE_BYTES:
            end = _end_of_line(file, offset + len(rest))
            if end is None:
                return
            offset = end
            rest = b""


def _end_of_line(file: BinaryIO, offset: int) -> int | None:
    file.seek(offset)
    while block := file.read(BLOCK_BYTES):
        place = block.find(b"\n")
        if place >= 0:
            return offset + place
        offset += len(block)
    return None


def decoded(line: bytes) -> events.AnyEvent | None:
    try:
        return events.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def starts_of(kinds: Sequence[type[events.AnyEvent]]) -> tuple[bytes, ...]:
    return tuple(b'{"kind":"%s"' % kind.__name__.encode() for kind in kinds)


_RESUMED = starts_of([events.RunResumed])


def read_all(path: Path, kinds: Sequence[type[events.AnyEvent]] = ()) -> Iterator[events.AnyEvent]:
    """Every event in the file, in order, also what did not happen.
    With `kinds` only those come, and the other lines are not decoded."""
    starts = starts_of(kinds)
    with run_files.open_file(path) as file:
        for _, line in whole_lines(file, 0):
            if not starts or line.startswith(starts):
                event = decoded(line)
                if event is not None:
                    yield event


def read_run(path: Path, kinds: Sequence[type[events.AnyEvent]] = ()) -> list[events.AnyEvent]:
    """Read what happened in a run. With `kinds` only those events, and the resumes, are read."""
    starts = starts_of(kinds)
    cursor = LogCursor(lambda line: not starts or line.startswith(starts))
    happened: list[events.AnyEvent] = []
    with run_files.open_file(path) as file:
        for line in cursor.read(file):
            if line.undone_beyond is not None:
                happened = [event for event in happened if event.step <= line.undone_beyond]
            happened.append(line.event)
    return happened
