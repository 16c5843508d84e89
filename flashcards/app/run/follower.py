"""A second model beside the lesson, which is told nothing of it: a run that never runs ahead."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from flashcards.app.run.run import Run
from flashcards.app.run.sources import Teacher
from flashcards.runs import commands, events, folder
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest

DUTY = 0.5  # share of the time it trains; docs/figures.md has what a twin costs the lesson

WAITS_WITH = ("paused", "diverged", "failed")


class Follower(ABC):
    """A run, and the rule that it is taught no more cards than the run that leads it, which had
    been taught `cards_apart` cards when this one began."""

    def __init__(
        self, lead: Run, teach: Callable[[LessonRequest], Teacher], duty: float = DUTY
    ) -> None:
        """`lead` has started. `duty` is the share of the time spent training, above 0 to 1."""
        self.lead = lead
        self.duty = duty
        self.run: Run | None = None
        self.listeners: list[Callable[[events.AnyEvent], None]] = []
        self.cards_apart = 0
        self._teach = teach
        self._not_begun = RunState()
        self._is_closed = False
        self._sent_limit = commands.FollowTo(limit_step=0)
        self._has_sent_pause = False
        self._is_catching_up = False

    @abstractmethod
    def _prepare(self) -> tuple[LessonRequest, list[events.AnyEvent]]:
        """Return what to ask for, and what had happened to it before. In a thread.
        Raises OSError, RunError: it can't be, and why."""

    @abstractmethod
    def _follow_more(self) -> None: ...

    def _request(self, **own: Any) -> LessonRequest:
        start = self.lead.state.start
        assert start is not None
        return LessonRequest(device=start.device, duty=self.duty, is_following=True, **own)

    @property
    def state(self) -> RunState:
        return self._not_begun if self.run is None else self.run.state

    @property
    def limit_step(self) -> int:
        """As far as it may go, by cards: the lesson teaches some alone, this one whole batches."""
        start = self.state.start or self.lead.state.start
        lead_cards = self.lead.state.cards_taught - self.cards_apart
        n_cards = max(0, lead_cards - self.state.cards_taught)
        # the step at which its cards were counted last: other events come between
        last = self.state.steps.losses.thinned.last
        exam = self.state.exams.last
        step = max(0 if last is None else last[0], 0 if exam is None else exam.step)
        return 0 if start is None else step + n_cards // max(1, self._cards_a_step)

    @property
    def _cards_a_step(self) -> int:
        start = self.state.start or self.lead.state.start
        return 1 if start is None else start.batch_size

    @property
    def is_behind_steps(self) -> int:
        """Steps it may make to have been taught as many cards as the model that leads."""
        return max(0, self.limit_step - self.state.step)

    async def listen(self, before: "Follower | None" = None) -> None:
        """Start it, once `before` has gone, and fold what happens until nothing more will."""
        if before is not None:
            await before.close()
        try:
            request, happened = await asyncio.to_thread(self._prepare)
        except (OSError, folder.RunError) as error:
            self._not_begun.fold(events.TrainerFailed(step=0, text=str(error)))
            return
        if self._is_closed:
            return
        run = Run(request, self._teach(request), lambda: 0.0)
        for event in happened:
            run.state.fold(event)
        for listener in (lambda _: self.follow(), *self.listeners):
            run.on_event(listener)
        self.run = run
        await run.listen()

    def follow(self) -> None:
        if self.run is None or not self.run.is_up:
            return
        self._follow_more()
        liveness = self.lead.state.liveness
        limit = commands.FollowTo(limit_step=self.limit_step, is_end=liveness == "finished")
        if limit != self._sent_limit:
            self._sent_limit = limit
            self._send(limit)
        self._is_catching_up = self._is_catching_up and liveness == "paused"
        is_waiting = liveness in WAITS_WITH and not self._is_catching_up
        if is_waiting != self._has_sent_pause:
            self._has_sent_pause = is_waiting
            self._send(commands.Pause() if is_waiting else commands.Play())

    def catch_up(self) -> None:
        """Go on while the lesson is paused at its goal: until then the two can't be compared."""
        self._is_catching_up = True
        self.follow()

    async def close(self, *, is_saved: bool = True) -> None:
        self._is_closed = True
        if self.run is not None:
            await self.run.close(is_saved=is_saved)

    def _send(self, command: commands.AnyCommand) -> None:
        if self.run is not None:
            self.run.send(command)
