"""A lesson as the app follows it: a teacher, and the state its events are folded into."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.app.run.teacher import Teacher
from flashcards.app.run.viewer import Viewer
from flashcards.cards.printable import printable
from flashcards.language import say
from flashcards.runs.commands import AnyCommand, CutTexts, Play, SetLearningRate, SetOrder, SetSpeed
from flashcards.runs.events import (
    CardsListed,
    DeckChanged,
    LearningRateChanged,
    PastAnswered,
    PromptAnswered,
    PromptPinned,
    PromptUnpinned,
    RivalsAnswered,
    RunBranched,
    RunPaused,
    RunPlayed,
    RunResumed,
    SpeedChanged,
    TeachingRefused,
    TextsCut,
    TrainerFailed,
)
from flashcards.runs.state import RunState
from flashcards.runs.values import ORDERS, SPEEDS, OrderName, Speed
from flashcards.trainer.request import LessonRequest

if TYPE_CHECKING:
    from flashcards.app.decks.deck_file import DeckFile
    from flashcards.app.memory.twin import Twin
    from flashcards.app.race.branch import Branch
    from flashcards.runs.answers import AnswerDiffers
    from flashcards.runs.markers import AnyMarker, MarkerFinder

STALLED_AFTER_S = {"starting": 60.0, "learning": 10.0}
"""Starting imports torch, which takes long from a cold disk."""

N_EVENTS_A_BREATH = 64
REPLIES = (
    *(RunPaused, RunPlayed, SpeedChanged, LearningRateChanged),
    *(PromptAnswered, PastAnswered, CardsListed, RivalsAnswered, PromptPinned, PromptUnpinned),
    *(DeckChanged, TeachingRefused),
)
CUT_PATIENCE_S, CUT_LOOK_EVERY_S = 5.0, 0.03
RATE_LIMITS = (1 / 64, 64.0)


class Lesson:
    """One lesson from request to end. `state` is all a screen needs."""

    def __init__(
        self, request: LessonRequest, teacher: Teacher, clock: Callable[[], float]
    ) -> None:
        self.request = request
        self.state = RunState()
        self.twin: Twin | None = None
        self.twin_before: Twin | None = None
        self.branch: Branch | None = None
        self.first_difference: AnswerDiffers | None = None
        self.deck_file: DeckFile | None = None
        self.markers: list[AnyMarker] = []
        self.viewer = teacher if isinstance(teacher, Viewer) else None
        self._teacher = teacher
        self._clock = clock
        self._heard_at_s = clock()
        self._speed_asked: Speed | None = None
        self._rate_asked: float | None = None
        self._order_asked: OrderName | None = None
        self.taken_run = ""
        self._is_closed = False
        self._n_cut = 0

    @property
    def deck(self) -> str:
        """The deck's short name."""
        start = self.state.start
        return printable(Path(self.request.deck).stem if start is None else start.deck)

    @property
    def is_stalled(self) -> bool:
        """Nothing was heard for too long, though something was due."""
        if self.viewer is not None:
            return False  # silence is what was recorded, or said by a sentence of its own
        patience_s = STALLED_AFTER_S.get(self.state.liveness)
        return patience_s is not None and self._clock() - self._heard_at_s > patience_s

    @property
    def silent_s(self) -> float:
        """For how long nothing was heard."""
        return self._clock() - self._heard_at_s

    @property
    def is_over(self) -> bool:
        """The teacher has gone, by itself."""
        return self.state.liveness == "failed"

    async def listen(self, on_reply: Callable[[], None] = lambda: None) -> None:
        """Fold what happens until nothing more will.

        `on_reply` is called after what answers a key, so that it need not wait for the next frame.
        """
        if self._is_closed:
            return
        from flashcards.runs.markers import MarkerFinder

        state, finder = self.state, MarkerFinder()
        try:
            async for event in self._teacher.events():
                jump = None if self.viewer is None else self.viewer.take_jump()
                if jump is not None:
                    state, finder, self.markers = jump
                    self.state = state
                elif self.viewer is None and isinstance(event, RunResumed | RunBranched):
                    state, finder, found = await asyncio.to_thread(recalled, event)
                    self.state = state
                    self.markers = [*found, *_of_race(self.markers, event.step)]
                    differs = self.first_difference
                    if differs is not None and differs.step > event.step:
                        self.first_difference = None
                if isinstance(event, TrainerFailed):
                    self.taken_run = event.taken_run
                state.fold(event)
                self.markers += finder.find(event, state)
                self._heard_at_s = self._clock()
                self._lead()
                if state.speed == self._speed_asked:
                    self._speed_asked = None
                if state.learning_rate_factor == self._rate_asked:
                    self._rate_asked = None
                if state.order == self._order_asked:
                    self._order_asked = None
                if isinstance(event, REPLIES):
                    on_reply()
                if state.n_folded % N_EVENTS_A_BREATH == 0:
                    await asyncio.sleep(0)
        except OSError as error:
            text = say("the trainer cannot be started: {why}", why=error.strerror or error)
            state.fold(TrainerFailed(step=state.step, text=text))
        if not self._is_closed and state.liveness != "failed":
            state.fold(TrainerFailed(step=state.step, text=say("the trainer ended without a word")))
        self._lead()

    def _lead(self) -> None:
        """The second models follow this one."""
        for second in (self.twin, self.branch):
            if second is not None:
                second.follow()
        if self.viewer is not None:
            self.viewer.lead(self.state)

    def send(self, command: AnyCommand) -> None:
        """Pass a command on."""
        self._teacher.send(command)

    def go_on_after_the_end(self) -> None:
        """Teach on, if the lesson was over; of a recorded one nobody can."""
        if self.state.liveness == "finished" and self.viewer is None:
            self.send(Play())

    def change_speed(self, by: int) -> None:
        """Some stops faster or slower, counted from what was last asked for."""
        if self.viewer is not None:
            self.viewer.change_pace(by)
            return
        index = SPEEDS.index(self._speed_asked or self.state.speed) + by
        speed = SPEEDS[min(max(index, 0), len(SPEEDS) - 1)]
        self._speed_asked = speed
        self.send(SetSpeed(speed=speed))

    def next_order(self) -> OrderName:
        """Give cards out in the next of the orders, counted from what was last asked for."""
        index = ORDERS.index(self._order_asked or self.state.order) + 1
        self._order_asked = order = ORDERS[index % len(ORDERS)]
        self.send(SetOrder(order=order))
        return order

    @property
    def rate_asked(self) -> float:
        """The learning rate's factor that was asked for last."""
        asked = self._rate_asked
        return self.state.learning_rate_factor if asked is None else asked

    def change_rate(self, by: int) -> float:
        """Double or halve the learning rate, counted from what was last asked for; the factor."""
        low, high = RATE_LIMITS
        factor = min(max(self.rate_asked * 2.0**by, low), high)
        self._rate_asked = factor
        self.send(SetLearningRate(factor=factor))
        return factor

    async def cut_texts(self, texts: tuple[str, ...]) -> TextsCut | None:
        """How the lesson's tokenizer cuts these texts; None when no answer comes in time."""
        self._n_cut += 1
        request = self._n_cut
        self.send(CutTexts(request=request, texts=texts))
        for _ in range(round(CUT_PATIENCE_S / CUT_LOOK_EVERY_S)):
            answer = self.state.texts_cut
            if answer is not None and answer.request == request:
                return answer
            await asyncio.sleep(CUT_LOOK_EVERY_S)
        return None

    async def close(self, *, is_saved: bool = True) -> None:
        """End it; what is on its way is still folded."""
        self._is_closed = True
        seconds = (self.twin, self.branch)
        self.twin = self.branch = None
        ends = [self._teacher.stop(is_saved)]
        ends += [second.close(is_saved=is_saved) for second in seconds if second is not None]
        await asyncio.gather(*ends)


def _of_race(markers: list[AnyMarker], step: int) -> list[AnyMarker]:
    """Where a branch left, and what it gave differently, up to this step: the log has neither."""
    return [m for m in markers if m.kind in ("branch", "differs") and m.step <= step]


def recalled(event: RunResumed | RunBranched) -> tuple[RunState, MarkerFinder, list[AnyMarker]]:
    """What had happened before a run goes on, from its log: curves, marks, pins, markers."""
    from flashcards.runs.folder import RunError, RunFolder
    from flashcards.runs.markers import MarkerFinder
    from flashcards.runs.recording import Recording

    with contextlib.suppress(RunError, OSError):
        return Recording.open(RunFolder.open(Path(event.start.folder))).recalled(event.step)
    return RunState(), MarkerFinder(), []
