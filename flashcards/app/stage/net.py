"""The net under a talk: a teacher that goes on from a recording when the live one can't. The
rehearsal taught the same deck with the same seed, so its log says what the live trainer would have
said. Meanwhile the screen says REPLAY, and a trainer that died catches up behind it."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import msgspec

from flashcards.app.run.replay_teacher import ASKED_FOR, Stretch, is_same_run, stretch_after
from flashcards.app.run.sources import Teacher
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.request import LessonRequest

Make = Callable[[LessonRequest], Teacher]

STALLED_AFTER_S = 6.0
TOO_SLOW_BY, TOO_SLOW_BY_S = 2.0, 4.0  # a factor, and seconds, beyond the rehearsal

WATCH_S = 0.25
MOST_RESTARTS = 2

LONGEST_RECORDED_S = 45.0  # to the next stop, where the model is not here


class NettedTeacher:
    """A live trainer, with a recording of the same run under it."""

    def __init__(
        self,
        request: LessonRequest,
        make: Make,
        folder: RunFolder,
        live: Teacher,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_replaying = False
        self._request = request
        self._make = make
        self._folder = folder
        self._clock = clock
        self.live = live
        self._out: asyncio.Queue[ev.AnyEvent | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopped = False
        self._start: ev.RunStarted | None = None
        self._exam: ev.ExamTaken | None = None
        self._shown_step = 0
        self.live_step = 0
        self._is_live_up = False
        self._is_live_waiting = False
        self._heard_at_s = 0.0
        self._goal: cmd.PauseAt | None = None
        self._goal_at_s = 0.0
        self._is_playing = not request.is_paused
        self._held: deque[cmd.AnyCommand] = deque()
        self._go = asyncio.Event()
        self._n_restarts = 0
        self._told_bets: list[ev.BetPlaced] = []  # told meanwhile: its file may lack them

    # What the app does with a teacher

    async def events(self) -> AsyncIterator[ev.AnyEvent]:
        self._begin(self._follow_live())
        self._begin(self._watch())
        try:
            while (event := await self._out.get()) is not None:
                yield event
        finally:
            for task in self._tasks:
                task.cancel()

    def send(self, command: cmd.AnyCommand) -> None:
        """Send it to the live trainer, or let the recording answer what it can."""
        match command:
            case cmd.PauseAt():
                self._goal, self._goal_at_s = command, self._clock()
                self._is_playing = True
            case cmd.Play():
                self._is_playing = True
            case cmd.Pause():
                self._goal = None
                self._is_playing = False
        if not self.is_replaying:
            self.live.send(command)
            return
        self._answer(command)
        if not isinstance(command, cmd.Pause | cmd.Ask):
            self._held.append(command)
            self.release()

    async def stop(self, is_saved: bool = True) -> None:
        self._is_stopped = True
        await self.live.stop(is_saved)
        self._out.put_nowait(None)

    def toggle(self) -> bool:
        """Switch to the recording, or back to the trainer; whether that worked."""
        if not self.is_replaying:
            return self._catch()
        if not self._is_live_up:
            return False
        self._go_live()
        return True

    # The live trainer

    async def _follow_live(self) -> None:
        live = self.live
        async for event in live.events():
            self._heard_at_s = self._clock()
            if isinstance(event, ev.TrainerFailed):
                self._is_live_up = False
                if not self._is_stopped and self._start is not None and self._catch():
                    self._restart()
                    return
            self._hear(event)
        if not self.is_replaying:
            self._out.put_nowait(None)

    def _hear(self, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.RunStarted | ev.RunResumed):
            self._is_live_up = True
            self._start = event if isinstance(event, ev.RunStarted) else event.start
            self.live_step = event.step
        self.live_step = max(self.live_step, event.step)
        if isinstance(event, ev.RunPaused | ev.GoalReached | ev.LessonEnded):
            self._is_live_waiting = True
        elif isinstance(event, ev.RunPlayed):
            self._is_live_waiting = False
        if self.is_replaying:
            if isinstance(event, ev.BetPlaced):
                self._told_bets.append(event)
            self.release()
            if self._is_caught_up:
                self._go_live()
            return
        if isinstance(event, ev.ExamTaken):
            self._exam = event
        self._show(event)

    def _show(self, event: ev.AnyEvent) -> None:
        self._shown_step = max(self._shown_step, event.step)
        if isinstance(event, ev.GoalReached | ev.LessonEnded):
            self._goal = None
            self._is_playing = False
        self._out.put_nowait(event)

    def _restart(self) -> None:
        """Start the trainer again from what it saved; it follows the recording to its stop."""
        is_recorded = isinstance(self.live, Recorded)
        if self._n_restarts >= MOST_RESTARTS or self._start is None or is_recorded:
            return
        self._n_restarts += 1
        request = msgspec.structs.replace(
            self._request, resume=self._start.folder, speed=None, is_paused=True
        )
        self.live = self._make(request)
        self._is_live_waiting = False
        self._begin(self._follow_live())

    def release(self) -> None:
        """Give the trainer what it missed, up to the next goal, whenever it waits for something."""
        while self._is_live_up and self._is_live_waiting and self._held:
            command = self._held.popleft()
            self.live.send(command)
            if isinstance(command, cmd.PauseAt | cmd.Play):
                self._is_live_waiting = False

    @property
    def _is_caught_up(self) -> bool:
        is_waiting = self._is_live_up and self._is_live_waiting and not self._held
        return is_waiting and not self._is_playing and self.live_step == self._shown_step

    def _go_live(self) -> None:
        """Show the trainer again, in the state of its own log; it gets what it missed."""
        assert self._start is not None
        self.is_replaying = False
        self._go.set()
        self._shown_step = self.live_step
        self._out.put_nowait(ev.RunResumed(step=self.live_step, start=self._start))
        for bet in self._told_bets:
            self._out.put_nowait(bet)
        self._told_bets.clear()
        if self._is_live_waiting and not self._held:
            self._out.put_nowait(ev.RunPaused(step=self.live_step))
            if self._goal is not None:
                self._show(ev.GoalReached(step=self.live_step, request=self._goal.request))
        while self._held:
            self.live.send(self._held.popleft())

    async def _watch(self) -> None:
        expected: tuple[int, float] | None = None
        while not self._is_stopped:
            await asyncio.sleep(WATCH_S)
            goal = self._goal
            if self.is_replaying or goal is None or not self._is_live_up:
                continue
            if expected is None or expected[0] != goal.request:
                stretch = await asyncio.to_thread(
                    stretch_after, self._folder, self._shown_step, goal
                )
                expected = (goal.request, stretch.seconds)
            now_s = self._clock()
            late_s = expected[1] * TOO_SLOW_BY + TOO_SLOW_BY_S
            is_late = expected[1] > 0 and now_s - self._goal_at_s > late_s
            # before the goal was set it had nothing to say
            silent_s = now_s - max(self._heard_at_s, self._goal_at_s)
            if is_late or silent_s > STALLED_AFTER_S:
                self._catch()

    # The recording

    def _catch(self) -> bool:
        """Go on from the recording; False when it is of another run, as after another command."""
        if self.is_replaying:
            return True
        if self._start is None or not is_same_run(self._folder, self._start, self._exam):
            return False
        self.is_replaying = True
        self._go.clear()
        if self._is_playing:
            self._go.set()
        self._begin(self._replay())
        return True

    def _answer(self, command: cmd.AnyCommand) -> None:
        step = self._shown_step
        match command:
            case cmd.PauseAt() | cmd.Play():
                self._out.put_nowait(ev.RunPlayed(step=step))
                self._go.set()
            case cmd.Pause():
                self._go.clear()
                self._out.put_nowait(ev.RunPaused(step=step))
            case cmd.SetSpeed():
                self._out.put_nowait(ev.SpeedChanged(step=step, speed=command.speed))
            case cmd.SetLearningRate():
                self._out.put_nowait(ev.LearningRateChanged(step=step, factor=command.factor))
            case cmd.PlaceBet():
                self._out.put_nowait(ev.BetPlaced(step=step, **msgspec.structs.asdict(command)))
            case cmd.Ask():
                self._begin(self._find_answer(command))

    async def _find_answer(self, command: cmd.Ask) -> None:
        step_and_prompt = self._shown_step, command.prompt
        happened = await asyncio.to_thread(self._folder.events)
        answers = (event for event in happened if isinstance(event, ev.PromptAnswered))
        answered = next(
            (event for event in answers if (event.step, event.prompt) == step_and_prompt), None
        )
        if answered is not None:
            self._out.put_nowait(msgspec.structs.replace(answered, request=command.request))

    async def _replay(self) -> None:
        """Stretch after stretch, each when the app says to go on."""
        while self.is_replaying:
            await self._go.wait()
            if not self.is_replaying:
                return
            stretch = await asyncio.to_thread(
                stretch_after, self._folder, self._shown_step, self._goal
            )
            is_behind = self.live_step < stretch.stop_step
            if is_behind and self._goal is not None and self._n_restarts and not self._held:
                # a trainer started again has lost what it was to reach: the recording knows where
                goal = Goal(step=stretch.stop_step)
                self._held.append(cmd.PauseAt(request=self._goal.request, goal=goal))
                self.release()
            await self._play(stretch)
            if self.is_replaying:
                self._stop_replay()

    async def _play(self, stretch: Stretch) -> None:
        began_s = self._clock()
        pace = 1.0
        if isinstance(self.live, Recorded):
            pace = max(1.0, stretch.seconds / LONGEST_RECORDED_S)
        for late_s, moment in stretch.moments:
            due_s = late_s / pace
            while self.is_replaying and not (
                self._go.is_set() and self._clock() - began_s >= due_s
            ):
                await asyncio.sleep(min(0.05, max(0.005, due_s - (self._clock() - began_s))))
                if not self._go.is_set():
                    began_s += 0.05
            if not self.is_replaying:
                return
            for event in moment:
                self._show(event)

    def _stop_replay(self) -> None:
        """The recording is at the end of a stretch: the lesson that it stands for pauses there."""
        goal = self._goal
        self._go.clear()
        self._is_playing = False
        self._out.put_nowait(ev.RunPaused(step=self._shown_step))
        if goal is not None:
            self._show(ev.GoalReached(step=self._shown_step, request=goal.request))
        if self._is_caught_up:
            self._go_live()

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Recorded:
    """Stands in for a trainer whose model is not here: tells what precedes the first update."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    async def events(self) -> AsyncIterator[ev.AnyEvent]:
        for event in await asyncio.to_thread(self._folder.events):
            if event.step > 0:
                break
            if isinstance(event, ev.RunStarted):
                yield msgspec.structs.replace(event, folder=str(self._folder.path))
            elif not isinstance(event, (*ASKED_FOR, ev.PromptAnswered)):
                yield event
        yield ev.RunPaused(step=0)
        yield ev.TrainerFailed(step=0, text="")

    def send(self, command: cmd.AnyCommand) -> None:
        """Do nothing: the net answers what a recording can answer."""

    async def stop(self, is_saved: bool = True) -> None: ...


class Net(msgspec.Struct):
    """Recordings of a rehearsal, each (deck, seed, run folder), and teachers with one under them.
    Without the model that others have trained, lessons come from their recordings."""

    recordings: list[tuple[str, int, Path]]
    make: Make
    has_model: bool = True
    current: NettedTeacher | None = None

    def teach(self, request: LessonRequest) -> Teacher:
        for deck, seed, path in self.recordings:
            if (deck, seed) == (request.deck, request.seed) and not request.is_shuffled:
                folder = RunFolder.open(path)
                is_missing = request.model is not None and not self.has_model
                live = Recorded(folder) if is_missing else self.make(request)
                self.current = NettedTeacher(request, self.make, folder, live)
                return self.current
        if not request.is_shuffled:
            self.current = None
        return self.make(request)
