"""A run as the app follows it: a source of events, the state they fold into, questions to it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from flashcards.app.run.sources import Teacher, Viewer, Viewing
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.markers import AnyMarker
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest

STALLED_AFTER_S = {"starting": 60.0, "learning": 10.0}  # importing torch may take long

N_EVENTS_A_BREATH = 64
SHOWN_AT_ONCE = (  # answers to keys: they need not wait for the next frame
    ev.RunPaused,
    ev.RunPlayed,
    ev.SpeedChanged,
    ev.LearningRateChanged,
    ev.PromptPinned,
    ev.PromptUnpinned,
    ev.DeckChanged,
    ev.TeachingRefused,
    ev.OrderChanged,
    ev.BookmarkSet,
    ev.BetPlaced,
    ev.RemedyChanged,
    ev.AdapterSwitched,
    ev.RunRewound,
)

ANSWER_PATIENCE_S = 60.0

Reply = TypeVar("Reply")
Value = TypeVar("Value")
Question = cmd.Question | cmd.TeachCard | cmd.PauseAt


class NoAnswer(Exception):  # noqa: N818
    """A question will not be answered: nobody answered in time, or the run was closed."""


class Replies:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[ev.AnyEvent | None]] = {}
        self._is_closed = False

    def take(self, event: ev.AnyEvent) -> None:
        """Give the event to the question that it answers, if it waits."""
        waiting = self._waiting.get(getattr(event, "request", 0))
        if waiting is not None:
            waiting.put_nowait(event)

    def of(
        self, command: Question, send: Callable[[cmd.AnyCommand], None], patience_s: float | None
    ) -> AsyncIterator[ev.AnyEvent]:
        """Send the question now, under its own number; every answer to it. Raises NoAnswer."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.Queue()
        if self._is_closed:
            self._waiting[number].put_nowait(None)
        send(msgspec.structs.replace(command, request=number))
        return self._answers(number, patience_s)

    async def _answers(self, number: int, patience_s: float | None) -> AsyncIterator[ev.AnyEvent]:
        answers = self._waiting[number]
        try:
            while True:
                try:
                    answer = await asyncio.wait_for(answers.get(), patience_s)
                except TimeoutError:
                    raise NoAnswer(f"no answer within {patience_s} s") from None
                if answer is None:
                    raise NoAnswer("the run was closed")
                yield answer
        finally:
            del self._waiting[number]

    def close(self) -> None:
        self._is_closed = True
        for waiting in self._waiting.values():
            waiting.put_nowait(None)


async def first_of(replies: AsyncIterator[ev.AnyEvent], kind: type[Reply]) -> Reply:
    async for answer in replies:
        if isinstance(answer, kind):
            return answer
    raise NoAnswer("no more answers")


class Setting(msgspec.Struct, Generic[Value], frozen=True):
    """A setting that a key changes: `read` gives its value as it was confirmed last, `command` asks
    for another. The next press counts from what was asked for last."""

    read: Callable[[RunState], Value]
    command: Callable[[Value], cmd.AnyCommand]


class SecondModel(Protocol):
    """A second model that follows a run: `run/follower.py`, which imports this module."""

    @property
    def state(self) -> RunState: ...
    def follow(self) -> None: ...
    def catch_up(self) -> None: ...
    async def close(self, *, is_saved: bool = True) -> None: ...


