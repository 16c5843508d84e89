"""Sources of a run's events: a teacher, or the folder of a run taught before or elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from flashcards.app.room import Needs
from flashcards.base.language import tr
from flashcards.runs import commands, markers
from flashcards.runs.events import AnyEvent, TeachingRefused, TrainerFailed, TrainerWoke
from flashcards.runs.state import RunState
from flashcards.trainer.request import TravelRequest

if TYPE_CHECKING:
    from flashcards.runs.folder import RunFolder
    from flashcards.runs.recording import Recording


class Teacher(Protocol):
    def events(self) -> AsyncIterator[AnyEvent]:
        """Start, and yield what happens until it ends. A crash yields `TrainerFailed` last."""

    def send(self, command: commands.AnyCommand) -> None:
        """Ask for something; nothing happens when the teacher has gone."""

    async def stop(self, is_saved: bool = True) -> None:
        """End it; returns when it has gone."""


Viewing = Literal["replay", "watching"]


def no_model(kind: Viewing) -> str:
    if kind == "replay":
        return tr(
            "A replay has no weights: it shows what was recorded, nothing is taught or asked."
        )
    return tr("You are watching: another program teaches this run, and only there can you ask.")


class Viewer:
    """A `Teacher` that reads a run's folder. `pace`: how many recorded seconds pass in one;
    `beside`: a second run that is shown beside it; `parting`: where the two part."""

    kind: Viewing
    beside: SavedRun | None = None

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.pace = 1.0
        self.is_at_end = False
        self.parting: list[markers.AnyMarker] = []
        from flashcards.runs.recording import Recording

        self._recording = Recording(folder)
        self._outbox: deque[AnyEvent] = deque()
        self._jump: RunState | None = None
        self._wake = asyncio.Event()
        self._is_stopped = False

    def events(self) -> AsyncIterator[AnyEvent]:
        raise NotImplementedError

    def send(self, command: commands.AnyCommand) -> None:
        if not isinstance(command, commands.Play):
            self._say(TeachingRefused(step=0, request=0, text=no_model(self.kind)))

    async def stop(self, is_saved: bool = True) -> None:
        self._is_stopped = True
        self._wake.set()

    @property
    def last_step(self) -> int:
        return self._recording.last_step

    def take_jump(self) -> RunState | None:
        """The state after a jump, of which no events are told; given once."""
        jump = self._jump
        self._jump = None
        return jump

    def lead(self, state: RunState) -> None:
        if self.beside is not None:
            self.beside.follow(self._recording.counts.cards_at(state.step))

    def can(self, needs: Needs, *, is_past: bool, has_machine: bool) -> bool:
        return needs == "nothing" or (needs == "past model" and is_past and has_machine)

    def change_pace(self, by: int) -> None:
        """Twice as fast, or half."""

    def play_from(self, step: int) -> bool:
        return False

    def _say(self, event: AnyEvent) -> None:
        self._outbox.append(event)
        self._wake.set()

    async def _woken(self, timeout_s: float | None) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), timeout_s)
        except TimeoutError:
            return
        self._wake.clear()


class NoMachine:
    """The time machine where there is no torch: says so."""

    def __init__(self, request: TravelRequest) -> None: ...

    async def events(self) -> AsyncIterator[AnyEvent]:
        yield TrainerFailed(
            step=0, text=tr("torch is not installed here, so only what was recorded can be shown")
        )

    def send(self, command: commands.AnyCommand) -> None: ...

    async def stop(self, is_saved: bool = True) -> None: ...


LOOK_EVERY_S = 0.25
MOST_TOLD_BYTES = 2 << 20  # more than this at once is read as a state, not told event by event


class WatchTeacher(Viewer):
    kind = "watching"

    async def events(self) -> AsyncIterator[AnyEvent]:
        """Yield what has happened so far, at once; then what is written, soon after. Never ends."""
        recording = self._recording
        n_undone, position = -1, 0
        while not self._is_stopped:
            while self._outbox:
                yield self._outbox.popleft()
            with contextlib.suppress(OSError):
                await asyncio.to_thread(recording.refresh)
                is_other = recording.n_undone != n_undone
                if is_other or recording.position - position > MOST_TOLD_BYTES:
                    self._jump = await asyncio.to_thread(recording.state_at, recording.last_step)
                    yield TrainerWoke(step=0, stage=tr("waiting for the run's first words"))
                elif recording.position > position:
                    for event in await asyncio.to_thread(recording.events_from, position):
                        yield event
                n_undone = recording.n_undone
                position = recording.position
            await self._woken(LOOK_EVERY_S)


def cant_read(error: BaseException) -> str:
    return tr("The run's log can't be read: {text}", text=str(error))


class SavedRun:
    """One of them; reading it may take a moment: use a thread. `cards_apart`: so many cards more
    had been taught to the run that it is beside, which counts them all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = RunState()
        self.cards_apart = 0
        self._recording: Recording | None = None
        self._coming: Iterator[AnyEvent] = iter(())
        self._next: AnyEvent | None = None

    @property
    def cards_taught(self) -> int:
        n_cards = 0 if self._recording is None else self._recording.counts.last
        return n_cards + self.cards_apart

    @property
    def last_step(self) -> int:
        return 0 if self._recording is None else self._recording.last_step

    def read(self) -> bool:
        """Read on to the log's end; whether there was anything new. Raises OSError, RunError."""
        if self._recording is not None:
            return self._recording.refresh()
        from flashcards.runs.folder import RunFolder
        from flashcards.runs.recording import Recording

        self._recording = Recording.open(RunFolder.open(self.path))
        return True

    def state_by(self, n_cards: int) -> RunState:
        """A state of its own, after at most so many cards. Raises OSError, RunError."""
        if n_cards > self.cards_taught or self._recording is None:
            self.read()
        assert self._recording is not None
        n_own = max(0, n_cards - self.cards_apart)
        state = self._recording.state_by(n_own)
        counts = self._recording.counts
        state.step = max(state.step, counts.step_at(n_own) or 0)
        state.cards_taught = max(state.cards_taught, counts.cards_at(state.step))
        return state

    def go_to(self, n_cards: int) -> None:
        """Be there, and follow from there. Raises OSError, RunError: it can't be read."""
        self.state = self.state_by(n_cards)
        assert self._recording is not None
        self._coming = self._recording.events(self.state.step)
        self._next = None

    def follow(self, n_cards: int) -> None:
        if self._recording is None:
            return
        limit = self._recording.counts.step_at(max(0, n_cards - self.cards_apart))
        while True:
            event = self._next or next(self._coming, None)
            if event is None or (limit is not None and event.step > limit):
                self._next = event
                return
            self._next = None
            with contextlib.suppress(ValueError):  # an event that cannot be of this run
                self.state.fold(event)
