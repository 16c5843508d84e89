"""A run as it was recorded, at any of its steps: reads the log as it grows and jumps in it.

Every so often the folded state is kept, so that a jump folds a few megabytes of the log at most.
Knows no screen and no trainer.
"""

from __future__ import annotations

import bisect
import zlib
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec

from flashcards.runs import events, run_files, values
from flashcards.runs.cursor import LogCursor, LogLine, Undone, happened, starts_of, undo
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunFolder
from flashcards.runs.markers import FoundMarker
from flashcards.runs.state import N_RECENT_CORRECTIONS, RunState

SNAPSHOT_EVERY_BYTES = 256 << 10
SNAPSHOT_MOST_BYTES = 4 << 20
SNAPSHOT_SHARE = 8
"""A snapshot is taken after at least 256 KB of log, and 8 times its own size, but at most 4 MB."""

_CORRECTIONS = starts_of([events.CorrectionMeasured])


class Snapshot(NamedTuple):
    """The fold of all that counts before the byte `offset`, whose last step is `step`.
    `state` is packed, without its recent corrections: they are the largest part, and the log has
    them from byte `corrections_at` on."""

    offset: int
    step: int
    corrections_at: int
    state: bytes


class Recording:
    """The log of one run in memory. `refresh` reads on; the rest only looks.
    Whatever reads the log raises an OSError when that can't be done.
    Events and states name the folder that was opened, wherever the run was made. `state` is the run
    as far as it was read: it grows with `refresh`, or is replaced by another one. `counts` says how
    many cards were taught by which step. `n_undone` counts how often what was read before did not
    happen after all."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.n_undone = -1
        self._clear()

    @classmethod
    def open(cls, folder: RunFolder) -> Recording:
        recording = cls(folder)
        recording.refresh()
        return recording

    def _clear(self) -> None:
        self.state = RunState()
        self.counts = CardCounts()
        self._cursor = LogCursor()
        self._undone: list[Undone] = []
        self.snapshots: list[Snapshot] = []
        self._recent: deque[int] = deque(maxlen=N_RECENT_CORRECTIONS)
        """The bytes at which the lines of the recent corrections begin."""
        self._snapshot_due = SNAPSHOT_EVERY_BYTES
        self.n_undone += 1

    @property
    def last_step(self) -> int:
        return self.state.step

    @property
    def position(self) -> int:
        """The byte of the log up to which it was read."""
        return self._cursor.n_bytes

    @property
    def markers(self) -> tuple[FoundMarker, ...]:
        return tuple(sorted(self.state.markers.reached, key=lambda marker: marker.step))

    def refresh(self) -> bool:
        """Read what was written since; whether anything was.
        A log that is another one than before is read from its start."""
        with run_files.open_file(self.folder.log_path) as file:
            was_other = not self._cursor.is_of(file)
            if was_other:
                self._clear()
            return self._read_on(file) or was_other

    def state_at(self, step: int) -> RunState:
        """A state of its own with every event of this step or before; before the first, empty."""
        with run_files.open_file(self.folder.log_path) as file:
            state, offset, _ = self._nearest(file, step)
            for line in self._happened(file, offset):
                if line.event.step > step:
                    break
                state.fold(self._moved(line.event))
        return state

    def state_by(self, n_cards: int) -> RunState:
        """The state when it had been taught no more cards than these; its last, if it never was."""
        step = self.counts.step_at(n_cards)
        return self.state_at(values.MAX_STEP if step is None else step)

    def events(self, after_step: int = -1) -> Iterator[AnyEvent]:
        snapshot = self._last_snapshot(after_step)
        with run_files.open_file(self.folder.log_path) as file:
            for line in self._happened(file, 0 if snapshot is None else snapshot.offset):
                if line.event.step > after_step:
                    yield self._moved(line.event)

    def events_from(self, position: int) -> list[AnyEvent]:
        with run_files.open_file(self.folder.log_path) as file:
            return [self._moved(line.event) for line in self._happened(file, position)]

    # Reading on

    def _read_on(self, file: BinaryIO) -> bool:
        position = self._cursor.n_bytes
        for line in self._cursor.read(file):
            if line.undone_beyond is not None:
                self._take_back(file, line)
            self._fold(line)
            if self._cursor.n_bytes >= self._snapshot_due:
                self._take_snapshot(self._cursor.n_bytes)
        return self._cursor.n_bytes > position

    def _fold(self, line: LogLine) -> None:
        event = self._moved(line.event)
        self.state.fold(event)
        if isinstance(event, events.CorrectionMeasured):
            self._recent.append(line.at)
        elif isinstance(event, events.StepsTaken | events.ExamTaken):
            self.counts.count(event.step, event.cards_taught)

    def _take_snapshot(self, offset: int) -> None:
        recent = self.state.card.recent
        self.state.card.recent = []
        try:
            state = zlib.compress(msgspec.msgpack.encode(self.state), 1)
        except UnicodeEncodeError:  # a folder whose name is no Unicode
            self._snapshot_due = offset + SNAPSHOT_MOST_BYTES
            return
        finally:
            self.state.card.recent = recent
        corrections_at = self._recent[0] if self._recent else offset
        self.snapshots.append(Snapshot(offset, self.state.step, corrections_at, state))
        gap_bytes = max(SNAPSHOT_EVERY_BYTES, SNAPSHOT_SHARE * len(state))
        self._snapshot_due = offset + min(gap_bytes, SNAPSHOT_MOST_BYTES)

    def _take_back(self, file: BinaryIO, back: LogLine) -> None:
        step = back.event.step
        self.n_undone += 1
        undo(self._undone, back)
        while self.snapshots and self.snapshots[-1].step > step:
            self.snapshots.pop()
        self.counts.cut(step)
        self.state, offset, recent = self._nearest(file, step)
        self._recent = deque(recent, N_RECENT_CORRECTIONS)
        for line in happened(file, offset, back.at, self._undone):
            self._fold(line)

    # Jumping

    def _last_snapshot(self, step: int) -> Snapshot | None:
        at_most = (snapshot for snapshot in reversed(self.snapshots) if snapshot.step <= step)
        return next(at_most, None)

    def _nearest(self, file: BinaryIO, step: int) -> tuple[RunState, int, list[int]]:
        """The state of the last snapshot up to this step, the place in the log from which to fold
        on, and those of its recent corrections."""
        snapshot = self._last_snapshot(step)
        if snapshot is None:
            return RunState(), 0, []
        state = msgspec.msgpack.decode(zlib.decompress(snapshot.state), type=RunState)
        recent: list[int] = []
        at = snapshot.corrections_at
        end = snapshot.offset
        for line in happened(file, at, end, self._undone, _CORRECTIONS):
            if isinstance(line.event, events.CorrectionMeasured):
                recent.append(line.at)
                state.card.recent.append((line.event.step, line.event.correction))
        return state, end, recent

    def _happened(self, file: BinaryIO, offset: int) -> Iterator[LogLine]:
        return happened(file, offset, self._cursor.n_bytes, self._undone)

    def _moved(self, event: AnyEvent) -> AnyEvent:
        folder = str(self.folder.path)
        if isinstance(event, events.RunStarted):
            return msgspec.structs.replace(event, folder=folder)
        if isinstance(event, events.RunResumed | events.RunBranched | events.DeckChanged):
            start = msgspec.structs.replace(event.start, folder=folder)
            return msgspec.structs.replace(event, start=start)
        return event


class CardCounts(msgspec.Struct):
    """Counts of taught cards, now and then; between two counts each update had as many cards."""

    steps: list[int] = msgspec.field(default_factory=lambda: [0])
    cards: list[int] = msgspec.field(default_factory=lambda: [0])

    @property
    def last(self) -> int:
        return self.cards[-1]

    def count(self, step: int, n_cards: int) -> None:
        """Note that so many had been taught at this step; what can't be is left out."""
        if step > self.steps[-1] and n_cards > self.cards[-1]:
            self.steps.append(step)
            self.cards.append(n_cards)

    def cut(self, step: int) -> None:
        if self.steps[-1] <= step:
            return
        n_cards = self.cards_at(step)
        while len(self.steps) > 1 and self.steps[-1] > step:
            self.steps.pop()
            self.cards.pop()
        self.count(step, n_cards)

    def cards_at(self, step: int) -> int:
        """Return how many had been taught at this step; beyond the newest count, as many as
        there."""
        return _between(self.steps, self.cards, step)

    def step_at(self, n_cards: int) -> int | None:
        """The last step at which no more than these had been taught; None when none ever was."""
        if n_cards >= self.last:
            return None
        return _between(self.cards, self.steps, max(0, n_cards))


def _between(xs: list[int], ys: list[int], x: int) -> int:
    """The y of the line at x, rounded down; both ascend."""
    i = bisect.bisect_right(xs, x)
    if i == len(xs):
        return ys[-1]
    return ys[i - 1] + (x - xs[i - 1]) * (ys[i] - ys[i - 1]) // (xs[i] - xs[i - 1])
