"""A run as it was recorded, at any of its steps: reads the log as it grows and jumps in it.

Every so often the folded state is kept (`runs.snapshots`), so that a jump folds a few megabytes of
the log at most. The index of a long run is a file in its folder; it can be made anew from the log
at any time. Knows no screen and no trainer.
"""

from __future__ import annotations

import array
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from flashcards.runs import events
from flashcards.runs.card_counts import CardCounts
from flashcards.runs.cursor import Line, LogCursor, Places, decoded
from flashcards.runs.events import AnyEvent
from flashcards.runs.files import open_file
from flashcards.runs.folder import RunFolder
from flashcards.runs.markers import AnyMarker, FoundMarker, MarkerFinder
from flashcards.runs.run_index import (
    FILE,
    VERSION,
    RunIndex,
    Snapshot,
    check_index,
    proof_of,
    read_index,
    write_index,
)
from flashcards.runs.snapshots import (
    DAMAGED,
    pack_state,
    packed_numbers,
    unpack_state,
    unpacked_numbers,
    vocabulary,
)
from flashcards.runs.state import N_RECENT_CORRECTIONS, RunState
from flashcards.runs.values import MAX_STEP

SNAPSHOT_EVERY_BYTES = 256 << 10
SNAPSHOT_MOST_BYTES = 4 << 20
SNAPSHOT_SHARE = 8
"""A snapshot is taken after at least 256 KB of log, and 8 times its own size, but at most 4 MB."""

MOST_AT_ONCE_BYTES = 4 << 20
INDEX_EVERY_BYTES = 4 << 20
"""A file of the index is written when it would spare reading that much of the log."""