class Run:
    """One run from request to end. `state` is all a screen needs; `viewer` the source of a
    recording; `parting` where a branch left, and its other answer, which no log has; `followers`
    second models by name ("twin", "branch"); `taken_run` the folder of a run that another program
    teaches. From `is_up` on it takes commands. `n_in_minute` updates are spread over a minute."""

    def __init__(self, request: LessonRequest, source: Teacher, clock: Callable[[], float]) -> None:
        self.request = request
        self.state = RunState()
        self.followers: dict[str, SecondModel] = {}
        self.parting: list[AnyMarker] = []
        self.viewer = source if isinstance(source, Viewer) else None
        self.taken_run = ""
        self.is_up = False
        self.n_in_minute = 0
        self._source = source
        self._clock = clock
        self._heard_at_s = clock()
        self._replies = Replies()
        self._is_closed = False
        self._listeners: list[Callable[[ev.AnyEvent], None]] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._requested: dict[Setting[Any], Any] = {}
        self._changed: list[tuple[Setting[Any], Any]] = []

    @property
    def deck(self) -> str:
        start = self.state.start
        return printable(Path(self.request.deck).stem if start is None else start.deck)

    @property
    def markers(self) -> list[AnyMarker]:
        others = self.parting if self.viewer is None else self.viewer.parting
        return [*self.state.markers.reached, *others]

    @property
    def silent_s(self) -> float:
        return self._clock() - self._heard_at_s

    @property
    def is_stalled(self) -> bool:
        """Nothing was heard for too long, though something was due."""
        if self.viewer is not None:
            return False  # silence is what was recorded, or said by a sentence of its own
        patience_s = STALLED_AFTER_S.get(self.state.liveness)
        return patience_s is not None and self.silent_s > patience_s

    @property
    def is_over(self) -> bool:
        return self.state.liveness == "failed"

    @property
    def badge(self) -> Viewing | None:
        """The kind of a run that is not live, whatever its state; None of one that is."""
        if self.viewer is not None:
            return self.viewer.kind
        return "replay" if getattr(self._source, "is_replaying", False) else None

    # What happens

    def on_event(self, listener: Callable[[ev.AnyEvent], None]) -> None:
        self._listeners.append(listener)

    async def listen(self, on_reply: Callable[[], None] = lambda: None) -> None:
        """Fold what happens until nothing more will; call `on_reply` after what answers a key."""
        if self._is_closed:
            return
        try:
            async for event in self._source.events():
                await self._catch_up(event)
                if isinstance(event, ev.TrainerFailed):
                    self.taken_run = event.taken_run
                self._take(event)
                if isinstance(event, SHOWN_AT_ONCE):
                    on_reply()
                if self.state.n_folded % N_EVENTS_A_BREATH == 0:
                    await asyncio.sleep(0)
        except OSError as error:
            text = tr("the trainer cannot be started: {why}", why=error.strerror or str(error))
            self.state.fold(ev.TrainerFailed(step=self.state.step, text=text))
        if not self._is_closed and self.state.liveness != "failed":
            text = tr("the trainer ended without a word")
            self.state.fold(ev.TrainerFailed(step=self.state.step, text=text))
        self._replies.close()
        self._lead()
        self._wake()

    async def _catch_up(self, event: ev.AnyEvent) -> None:
        if self.viewer is not None:
            jump = self.viewer.take_jump()
            if jump is not None:
                self.state = jump
        elif isinstance(event, ev.RunResumed | ev.RunBranched):
            self.state = await asyncio.to_thread(recalled, event)
            self.parting = [marker for marker in self.parting if marker.step <= event.step]

    def _take(self, event: ev.AnyEvent) -> None:
        self.state.fold(event)
        self.is_up = self.is_up or isinstance(event, ev.RunStarted | ev.RunResumed | ev.RunBranched)
        self._heard_at_s = self._clock()
        self._replies.take(event)
        self._lead()
        self._requested = {
            setting: value
            for setting, value in self._requested.items()
            if setting.read(self.state) != value
        }
        for listener in self._listeners:
            listener(event)
        self._wake()

    def _lead(self) -> None:
        for follower in self.followers.values():
            follower.follow()
        if self.viewer is not None:
            self.viewer.lead(self.state)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until this is so: looked at after every event, and when there will be no more."""
        while not is_so():
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def _wake(self) -> None:
        waiters = self._waiters
        self._waiters = []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    # What is asked of it

    def send(self, command: cmd.AnyCommand) -> None:
        self._source.send(command)

    def replies(
        self, question: Question, patience_s: float | None = None
    ) -> AsyncIterator[ev.AnyEvent]:
        """Ask now; gives every answer. Raises NoAnswer: none in `patience_s`, or the run closed."""
        return self._replies.of(question, self.send, patience_s)

    def value_of(self, setting: Setting[Value]) -> Value:
        value: Value = self._requested.get(setting, setting.read(self.state))
        return value

    def change(
        self, setting: Setting[Value], value: Value, command: cmd.AnyCommand | None = None
    ) -> None:
        """Ask for this value, by another command if any; a lesson that had ended goes on."""
        before = self.value_of(setting)
        if value != before or command is not None:
            self._changed.append((setting, before))
        self._ask_for(setting, value, command)

    def undo(self) -> bool:
        if self._changed:
            self._ask_for(*self._changed.pop())
            return True
        return False

    def _ask_for(
        self, setting: Setting[Value], value: Value, command: cmd.AnyCommand | None = None
    ) -> None:
        self._requested[setting] = value
        self.send(command or setting.command(value))
        self.go_on_after_the_end()

    def go_on_after_the_end(self) -> None:
        """Teach on, if the lesson was over; of a recorded one nobody can."""
        if self.state.liveness == "finished" and self.viewer is None:
            self.send(cmd.Play())

    async def close(self, *, is_saved: bool = True) -> None:
        """End it; what is on its way is still folded."""
        self._is_closed = True
        self._replies.close()
        followers = list(self.followers.values())
        self.followers.clear()
        ends = [self._source.stop(is_saved)]
        ends += [follower.close(is_saved=is_saved) for follower in followers]
        await asyncio.gather(*ends)


def recalled(event: ev.RunResumed | ev.RunBranched) -> RunState:
    """Read what had happened before a run goes on, from its log."""
    from flashcards.runs.folder import RunError, RunFolder
    from flashcards.runs.recording import Recording

    with contextlib.suppress(RunError, OSError):
        return Recording.open(RunFolder.open(Path(event.start.folder))).state_at(event.step)
    return RunState()
