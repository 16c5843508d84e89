"""The shuffled twin: a second model, of the same size and seed, taught the same deck with its
answers shuffled among the cards. It follows the main lesson and never runs ahead of it.

It is a trainer process of its own. The main trainer is told nothing of it, so the main run's steps
are the same with and without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from flashcards.app.teacher import Teacher
from flashcards.runs.catalog import list_runs
from flashcards.runs.commands import FollowTo, Pause, Play, SetLearningRate
from flashcards.runs.events import AnyEvent, RunResumed, RunStarted, TrainerFailed
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest

DUTY = 0.5
"""Share of the time the twin trains. docs/figures.md has what it costs the main lesson."""

FOLDER = "twin"
"""Its runs are in here, in the main run's folder: counted and deleted with it, listed nowhere."""

WAITS_WITH = ("paused", "diverged", "failed")


class Twin:
    """One twin of one lesson. `state` is all a screen needs."""

    def __init__(
        self, main: RunState, teach: Callable[[LessonRequest], Teacher], duty: float = DUTY
    ) -> None:
        """`main` is the lesson's state, read while the twin lives; it has started.

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
        self._sent_factor = 1.0

    @property
    def limit_step(self) -> int:
        """As far as it may go: it is taught no more cards than the main model was.

        The main lesson teaches some cards alone, the twin whole batches of the same cards in the
        same order; so cards are what is compared, not steps. A batch may grow, but not beyond
        `batch_size`.
        """
        start = self.state.start or self._main.start
        n_cards = max(0, self._main.cards_taught - self.state.cards_taught)
        return 0 if start is None else self.state.step + n_cards // max(1, start.batch_size)

    @property
    def is_behind_steps(self) -> int:
        """Steps it may make to have been taught as many cards as the main model."""
        return max(0, self.limit_step - self.state.step)

    async def listen(self, before: Twin | None = None) -> None:
        """Start it, once `before` has gone, and fold what happens until nothing more will.

        It goes on with an earlier twin of the same run, if the deck is the same still.
        """
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
                self.state.fold(event)
                self._is_up = self._is_up or isinstance(event, RunStarted | RunResumed)
                self.follow()
        except (OSError, RunError) as error:
            self._fail(str(error))
        if not self._is_closed and self.state.liveness != "failed":
            self._fail("it ended without a word")

    def follow(self) -> None:
        """Tell it how far the main lesson has come, whether it waits, and how fast it learns."""
        if not self._is_up or self._teacher is None:
            return
        main, limit_step = self._main, self.limit_step
        if main.learning_rate_factor != self._sent_factor:
            self._sent_factor = main.learning_rate_factor
            self._teacher.send(SetLearningRate(factor=self._sent_factor))
        if limit_step != self._sent_limit:
            self._sent_limit = limit_step
            self._teacher.send(FollowTo(limit_step=limit_step))
        is_waiting = main.liveness in WAITS_WITH
        if is_waiting != self._has_sent_pause:
            self._has_sent_pause = is_waiting
            self._teacher.send(Pause() if is_waiting else Play())

    async def close(self, *, is_saved: bool = True) -> None:
        """End it; saved, another twin of the same run can go on with it."""
        self._is_closed = True
        if self._teacher is not None:
            await self._teacher.stop(is_saved)

    def _fail(self, text: str) -> None:
        self.state.fold(TrainerFailed(step=self.state.step, text=text))

    def _prepare(self) -> tuple[LessonRequest, list[AnyEvent]]:
        """What to ask for, and what happened to the twin it goes on with.

        Raises:
            RunError: the main run's folder can't be read.
        """
        start = self._main.start
        assert start is not None
        # The run's own copy: the file the deck came from may have been edited since.
        deck = RunFolder.open(Path(start.folder)).deck_path()
        runs = Path(start.folder) / FOLDER
        earlier = _earlier(runs, start.seed, deck.read_bytes())
        request = LessonRequest(
            deck=str(deck),
            seed=start.seed,
            speed="full",
            runs=str(runs),
            device=start.device,
            resume=None if earlier is None else str(earlier.path),
            is_shuffled=True,
            duty=self.duty,
            is_following=True,
        )
        return request, [] if earlier is None else earlier.events()


def _earlier(runs: Path, seed: int, deck: bytes) -> RunFolder | None:
    """The newest twin that was taught this deck, if its state can be gone on with."""
    for entry in list_runs(runs):
        folder = RunFolder(entry.path, entry.info)
        is_same = entry.info.is_shuffled and entry.info.seed == seed
        if is_same and folder.deck_path().read_bytes() == deck:
            return folder if next(folder.states(), None) is not None else None
    return None
