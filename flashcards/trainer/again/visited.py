"""The models of the steps that a time machine came by, kept in memory up to a budget."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from flashcards.cards.card import Deck
from flashcards.learner.study import StepWeights

BUDGET_BYTES = 250_000_000
"""A hundred models of the default size, with the states they go on from, take some 180 MB."""


@dataclass(frozen=True)
class Visited:
    """One step: its weights, the deck of that step, and how often each card had been taught."""

    weights: StepWeights
    deck: Deck
    times_seen: array[int]

    @property
    def n_bytes(self) -> int:
        return self.weights.n_bytes + len(self.times_seen) * self.times_seen.itemsize


class VisitedSteps:
    """Models by step, and for a few steps the whole state to train on from."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.n_bytes = 0
        self._budget_bytes = budget_bytes
        self._steps: dict[int, Visited] = {}
        self._states: dict[int, bytes] = {}

    def __contains__(self, step: int) -> bool:
        return step in self._steps

    @property
    def has_room(self) -> bool:
        """Whether one more step fits the budget, with the whole state it may need."""
        largest = max((visited.n_bytes for visited in self._steps.values()), default=0)
        state = max(map(len, self._states.values()), default=0)
        return self.n_bytes + largest + state <= self._budget_bytes

    def get(self, step: int) -> Visited | None:
        return self._steps.get(step)

    def state(self, step: int) -> bytes:
        """The whole state of a step that `start` gave."""
        return self._states[step]

    def start(self, step: int) -> int | None:
        """The newest step up to this one whose whole state is kept."""
        return max((at for at in self._states if at <= step), default=None)

    def keep(self, step: int, visited: Visited, centre: int) -> None:
        """Keep it; over the budget, the steps farthest from `centre` are dropped."""
        if step not in self._steps:
            self._steps[step] = visited
            self.n_bytes += visited.n_bytes
            self._thin(centre)

    def keep_state(self, step: int, state: bytes, centre: int) -> None:
        if step not in self._states:
            self._states[step] = state
            self.n_bytes += len(state)
            self._thin(centre)

    def forget_from(self, step: int) -> None:
        """Drop this step and later ones: the run went back before them."""
        self._drop([at for at in {*self._steps, *self._states} if at >= step])

    def forget_beyond(self, centre: int, n_near: int) -> None:
        self._drop([at for at in {*self._steps, *self._states} if abs(at - centre) > n_near])

    def _drop(self, steps: Iterable[int]) -> None:
        for at in steps:
            if at in self._steps:
                self.n_bytes -= self._steps.pop(at).n_bytes
            if at in self._states:
                self.n_bytes -= len(self._states.pop(at))

    def _thin(self, centre: int) -> None:
        while self.n_bytes > self._budget_bytes and len(self._steps) > 1:
            self._drop([max({*self._steps, *self._states}, key=lambda at: abs(at - centre))])
