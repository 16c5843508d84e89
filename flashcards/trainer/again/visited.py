"""Goes to any step of a run, an update at a time; models that it came by are kept in memory.

Only reads the run folder, which may grow meanwhile.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flashcards.cards.card import Deck
from flashcards.learner.saving import StepWeights
from flashcards.runs.events import DamageFound
from flashcards.runs.folder import RunFolder
from flashcards.trainer.again.logged import LoggedRun
from flashcards.trainer.again.replaying import Replay, SavedPlace

N_NEAR = 50  # Steps either way of the one looked at whose models are kept

STATE_EVERY = 16  # Every so many of these whole, to make the updates among them again soon

BUDGET_BYTES = 250_000_000
"""A hundred models of the default size, with the states they go on from, take some 180 MB."""


@dataclass(frozen=True)
class Visited:
    """One step: its weights, the deck of that step, how often each card had been taught; and the
    whole lesson to train on from, None where it is not kept."""

    weights: StepWeights
    deck: Deck
    times_seen: array[int]
    saved: SavedPlace | None

    @property
    def n_bytes(self) -> int:
        state = b"" if self.saved is None else self.saved.state
        return self.weights.n_bytes + memoryview(self.times_seen).nbytes + len(state)


class VisitedSteps(dict[int, Visited]):
    budget_bytes = BUDGET_BYTES

    @property
    def n_bytes(self) -> int:
        return sum(visited.n_bytes for visited in self.values())

    @property
    def has_room(self) -> bool:
        """True where one more step fits the budget, with the whole state it may need."""
        largest = max((visited.n_bytes for visited in self.values()), default=0)
        return self.n_bytes + largest <= self.budget_bytes

    def start(self, step: int) -> int:
        """The newest step up to this one whose whole state is kept; -1 without any."""
        return max((at for at, v in self.items() if at <= step and v.saved), default=-1)

    def keep(self, step: int, visited: Visited, centre: int) -> None:
        """Keep it; over the budget, the steps farthest from `centre` are dropped."""
        self[step] = visited
        while self.n_bytes > self.budget_bytes and len(self) > 1:
            del self[max(self, key=lambda at: abs(at - centre))]

    def forget(self, steps: range) -> None:
        """Drop all but these."""
        for at in [at for at in self if at not in steps]:
            del self[at]


class Journey:
    """One replay of a run on its way, and the models near the step that is looked at.
    `visited`: the models that are kept, by step."""

    def __init__(
        self, folder: RunFolder, log: LoggedRun, on_damage: Callable[[DamageFound], None]
    ) -> None:
        self.visited = VisitedSteps()
        self._folder = folder
        self._log = log
        self._on_damage = on_damage
        self._replay: Replay | None = None

    @property
    def step(self) -> int | None:
        return None if self._replay is None else self._replay.step

    def replay(self, at_most: int) -> Replay:
        """The replay, wherever it is; opened near this step, if it was not open.
        Raises RunError: no state is left before it."""
        if self._replay is None:
            self._replay = Replay(
                self._folder,
                at_most=at_most,
                on_damage=self._on_damage,
                is_quick=True,
                log=self._log,
            )
        return self._replay

    def go(self, step: int, centre: int) -> Iterator[Replay]:
        """Go to this step; yields after each update made, or state read, on the way.
        Models near `centre` are kept. Others may move the replay between: it goes from there.
        Raises RunError: the log doesn't say how to get there, or no state is left before it."""
        is_open = self._replay is not None
        replay = self.replay(step)
        nearest = max(self._nearest_states(step))
        if not is_open:
            nearest = min(nearest, replay.step)  # a damaged state was passed over
            self.keep(centre)
            yield replay
        while replay.step != step:
            if nearest <= replay.step < step:
                replay.forward()
            else:
                self._start_near(replay, step)
                nearest = min(nearest, replay.step)
            self.keep(centre)
            yield replay
        self.keep(centre)

    def go_back(self, step: int) -> None:
        """The run did so: what came after this step did not happen.
        Raises RunError: no state is left before it."""
        self.visited.forget(range(step))
        if self._replay is not None and self._replay.step >= step:
            self._replay.start_from(step)

    def keep(self, centre: int) -> None:
        """Keep the model of the step where the replay is, if that is near enough."""
        replay = self._replay
        if replay is None or abs(replay.step - centre) > N_NEAR:
            return
        step = replay.step
        known = self.visited.get(step)
        is_start = step % STATE_EVERY == 0 or step == centre - 1
        if known is None or (is_start and known.saved is None):
            learner = replay.training.learner
            visited = Visited(
                learner.weights_now(),
                replay.training.deck,
                array("I", replay.training.ledger.times_seen),
                replay.saved() if is_start else None,
            )
            self.visited.keep(step, visited, centre)

    def make_room(self, centre: int) -> bool:
        """Drop models far from `centre`, if need be; tell whether one more can be kept."""
        if not self.visited.has_room:
            self.visited.forget(range(max(0, centre - N_NEAR), centre + N_NEAR + 1))
        return self.visited.has_room

    def _nearest_states(self, step: int) -> tuple[int, int]:
        """On disk, and in memory; -1 where there is none."""
        on_disk = max((at for at, _ in self._folder.state_files(step)), default=-1)
        return on_disk, self.visited.start(step)

    def _start_near(self, replay: Replay, step: int) -> None:
        on_disk, in_memory = self._nearest_states(step)
        saved = self.visited[in_memory].saved if in_memory >= max(on_disk, 0) else None
        if saved is None:
            replay.start_from(step)
        else:
            replay.take(saved)