class Recording:
    """What the log of one run holds. `refresh` reads on; the rest only looks.

    Whatever reads the log raises an OSError when that can't be done.

    Events and states name the folder that was opened, wherever the run was made. `state` is the run
    as far as it was read: it grows with `refresh`, or is replaced by another one. `counts` says how
    many cards were taught by which step. `n_undone` counts how often what was read before did not
    happen after all.
    """

    def __init__(self, folder: RunFolder) -> None:
        """Nothing is read yet: see `open`."""
        self.folder = folder
        self.n_undone = -1
        self._clear()

    @classmethod
    def open(cls, folder: RunFolder) -> Recording:
        """The run's recording, read up to its end."""
        recording = cls(folder)
        with open_file(folder.log_path) as file:
            recording._take_index(file)
        recording.refresh()
        return recording

    def _clear(self) -> None:
        self.state = RunState()
        self._finder = MarkerFinder()
        self._markers: list[FoundMarker] = []
        self._places = Places()
        self._cursor = LogCursor()
        self._snapshots: list[Snapshot] = []
        self._corrections = array.array("q")
        self.counts = CardCounts()
        self._snapshot_due = SNAPSHOT_EVERY_BYTES
        self._indexed_bytes = 0
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
        """The moments to jump to, by step."""
        return tuple(sorted(self._markers, key=lambda marker: marker.step))

    def refresh(self) -> bool:
        """Read what was written since; whether anything was.

        A log that is another one than before is read from its start.
        """
        with open_file(self.folder.log_path) as file:
            was_other = not self._cursor.is_of(file)
            if was_other:
                self._clear()
            return self._read_on(file) or was_other

    def state_at(self, step: int) -> RunState:
        """A state of its own with every event of this step or before; before the first, empty."""
        return self.recalled(step)[0]

    def state_by(self, n_cards: int) -> RunState:
        """The state when it had been taught no more cards than these; its last, if it never was."""
        step = self.counts.step_at(n_cards)
        return self.state_at(MAX_STEP if step is None else step)

    def recalled(self, step: int) -> tuple[RunState, MarkerFinder, list[AnyMarker]]:
        """The state at this step, and what the search for markers had come to and found by then."""
        with open_file(self.folder.log_path) as file:
            snapshot, state, offset = self._nearest(file, step)
            finder, found = self._finder_of(snapshot)
            markers: list[AnyMarker] = [*found]
            for event in self._happened(file, offset):
                if event.step > step:
                    break
                state.fold(event)
                markers += finder.find(event, state)
        return state, finder, markers

    def events(self, after_step: int = -1) -> Iterator[AnyEvent]:
        """What happened beyond this step, in order."""
        snapshot = self._last_snapshot(after_step)
        with open_file(self.folder.log_path) as file:
            for event in self._happened(file, 0 if snapshot is None else snapshot.offset):
                if event.step > after_step:
                    yield event

    def events_from(self, position: int) -> list[AnyEvent]:
        """What was read from this `position` on."""
        with open_file(self.folder.log_path) as file:
            return list(self._happened(file, position))

    def save_index(self) -> bool:
        """Write the index file if that spares much reading; whether it was written.

        A folder that can't be written is left as it is.
        """
        if not self._snapshots:
            return False
        offset = self._snapshots[-1].offset
        if offset - self._indexed_bytes < INDEX_EVERY_BYTES:
            return False
        last = self._snapshots[-1]
        corrections = self._corrections[: last.n_corrections]
        try:
            with open_file(self.folder.log_path) as file:
                proof = proof_of(file, offset)
            write_index(
                self.folder.path / FILE,
                RunIndex(
                    version=VERSION,
                    vocabulary=vocabulary(),
                    offset=offset,
                    proof=proof,
                    segments=self._places.before(offset),
                    snapshots=self._snapshots,
                    markers=self._markers[: last.n_markers],
                    corrections=packed_numbers(corrections),
                    counts=self.counts.packed(last.step),
                ),
            )
        except OSError:
            return False
        self._indexed_bytes = offset
        return True

    def _take_index(self, file: BinaryIO) -> None:
        """Begin where the index file ends, if there is a good one."""
        index = read_index(self.folder.path / FILE, file, vocabulary())
        if index is None:
            return
        try:
            check_index(index)
            self._corrections = unpacked_numbers("q", index.corrections)
            self.counts = CardCounts.unpacked(index.counts)
            self._places, self._snapshots = Places(index.segments), index.snapshots
            self._markers = index.markers
            last = index.snapshots[-1]
            self.state, _ = self._restored(file, last)
        except DAMAGED:
            self._clear()
            return
        self._finder = msgspec.structs.replace(last.finder)
        index.segments[-1].end = None
        self._indexed_bytes = index.offset
        self._snapshot_due = index.offset + self._gap_bytes(last)
        self._cursor.go_to(file, index.offset, self.state.step)

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

    def _fold(self, line: Line) -> None:
        event = self._moved(line.event)
        self.state.fold(event)
        self._markers += self._finder.find(event, self.state)
        if isinstance(event, events.CorrectionMeasured):
            self._corrections.append(line.at)
        elif isinstance(event, events.StepsTaken | events.ExamTaken):
            self.counts.count(event.step, event.cards_taught)

    def _take_snapshot(self, offset: int) -> None:
        state = pack_state(self.state)
        if state is None:
            self._snapshot_due = offset + SNAPSHOT_MOST_BYTES
            return
        snapshot = Snapshot(
            offset=offset,
            step=self.state.step,
            n_corrections=len(self._corrections),
            n_markers=len(self._markers),
            finder=msgspec.structs.replace(self._finder),
            state=state,
        )
        self._snapshots.append(snapshot)
        self._snapshot_due = offset + self._gap_bytes(snapshot)

    @staticmethod
    def _gap_bytes(snapshot: Snapshot) -> int:
        gap_bytes = max(SNAPSHOT_EVERY_BYTES, SNAPSHOT_SHARE * len(snapshot.state))
        return min(gap_bytes, SNAPSHOT_MOST_BYTES)

    def _take_back(self, file: BinaryIO, back: Line) -> None:
        """The run goes on at this line: what was beyond its step is undone."""
        step = back.event.step
        self.n_undone += 1
        while self._snapshots and self._snapshots[-1].step > step:
            self._snapshots.pop()
        snapshot, self.state, offset = self._nearest(file, step)
        self._finder, self._markers = self._finder_of(snapshot)
        del self._corrections[0 if snapshot is None else snapshot.n_corrections :]
        self.counts.cut(step)
        for line in self._places.take_back(file, back, offset):
            self._fold(line)

    # Jumping

    def _last_snapshot(self, step: int) -> Snapshot | None:
        at_most = (snapshot for snapshot in reversed(self._snapshots) if snapshot.step <= step)
        return next(at_most, None)

    def _nearest(self, file: BinaryIO, step: int) -> tuple[Snapshot | None, RunState, int]:
        """The last snapshot up to this step that is no odd one, its state and where to fold on."""
        while snapshot := self._last_snapshot(step):
            try:
                return snapshot, *self._restored(file, snapshot)
            except DAMAGED:
                self._snapshots.remove(snapshot)
        return None, RunState(), 0

    def _restored(self, file: BinaryIO, snapshot: Snapshot) -> tuple[RunState, int]:
        """A snapshot's state, and the place in the log from which to fold on.

        Raises one of `DAMAGED` where the snapshot is none that was taken here.
        """
        state = unpack_state(snapshot.state)
        if state.start is not None:
            folder = str(self.folder.path)
            state.start = msgspec.structs.replace(state.start, folder=folder)
        first = max(0, snapshot.n_corrections - N_RECENT_CORRECTIONS)
        offsets = self._corrections[first : snapshot.n_corrections]
        for line in _lines_at(file, offsets, snapshot.offset):
            event = decoded(line)
            if isinstance(event, events.CorrectionMeasured):
                state.corrections.append((event.step, event.correction))
        return state, snapshot.offset

    def _finder_of(self, snapshot: Snapshot | None) -> tuple[MarkerFinder, list[FoundMarker]]:
        """The search for markers as it was then, and what it had found."""
        if snapshot is None:
            return MarkerFinder(), []
        return msgspec.structs.replace(snapshot.finder), self._markers[: snapshot.n_markers]

    def _happened(self, file: BinaryIO, offset: int) -> Iterator[AnyEvent]:
        for line in self._places.lines(file, offset, self._cursor.n_bytes):
            yield self._moved(line.event)

    def _moved(self, event: AnyEvent) -> AnyEvent:
        """The event, of the folder that was opened."""
        folder = str(self.folder.path)
        if isinstance(event, events.RunStarted):
            return msgspec.structs.replace(event, folder=folder)
        if isinstance(event, events.RunResumed | events.RunBranched | events.DeckChanged):
            start = msgspec.structs.replace(event.start, folder=folder)
            return msgspec.structs.replace(event, start=start)
        return event


def _lines_at(file: BinaryIO, offsets: array.array[int], end: int) -> Iterator[bytes]:
    """The lines that begin at these bytes, all before `end`: near each other, in one read."""
    if offsets and end - offsets[0] <= MOST_AT_ONCE_BYTES:
        file.seek(offsets[0])
        block = file.read(end - offsets[0])
        for offset in offsets:
            start = offset - offsets[0]
            yield block[start : block.find(b"\n", start) + 1]
        return
    for offset in offsets:
        file.seek(offset)
        yield file.readline()
