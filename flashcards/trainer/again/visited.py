"""The models of the steps that a time machine came by, kept in memory up to a budget."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from flashcards.cards.card import Deck
from flashcards.learner.saving import StepWeights
from flashcards.trainer.again.replaying import SavedPlace

BUDGET_BYTES = 250_000_000
"""A hundred models of the default size, with the states they go on from, take some 180 MB."""


@dataclass(frozen=True)
class Visited:
    """One step: its weights, the deck of that step, how often each card had been taught; and the
    whole state to train on from, None where it is not kept."""

    weights: StepWeights
    deck: Deck
    times_seen: array[int]
    state: SavedPlace | None

    @property
    def n_bytes(self) -> int:
        return (
            self.weights.n_bytes
            + memoryview(self.times_seen).nbytes
            + len(self.state.state if self.state else b"")
        )


class VisitedSteps(dict[int, Visited]):
    budget_bytes = BUDGET_BYTES

    @property
    def n_bytes(self) -> int:
        return sum(visited.n_bytes for visited in self.values())

    @property
    def has_room(self) -> bool:
        """Whether one more step fits the budget, with the whole state it may need."""
        largest = max((visited.n_bytes for visited in self.values()), default=0)
        return self.n_bytes + largest <= self.budget_bytes

    def start(self, step: int) -> int:
        """The newest step up to this one whose whole state is kept; -1 without any."""
        return max((at for at, v in self.items() if at <= step and v.state), default=-1)

    def keep(self, step: int, visited: Visited, centre: int) -> None:
        """Keep it; over the budget, the steps farthest from `centre` are dropped."""
        self[step] = visited
        while self.n_bytes > self.budget_bytes and len(self) > 1:
            del self[max(self, key=lambda at: abs(at - centre))]

    def forget(self, steps: range) -> None:
        """Drop all but these."""
        for at in [at for at in self if at not in steps]:
            del self[at]
