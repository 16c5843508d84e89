"""Plays a recorded run at its pace or another, cards that were shown slowly as slowly; and what it
holds from a step to a pause. Between two reports of training time all steps are as long."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

from msgspec import Struct

from flashcards.app.run.sources import Viewer, cant_read
from flashcards.runs import commands, events as ev, values
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunError, RunFolder

PACES = (1 / 16, 1024.0)
BEFORE_ALL = -1  # as a step to play from: its first event is the first one played
LONGEST_LEAD_S = 0.25  # a replay that can't keep up doesn't hurry afterwards


class ReplayTeacher(Viewer):
    kind = "replay"

    def __init__(self, folder: RunFolder, pace: float = 1.0) -> None:
        super().__init__(folder)
        self.pace = min(max(pace, PACES[0]), PACES[1])
        self._step = 0
        self._is_paused = False
        self._is_wanted_again = False
        self._start = BEFORE_ALL
        self._n_asked = 0
        self._now_s = 0.0
        self._looked_at_s = 0.0

    async def events(self) -> AsyncIterator[AnyEvent]:
        """Yield what was recorded, each when it is due; when wanted, again from another step."""
        await asyncio.to_thread(self._recording.refresh)
        async for event in self._from(BEFORE_ALL, is_there=True):
            yield event

    async def _from(self, start: int | None, *, is_there: bool = False) -> AsyncIterator[AnyEvent]:
        """Yield what comes after this step (None: the end); then again from where somebody goes."""
        while not self._is_stopped:
            if not is_there:
                try:
                    await asyncio.to_thread(self._go_to, start)
                except (OSError, RunError) as error:
                    yield ev.TrainerFailed(step=0, text=cant_read(error))
                    return
                yield ev.TrainerWoke(step=0, stage="")
            if start is not None:
                async for event in self._played(start):
                    yield event
            if not self._is_wanted_again:
                async for event in self._held():
                    yield event
            start = self._start
            is_there = False

    def play_from(self, step: int) -> bool:
        """Play from the step that is shown, or from the first one if that is the last."""
        self._start = step if step < self.last_step else BEFORE_ALL
        self._is_wanted_again = True
        self._wake.set()
        return True

    def _go_to(self, start: int | None) -> None:
        """Go to this step, to play what comes after it; None is the end. In a thread."""
        step = self._recording.last_step if start is None else start
        self._jump = self._recording.state_at(step)
        self._step = max(0, step)
        if start is not None:
            self._n_asked = 0
            self._is_paused = False
            self.is_at_end = self._is_wanted_again = False

    async def _played(self, after_step: int = BEFORE_ALL) -> AsyncIterator[AnyEvent]:
        self._looked_at_s = asyncio.get_running_loop().time()
        is_first = True
        for due_s, moment in timed(self._recording.events(after_step)):
            if is_first:
                self._now_s = due_s
                is_first = False
            while not self._is_due(due_s):
                while self._outbox:
                    yield self._outbox.popleft()
                left_s = None if self._is_paused else (due_s - self._now_s) / self.pace
                await self._woken(left_s)
                if self._is_stopped or self._is_wanted_again:
                    return
            for event in moment:
                self._step = event.step
                yield event

    async def _held(self) -> AsyncIterator[AnyEvent]:
        """At the end: only answers to keys, until somebody goes to another step."""
        self.is_at_end = True
        if self._recording.state.liveness == "learning":
            yield ev.RunPaused(step=self._step)
        while not self._is_stopped and not self._is_wanted_again:
            while self._outbox:
                yield self._outbox.popleft()
            await self._woken(None)

    def send(self, command: commands.AnyCommand) -> None:
        """Obey pause, play and step; there is no trainer for the other commands."""
        match command:
            case commands.Pause() | commands.Play():
                is_paused = isinstance(command, commands.Pause)
                if is_paused != self._is_paused and not self.is_at_end:
                    self._pass_time()
                    self._is_paused = is_paused
                    kind = ev.RunPaused if is_paused else ev.RunPlayed
                    self._say(kind(step=self._step))
            case commands.Step():
                if not self._is_paused:
                    self.send(commands.Pause())
                self._n_asked += max(1, command.n_cards)
                self._wake.set()
            case _:
                super().send(command)

    def change_pace(self, by: int) -> None:
        self._pass_time()
        self.pace = min(max(self.pace * 2.0**by, PACES[0]), PACES[1])
        self._wake.set()

    def _pass_time(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if not self._is_paused:
            self._now_s += (now_s - self._looked_at_s) * self.pace
        self._looked_at_s = now_s

    def _is_due(self, due_s: float) -> bool:
        self._pass_time()
        if self._is_paused and self._n_asked:
            self._n_asked -= 1
            self._now_s = due_s
            return True
        if self._is_paused or self._now_s < due_s:
            return False
        self._now_s = min(self._now_s, due_s + LONGEST_LEAD_S * self.pace)
        return True


def timed(happened: Iterator[AnyEvent]) -> Iterator[tuple[float, list[AnyEvent]]]:
    """The events of each step, with the second of the lesson at which they are due. Where a log
    tells the time of updates alone, how long cards were shown is added to it."""
    speed: values.Speed = "full"
    step = 0
    lesson_s = 0.0
    shown_s = 0.0
    for stretch in _stretches(happened):
        last = stretch[-1]
        end_s, is_timed = lesson_s, False
        if isinstance(last, ev.StepsTaken):
            is_timed = last.lesson_seconds is not None
            end_s = max(lesson_s, last.lesson_seconds or last.train_seconds)
        a_step_s = (end_s - lesson_s) / max(1, last.step - step)
        for at, same in itertools.groupby(stretch, key=lambda event: event.step):
            moment = list(same)
            yield lesson_s + shown_s + a_step_s * max(0, at - step), moment
            for event in moment:
                if isinstance(event, ev.SpeedChanged):
                    speed = event.speed
                elif isinstance(event, ev.CorrectionMeasured) and not is_timed:
                    shown_s += values.CARD_S[speed]
        if isinstance(last, ev.StepsTaken):
            step, lesson_s = last.step, end_s


def _stretches(happened: Iterator[AnyEvent]) -> Iterator[list[AnyEvent]]:
    stretch: list[AnyEvent] = []
    for event in happened:
        stretch.append(event)
        if isinstance(event, ev.StepsTaken):
            yield stretch
            stretch = []
    if stretch:
        yield stretch


ASKED_FOR = (  # answers to recorded commands; new commands get answers of their own
    ev.RunPaused,
    ev.RunPlayed,
    ev.SpeedChanged,
    ev.LearningRateChanged,
    ev.RunResumed,
    ev.StateSaved,
)

FASTEST = 0.2  # of its nominal seconds a goal took at least this share, on a fast machine

Moments = list[tuple[float, list[AnyEvent]]]


class Stretch(Struct, frozen=True):
    """Moments up to a pause or the end, each with the second at which it is due."""

    moments: Moments
    stop_step: int

    @property
    def seconds(self) -> float:
        return self.moments[-1][0] if self.moments else 0.0


def stretch_after(folder: RunFolder, step: int, goal: commands.PauseAt | None = None) -> Stretch:
    """Read what happened after `step` up to a pause, or the one that met `goal`. Raises OSError."""
    moments: Moments = []
    if goal is not None and goal.goal.step is not None and goal.goal.step <= step:
        return Stretch(moments, step)
    began_s = 0.0
    stop_step = step
    exam: ev.ExamTaken | None = None
    for due_s, moment in timed(iter(folder.events())):
        at = moment[0].step
        exam = next((e for e in reversed(moment) if isinstance(e, ev.ExamTaken)), exam)
        if at <= step:
            began_s = due_s
            continue
        stop_step = at
        is_pause = any(isinstance(event, ev.RunPaused) for event in moment)
        is_end = any(isinstance(event, ev.LessonEnded) for event in moment) or (
            is_pause
            and (goal is None or goal.goal.is_reached(at, (due_s - began_s) / FASTEST, exam))
        )
        visible_events: list[AnyEvent] = [e for e in moment if not isinstance(e, ASKED_FOR)]
        moments.append((max(0.0, due_s - began_s), visible_events))
        if is_end:
            break
    return Stretch(moments, stop_step)


def is_same_run(folder: RunFolder, start: ev.RunStarted, exam: ev.ExamTaken | None) -> bool:
    """Tell whether the recording is of this very run: same deck, seed, size and latest exam."""
    is_exam_same = exam is None
    for event in folder.events():
        if isinstance(event, ev.RunStarted) and _identity(event) != _identity(start):
            return False
        if exam is not None and isinstance(event, ev.ExamTaken) and event.step == exam.step:
            is_exam_same = (event.seen, event.unseen) == (exam.seen, exam.unseen)
    return is_exam_same


def _identity(start: ev.RunStarted) -> tuple[object, ...]:
    return (
        start.deck,
        start.seed,
        start.n_taught,
        start.n_held_out,
        start.n_parameters,
        start.held_out,
        start.guessing_nats,
    )
