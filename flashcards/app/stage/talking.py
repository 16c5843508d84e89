"""Gives a talk: cue after cue, forwards and back, with the real program.

Is given the app and drives it as keys would. What is taught is taught; a cue that is gone back to
begins with the very model it began with (`talk_places`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import msgspec
from textual.screen import ModalScreen

from flashcards.app.stage.cue_checkpoints import Place, Places
from flashcards.app.stage.room import PRESENTER
from flashcards.app.stage.slide_sheet import SlideText
from flashcards.runs.commands import Ask, Pause, PauseAt, Play, SetLearningRate, SetSpeed
from flashcards.runs.goal import Goal
from flashcards.talks import talk
from flashcards.talks.talk import AnyDirective, Cue, Talk
from flashcards.trainer.request import LessonRequest

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

POLL_S = 0.03
PAUSE_PATIENCE_S = 5.0
STOPPED = ("paused", "finished", "diverged", "failed")


@dataclass(frozen=True, slots=True)
class CueDone:
    """A cue has come to its end, or was cut short."""

    index: int
    is_cut: bool


class Talking:
    """One talk being given. `move` is all that keys do."""

    def __init__(self, app: FlashcardsApp, sheet: Talk) -> None:
        self.sheet = sheet
        self.index = -1
        self.done: CueDone | None = None
        self._app = app
        self._moves: deque[int] = deque()
        self._is_moved = asyncio.Event()
        self._places = Places(app, self._show_start, lambda: self._is_going_back)
        self._before: dict[int, tuple[Place, str]] = {}
        self._view = PRESENTER

    def move(self, by: int) -> None:
        """Go on to the next cue (1), or back to the one before (-1)."""
        self._moves.append(by)
        self._is_moved.set()

    def slide(self) -> SlideText:
        """The slide of the moment."""
        cue = self._cue
        place = f"{self.index + 1}/{len(self.sheet.cues)}"
        return SlideText(cue.title, cue.text, place)

    @property
    def _cue(self) -> Cue:
        return self.sheet.cues[max(0, self.index)]

    async def run(self) -> None:
        """Begin with the first cue; obey until cancelled."""
        self.move(1)
        try:
            while True:
                by = await self._next_move()
                index = max(0, self.index + by)
                if index != self.index and index < len(self.sheet.cues):
                    await self._go_to(index, is_back=by < 0)
        finally:
            self._places.clear()

    async def _next_move(self) -> int:
        """Cues to go on (1) or back; several back are one way, and only its end is opened."""
        while not self._moves:
            self._is_moved.clear()
            await self._is_moved.wait()
        by = self._moves.popleft()
        while by < 0 and self._is_going_back:
            by += self._moves.popleft()
        return by

    async def _go_to(self, index: int, *, is_back: bool) -> None:
        await self._clear_stage()
        self.done = None
        if is_back and index in self._before:
            self.index = index
            place, self._view = self._before[index]
            await self._places.restore(place)
        else:
            self._before[index] = await self._places.mark(), self._view
            self.index = index
        cue = self._cue
        if cue.is_slide:
            self._show("slide")
        else:
            for directive in cue.directives:
                await self._obey(directive)
                if self._is_cut:
                    break
        self.done = CueDone(index, self._is_cut)

    @property
    def _is_cut(self) -> bool:
        """The presenter has gone on already."""
        return bool(self._moves)

    @property
    def _is_going_back(self) -> bool:
        """The presenter has gone back further already."""
        return bool(self._moves) and self._moves[0] < 0

    def _show_start(self) -> None:
        """What is in front while the model is woken: a slide can be read meanwhile."""
        self._show("slide" if self._cue.is_slide else PRESENTER)

    async def _clear_stage(self) -> None:
        app = self._app
        while isinstance(app.screen, ModalScreen):
            await app.screen.dismiss(None)
            await asyncio.sleep(0)
        app.stage.asked_request = None

    def _show(self, view: str) -> None:
        self._app.action_view(view)
        self._app.paint()

    # What directives do

    async def _obey(self, directive: AnyDirective) -> None:
        app, state = self._app, self._app.state
        if not isinstance(directive, talk.Teach | talk.Show | talk.Present):
            self._show(self._view)
        match directive:
            case talk.Teach():
                await self._teach(directive)
            case talk.GoOn():
                await self._go_on(directive.goal)
            case talk.Hold():
                app.lesson.send(Pause())
                await self._until(lambda: app.state.liveness in STOPPED)
            case talk.Show():
                self._view = directive.view
                self._show(self._view)
            case talk.StepPhases():
                await self._step_phases()
            case talk.AtSpeed():
                app.lesson.send(SetSpeed(speed=directive.speed))
            case talk.AskModel():
                await self._ask(directive.prompt)
            case talk.Present():
                self._view = PRESENTER if directive.is_on else "lesson"
                self._show(self._view)
            case talk.WithTwin():
                if (app.lesson.twin is not None) != directive.is_on:
                    app.action_toggle_twin()
                    self._show(self._view)
            case talk.Rate():
                app.lesson.send(SetLearningRate(factor=directive.factor))
                await self._until(
                    lambda: (
                        state.learning_rate_factor == directive.factor
                        or state.liveness in ("failed", "diverged")
                    )
                )
            case talk.Guessing():
                self._show("game")
            case talk.HandOver():
                pass
            case _:
                assert_never(directive)

    async def _teach(self, directive: talk.Teach) -> None:
        app = self._app
        request = request_of(directive, app.lesson.request)
        if app.lesson.request != request or app.state.step > 0:
            app.open_lesson(request)
        self._show(self._view)
        await self._go_on(directive.goal)

    async def _go_on(self, goal: Goal | None) -> None:
        app = self._app
        await self._until(lambda: app.state.start is not None or app.state.liveness == "failed")
        if self._is_cut:
            return
        if goal is None:
            app.lesson.send(Play())
            await self._until(lambda: app.state.liveness not in ("paused", "finished"))
            return
        number = next(app.requests)
        app.lesson.send(PauseAt(request=number, goal=goal))
        lesson, ended = app.lesson, app.state.ended
        await self._until(
            lambda: (
                lesson.state.goal_reached == number
                or lesson.state.liveness in ("diverged", "failed")
                or (lesson.state.ended is not None and lesson.state.ended is not ended)
            )
        )
        if self._is_cut and lesson.state.goal_reached != number:
            lesson.send(Pause())
            # the next cue begins with the lesson as it is then: paused, not about to be
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_PATIENCE_S):
                    while lesson.state.liveness == "learning":
                        await asyncio.sleep(POLL_S)

    async def _step_phases(self) -> None:
        app, speed = self._app, self._app.state.speed
        app.lesson.send(SetSpeed(speed="explain"))
        await self._go_on(Goal(step=app.state.step + 1))
        app.lesson.send(SetSpeed(speed=speed))
        await self._until(lambda: app.state.speed == speed or app.state.liveness == "failed")

    async def _ask(self, prompt: str) -> None:
        app, number = self._app, next(self._app.requests)
        app.lesson.send(Ask(request=number, prompt=prompt))
        await self._until(
            lambda: (
                any(a.request == number for a in app.state.answers)
                or app.state.liveness == "failed"
            )
        )
        app.stage.asked_request = number
        self._show(PRESENTER)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Wait for it, or until the presenter goes on."""
        while not is_so() and not self._is_cut:
            await asyncio.sleep(POLL_S)


def request_of(directive: talk.Teach, like: LessonRequest) -> LessonRequest:
    """The lesson a directive asks for, with runs and device as in another; it begins paused."""
    return LessonRequest(
        deck=directive.deck,
        seed=directive.seed,
        speed=directive.speed,
        runs=like.runs,
        device=like.device,
        is_paused=True,
    )


def first_request(sheet: Talk, like: LessonRequest) -> LessonRequest:
    """The lesson that a talk begins with, to be woken while its first slide is read."""
    for cue in sheet.cues:
        for directive in cue.directives:
            if isinstance(directive, talk.Teach):
                return request_of(directive, like)
    return msgspec.structs.replace(like, is_paused=True)
