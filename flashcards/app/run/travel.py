"""Looking back: which step of the run is shown, as it was recorded, and what is recomputed of it.
The log is read in a thread. The model of that step is a time machine's, a process of its own: it
starts when somebody stays in the past, and ends when they are long back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from flashcards.app.run import sources
from flashcards.app.run.run import NoAnswer, Question, Run
from flashcards.base.language import tr
from flashcards.runs import events, markers
from flashcards.runs.state import RunState
from flashcards.trainer.request import TravelRequest
from flashcards.wording.numbers import count

if TYPE_CHECKING:
    from flashcards.app.run.time_machine import TimeMachine
    from flashcards.runs.recording import Recording

STAYS_AFTER_S = 0.3  # who looks at one step for so long wants to see it recomputed
MACHINE_WAITS_S = 60.0  # the time machine is ended so long after somebody followed live again


class PastShown(Struct, frozen=True):
    step: int
    end_step: int
    note: str = ""
    is_recomputed: bool = False


class Travel:
    """The place in a lesson's run where one looks: at `step`, None while live is followed, in
    `state`, once it was read. `version` is another number whenever what is shown changed."""

    def __init__(
        self,
        run: Run,
        machine: Callable[[TravelRequest], sources.Teacher],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.step: int | None = None
        self.state: RunState | None = None
        self.version = 0
        self.problem = ""
        self.machine: TimeMachine | None = None
        self._run = run
        self._new_machine = machine
        self._on_change = on_change
        self._recording: Recording | None = None
        self.loaded: int | None = None
        self._read_for: RunState | None = None
        self._n_undone = 0
        self._seeking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def live_step(self) -> int:
        return self._run.state.step

    @property
    def end_step(self) -> int:
        """The newest step there is to see: of a recording its last, also before it is played."""
        viewer = self._run.viewer
        return self.live_step if viewer is None else max(self.live_step, viewer.last_step)

    @property
    def is_past(self) -> bool:
        """Tell whether a moment of the past is shown, and is there."""
        return self.step is not None and self.state is not None

    @property
    def past(self) -> PastShown | None:
        state = self.state
        if self.step is None or state is None:
            return None
        machine, loaded = self.machine, self.loaded
        is_recomputed = machine is not None and loaded is not None and machine.is_there(loaded)
        note = tr("you can ask it as it was") if is_recomputed else ""
        if not note and machine is not None and not machine.failure:
            note = machine.progress
        if not note and state.card.now is not None:
            step = state.card.step
            is_its = step == self.step
            note = tr("as it was then") if is_its else tr("card of step {step}", step=count(step))
        return PastShown(self.step, self.end_step, note, is_recomputed)

    @property
    def cards_taught(self) -> int:
        if self._recording is None or self.loaded is None:
            return self._run.state.cards_taught
        return self._recording.counts.cards_at(self.loaded)

    def marker_here(self) -> markers.AnyMarker | None:
        markers_here = [marker for marker in self._run.markers if marker.step == self.step]
        return markers_here[-1] if markers_here else None

    # Going

    def move(self, by: int) -> None:
        """So many steps on, or back when below 0. At the newest step of all live is followed."""
        start = self.live_step if self.step is None else self.step
        target = start + by
        if by > 0 and target >= self.end_step == self.live_step:
            self.follow_live()
        else:
            self.go(target)

    def go(self, step: int) -> None:
        start = self._run.state.start
        if start is None:
            return
        self.step = min(max(step, 0), self.end_step)
        self.problem = ""
        self._changed()
        if self.loaded != self.step:
            self._seek_on()

    def jump(self, way: int) -> bool:
        """To the next marker (way 1) or the one before (-1); False when there is none."""
        step = self.live_step + 1 if self.step is None else self.step
        steps = sorted({marker.step for marker in self._run.markers})
        wanted = [s for s in steps if s < step] if way < 0 else [s for s in steps if s > step]
        if not wanted:
            return False
        self.go(wanted[-1] if way < 0 else wanted[0])
        return True

    def follow_live(self) -> None:
        self.step = self.state = self.loaded = None
        self._set_timer(MACHINE_WAITS_S, self._let_machine_go)
        self._changed()

    # Asking

    async def replies(
        self, question: Question, patience_s: float | None = None
    ) -> AsyncIterator[events.AnyEvent]:
        """As `Run.replies`, of the step that is shown. Raises NoAnswer also when another one is."""
        step = self.step
        if step is None:
            raise NoAnswer("live is followed")
        self._show(step)
        assert self.machine is not None
        async for answer in self.machine.replies(question, patience_s):
            if self.loaded != step or (
                answer.step != step and not isinstance(answer, events.PastAnswered)
            ):
                raise NoAnswer("another step is shown")
            yield answer

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._seeking is not None:
            self._seeking.cancel()
        if self.machine is not None:
            await self.machine.close()

    # What goes on behind

    @property
    def is_seeking(self) -> bool:
        return self._seeking is not None and not self._seeking.done()

    def _seek_on(self) -> None:
        start = self._run.state.start
        if start is not None and not self.is_seeking:
            self._seeking = self._spawn(self._seek(Path(start.folder)))

    async def _seek(self, folder: Path) -> None:
        from flashcards.runs.folder import RunError

        is_there = False
        while self.step is not None and not is_there:
            step = self.step
            try:
                state = await asyncio.to_thread(self._read, folder, step)
            except (OSError, RunError) as error:
                self.problem = sources.cant_read(error)
                self.follow_live()
                return
            if self.step is not None:
                state.liveness = "paused"  # nothing is under way in what is looked at
                state.card.phase = state.card.details = state.ended = state.exams.under_way = None
                state.card.is_held = False
                self.loaded, self.state = step, state
                self._forget_undone()
                self._take_update()
                self._set_timer(STAYS_AFTER_S, self._stay)
                self._changed()
            is_there = self.step == step

    def _read(self, folder: Path, step: int) -> RunState:
        from flashcards.runs.folder import RunFolder
        from flashcards.runs.recording import Recording

        if self._recording is None:
            self._recording = Recording.open(RunFolder.open(folder))
        elif step >= self._recording.last_step or self._run.state is not self._read_for:
            self._recording.refresh()
        self._read_for = self._run.state
        return self._recording.state_at(step)

    def _forget_undone(self) -> None:
        n_undone = 0 if self._recording is None else self._recording.n_undone
        if n_undone != self._n_undone and self.machine is not None:
            self.machine.forget()
        self._n_undone = n_undone

    def _stay(self) -> None:
        step, recording = self.step, self._recording
        if step is not None and step == self.loaded:
            self._show(step)
            # more may still be written of this step: live says it first
            if recording is not None and recording.last_step <= step < self.live_step:
                self._seek_on()

    def _show(self, step: int) -> None:
        from flashcards.app.run.time_machine import TimeMachine

        start = self._run.state.start
        if self.machine is None or self.machine.failure:
            assert start is not None
            client = self._new_machine(TravelRequest(run=start.folder))
            self.machine = TimeMachine(client, self._take_news)
            self._spawn(self.machine.listen())
        self.machine.show(step)
        self._changed()

    def _take_news(self, event: events.AnyEvent | None) -> None:
        if event is None and self.machine is not None:
            why = self.machine.failure
            why = why[0].upper() + why[1:]
            self.problem = tr("{reason}. What was recorded is all there.", reason=why)
        elif self.state is not None:
            self._take_update()
        self._changed()

    def _take_update(self) -> None:
        if self.machine is None or self.loaded is None or self.state is None:
            return
        remade = self.machine.updates.get(self.loaded)
        if remade is not None:
            self.state.card.now, self.state.card.details = remade
            self.state.step = self.state.card.step = self.loaded

    def _let_machine_go(self) -> None:
        machine = self.machine
        self.machine = None
        if machine is not None:
            self._spawn(machine.close())

    def _set_timer(self, after_s: float, callback: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(after_s, callback)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _changed(self) -> None:
        self.version += 1
        self._on_change()
