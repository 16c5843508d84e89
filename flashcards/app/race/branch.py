"""A run beside the lesson: a branch with one thing done differently, or a model that is new.

Each is a run of its own, listed like others. It is taught as many cards as the main lesson, and no
more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flashcards.app.run.follower import Follower
from flashcards.app.run.run import Run
from flashcards.app.run.saved_run import SavedRun
from flashcards.app.run.sources import Teacher
from flashcards.runs.commands import SetSpeed
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunFolder
from flashcards.runs.state import RunState
from flashcards.runs.values import BranchChange, Speed
from flashcards.trainer.request import LessonRequest

BRANCH_DUTY = 0.7
"""Share of the time it trains until it has caught up; then it waits for the main lesson anyway."""


class Branch(Follower):
    def __init__(
        self,
        lead: Run,
        teach: Callable[[LessonRequest], Teacher],
        step: int,
        change: BranchChange,
        runs: str | None,
    ) -> None:
        """From this step on, with this change. `runs` is where the main run is kept too."""
        super().__init__(lead, teach, BRANCH_DUTY)
        self.step = step
        self.change = change
        self._runs = runs
        self._saved: SavedRun | None = None
        self._sent_speed: Speed = lead.state.speed

    @property
    def folder(self) -> str:
        """Its run's folder, "" until it has begun."""
        return "" if self.state.start is None else self.state.start.folder

    @property
    def cards_taught(self) -> int:
        """As the main lesson counts them."""
        return self.state.cards_taught + self.cards_apart

    def state_by(self, n_cards: int) -> RunState:
        """The run when it had been taught no more cards than these. In a thread.
        Raises OSError, RunError: its folder can't be read."""
        if self._saved is None:
            self._saved = SavedRun(Path(self.folder))
            self._saved.cards_apart = self.cards_apart
        return self._saved.state_by(n_cards)

    @property
    def _cards_a_step(self) -> int:
        return 1 if self.lead.state.speed != "full" else super()._cards_a_step

    def _follow_more(self) -> None:
        """At the speed of the main lesson: below full, one card an update."""
        if self.lead.state.speed != self._sent_speed:
            self._sent_speed = self.lead.state.speed
            self._send(SetSpeed(speed=self._sent_speed))

    def _prepare(self) -> tuple[LessonRequest, list[AnyEvent]]:
        start = self.lead.state.start
        assert start is not None
        request = LessonRequest(
            deck=start.deck_path,
            seed=start.seed,
            speed=self._sent_speed,
            runs=self._runs,
            device=start.device,
            duty=self.duty,
            is_following=True,
            branch_of=start.folder,
            branch_step=self.step,
            branch_seed=self.change.seed,
            order=self.change.order,
            learning_rate_factor=self.change.learning_rate_factor,
            without_prompt=self.change.without_prompt,
        )
        return request, []


class Newcomer(Branch):
    """A model that was taught nothing before: the deck of the lesson's chapter, from its first card
    on, with the same seed and order."""

    def __init__(
        self, lead: Run, teach: Callable[[LessonRequest], Teacher], runs: str | None
    ) -> None:
        super().__init__(lead, teach, lead.state.life.since_step, BranchChange(), runs)
        self.cards_apart = lead.state.life.since_cards

    def _prepare(self) -> tuple[LessonRequest, list[AnyEvent]]:
        state = self.lead.state
        assert state.start is not None
        copy = RunFolder.open(Path(state.start.folder)).deck_path()
        deck = Path(state.start.deck_path)
        if not deck.is_file() or deck.read_bytes() != copy.read_bytes():
            deck = copy  # the file was edited or moved since
        request = LessonRequest(
            deck=str(deck),
            seed=state.start.seed if state.recipe is None else state.recipe.seed,
            speed=self._sent_speed,
            runs=self._runs,
            device=state.start.device,
            duty=self.duty,
            is_following=True,
            order=None if state.order == "shuffled" else state.order,
            settings=state.start.chosen,
            ask=state.start.ask or None,
        )
        return request, []
