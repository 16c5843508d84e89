"""A second model beside the lesson's: a trainer process of its own that never runs ahead of it.

The main trainer is told nothing of it, so the main run's steps are the same with and without it.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from flashcards.app.run.teacher import Teacher
from flashcards.language import say
from flashcards.runs.commands import AnyCommand, FollowTo, Pause, Play
from flashcards.runs.events import AnyEvent, RunBranched, RunResumed, RunStarted, TrainerFailed
from flashcards.runs.folder import RunError
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest

DUTY = 0.5
"""Share of the time it trains. docs/figures.md has what a twin costs the main lesson."""

WAITS_WITH = ("paused", "diverged", "failed")


class Follower(ABC):
    """One of them. `state` is all a screen needs."""

    def __init__(
        self, main: RunState, teach: Callable[[LessonRequest], Teacher], duty: float = DUTY
    ) -> None:
        """`main` is the lesson's state, read while this lives; it has started.

        `duty` is the share of the time that is spent training, above 0 to 1.
        """
        self.state = RunState()
        self.duty = duty
        self._main = main
        self._teach = teach
        self._teacher: Teacher | None = None
        self._is_up = False
        self._is_closed = False
        self._sent_limit = 0
        self._has_sent_pause = False

    @abstractmethod
    def _prepare(self) -> tuple[LessonRequest, list[AnyEvent]]:
        """What to ask for, and what had happened to it before. In a thread.

        Raises:
            OSError, RunError: it can't be, and why.
        """

    @abstractmethod
    def _follow_more(self) -> None:
        """Tell it what else of the main lesson concerns it."""

    @property
    def limit_step(self) -> int:
        """As far as it may go: it is taught no more cards than the main model was.

        The main lesson teaches some cards alone, this one whole batches of the same cards in the
        same order; so cards are what is compared, not steps. A batch may grow, but not beyond
        `batch_size`.
        """
        start = self.state.start or self._main.start
        n_cards = max(0, self._main.cards_taught - self.state.cards_taught)
        return 0 if start is None else self._counted_step + n_cards // max(1, self._cards_a_step)

    @property
    def _cards_a_step(self) -> int:
        start = self.state.start or self._main.start
        return 1 if start is None else start.batch_size

    @property
    def _counted_step(self) -> int:
        """The step at which its cards were counted last: other events come between."""
        last, exam = self.state.batch_losses.thinned.last, self.state.exam
        return max(0 if last is None else last[0], 0 if exam is None else exam.step)

    @property
    def is_behind_steps(self) -> int:
        """Steps it may make to have been taught as many cards as the main model."""
        return max(0, self.limit_step - self.state.step)

    async def listen(self, before: Follower | None = None) -> None:
        """Start it, once `before` has gone, and fold what happens until nothing more will."""
        if before is not None:
            await before.close()
        try:
            request, happened = await asyncio.to_thread(self._prepare)
            for event in happened:
                self.state.fold(event)
            if self._is_closed:
                return
            self._teacher = self._teach(request)
            async for event in self._teacher.events():
                if isinstance(event, RunBranched):
                    await self._recall(event)
                self.state.fold(event)
                is_up = isinstance(event, RunStarted | RunResumed | RunBranched)
                self._is_up = self._is_up or is_up
                self.follow()
        except (OSError, RunError) as error:
            self._fail(str(error))
        if not self._is_closed and self.state.liveness != "failed":
            self._fail(say("it ended without a word"))

    async def _recall(self, branched: RunBranched) -> None:
        """What had happened before it left the run it comes from."""
        from flashcards.app.run.run import recalled

        self.state, _, _ = await asyncio.to_thread(recalled, branched)

    def follow(self) -> None:
        """Tell it how far the main lesson has come, and whether it waits."""
        if not self._is_up or self._teacher is None:
            return
        self._follow_more()
        limit_step = self.limit_step
        if limit_step != self._sent_limit:
            self._sent_limit = limit_step
            self._send(FollowTo(limit_step=limit_step))
        is_waiting = self._waits
        if is_waiting != self._has_sent_pause:
            self._has_sent_pause = is_waiting
            self._send(Pause() if is_waiting else Play())

    @property
    def _waits(self) -> bool:
        return self._main.liveness in WAITS_WITH

    async def close(self, *, is_saved: bool = True) -> None:
        """End it; saved, it can be gone on with."""
        self._is_closed = True
        if self._teacher is not None:
            await self._teacher.stop(is_saved)

    def _send(self, command: AnyCommand) -> None:
        if self._teacher is not None:
            self._teacher.send(command)

    def _fail(self, text: str) -> None:
        self.state.fold(TrainerFailed(step=self.state.step, text=text))
