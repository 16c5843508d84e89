"""Whether the steps of learning are too small, right, too large, or have broken the model, and why.

Pure: read off what a run has told. The bounds were measured on shipped decks at 1/64 to 256 times
their learning rate (docs/experiments.md, "How large a step may be").
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from flashcards.runs.state import RunState

RegimeKind = Literal["unknown", "too_small", "right", "too_large", "broken"]
Sign = Literal[
    "not_a_number",
    "above_guessing",
    "forgot",
    "stuck",
    "large_steps",
    "small_steps",
    "no_sign",
]

SMALL_STEP, LARGE_STEP = 0.0007, 0.012
"""Size of one batch's update over the size of the weights."""

LEARNED, LOST, STUCK, ABOVE = 0.02, 0.6, 0.85, 1.1
"""Shares of a blind guess's error: known by heart; lost again after half of that was reached; not
learned, at a raised rate, after `STUCK_STEPS`; worse than guessing."""

N_RECENT = 4
STUCK_STEPS = 60
FIRST_STEPS = 12
"""Before so many updates the error is that of chance, whatever the steps."""


class Regime(msgspec.Struct, frozen=True, kw_only=True):
    """What the steps do, with the numbers it was read off.

    Attributes:
        kind: "unknown" while too little was taught to tell.
        sign: What shows it.
        loss_nats: Mean error per answer piece in the last updates; None when not a number.
        before_nats: The same at its best so far, in means of as many reports.
        guessing_nats: The error of a blind guess.
        relative_change: Size of the last updates over the size of the weights.
        factor: What the deck's learning rate is multiplied by.
        broken_since: The step from which the error was as bad as it is, when broken; None else.
    """

    kind: RegimeKind
    sign: Sign = "no_sign"
    loss_nats: float | None = None
    before_nats: float | None = None
    guessing_nats: float = 0.0
    relative_change: float | None = None
    factor: float = 1.0
    broken_since: int | None = None


def regime(state: RunState) -> Regime:
    """The regime that the run is in now."""
    guessing_nats = 0.0 if state.start is None else state.start.guessing_nats
    told = [(step, loss) for step, loss in state.batch_losses.points if math.isfinite(loss)]
    smooth = [
        (told[max(0, i - N_RECENT + 1)][0], sum(loss for _, loss in some) / len(some))
        for i in range(len(told))
        if (some := told[max(0, i - N_RECENT + 1) : i + 1])
    ]
    now = told[-1][1] if told and len(told) < N_RECENT else smooth[-1][1] if smooth else None
    before = min((loss for _, loss in smooth[:-1]), default=None)
    found = Regime(
        kind="unknown",
        loss_nats=now,
        before_nats=before,
        guessing_nats=guessing_nats,
        relative_change=state.relative_change,
        factor=state.learning_rate_factor,
    )

    def say(kind: RegimeKind, sign: Sign, since: int | None = None) -> Regime:
        return msgspec.structs.replace(found, kind=kind, sign=sign, broken_since=since)

    if state.liveness == "diverged":
        return say("broken", "not_a_number", _since(told, ABOVE * guessing_nats, state.step))
    if now is None or guessing_nats <= 0 or state.step < FIRST_STEPS:
        return found
    if now > ABOVE * guessing_nats:
        return say("broken", "above_guessing", _since(told, ABOVE * guessing_nats, state.step))
    if before is not None and before < LOST / 2 * guessing_nats and now > LOST * guessing_nats:
        return say("broken", "forgot", _since(told, LOST * guessing_nats, state.step))
    change = state.relative_change
    is_single = state.recipe is not None and state.recipe.is_single
    if state.learning_rate_factor > 1 and state.step > STUCK_STEPS and now > STUCK * guessing_nats:
        return say("too_large", "stuck")
    if change is None or is_single:
        return found
    if change > LARGE_STEP:
        return say("too_large", "large_steps")
    if change < SMALL_STEP and now > LEARNED * guessing_nats:
        return say("too_small", "small_steps")
    return say("right", "no_sign")


def _since(told: list[tuple[int, float]], bound: float, step: int) -> int:
    """The step after the last report that was not above the bound, at most `step`."""
    sound = (at for at, loss in reversed(told) if loss <= bound)
    return min(step, next(sound, 0) + 1)
