"""Measurements of a deck that is taught with more and more of its cards, or with as many that are
alike and that are not: facts, as JSON lines."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from flashcards.runs.values import Score
from flashcards.runs.verdict import wilson

Draw = Literal["", "narrow", "wide"]
"""The way of drawing cards: from those that are alike, or from all, to be compared with that."""


class Kind(msgspec.Struct, frozen=True):
    """A property that cards have in common.
    `value` is the section's name, the largest number, or the last letter of the prompt."""

    by: Literal["section", "numbers", "ending"]
    value: str


class ScalingFact(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all of them."""


class ScalingStarted(ScalingFact, frozen=True):
    """The plan of a measurement: one model for each share, each from the same untaught weights.
    With `alike`, shares are of the cards of that kind, and each share has two draws of cards with
    `n_seeds` models each; `examples` are (prompt, answer) of a card of that kind and of another.
    `shares` are of the `n_taught` cards, above 0 to 1; each model makes `n_steps` updates of up to
    `batch_size` cards and is then asked the same `n_held_out` cards."""

    deck: str
    name: str
    seed: int
    n_steps: int
    batch_size: int
    n_taught: int
    n_held_out: int
    n_parameters: int
    shares: tuple[float, ...]
    alike: Kind | None = None
    n_seeds: int = 1
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> tuple[tuple[float, Draw], ...]:
        """Share and draw of each row, in the order in which they are measured."""
        draws: tuple[Draw, ...] = ("narrow", "wide") if self.alike else ("",)
        return tuple(itertools.product(self.shares, draws))

    def measured(self, points: Sequence[ScalingPoint]) -> list[ScalingPoint]:
        """Return the model in the middle of each whole row, with the range of all of them."""
        n = self.n_seeds
        middles = []
        for first in range(0, len(points) - n + 1, n):
            several = sorted(points[first : first + n], key=lambda point: point.unseen.right)
            low = several[0].unseen.rate or 0.0
            high = several[-1].unseen.rate or 0.0
            spread = (low, high) if self.alike else None
            middles.append(msgspec.structs.replace(several[n // 2], spread=spread))
        return middles


class ScalingWent(ScalingFact, frozen=True):
    """The progress of the model that is taught now."""

    share: float
    n_cards: int
    step: int
    draw: Draw = ""


class ScalingPoint(ScalingFact, frozen=True):
    """One model, taught `n_cards` different cards: what it gets right of them, and never taught.
    `alike` is of those never taught that are of the narrow kind."""

    share: float
    n_cards: int
    seen: Score
    unseen: Score
    draw: Draw = ""
    alike: Score | None = None
    spread: tuple[float, float] | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the never-taught share right, 0 to 1, or the range."""
        return self.spread or wilson(self.unseen)


AnyScalingFact = ScalingStarted | ScalingWent | ScalingPoint
decode: Callable[[bytes], AnyScalingFact] = msgspec.json.Decoder(AnyScalingFact).decode
