"""Whether the steps of learning are too small, right, too large, or have broken the model, and why.

Pure: read off what a run has told (`runs.steps`). The bounds were measured on shipped decks at 1/64
to 256 times their learning rate (docs/experiments.md, "How large a step may be").
"""

from __future__ import annotations

from typing import Literal

import msgspec

from flashcards.runs.state import RunState
from flashcards.runs.steps import FIRST_STEPS, N_TO_TELL, BreakSign

RegimeKind = Literal["unknown", "too_small", "right", "learned", "too_large", "broken"]
Sign = Literal[BreakSign, "stuck", "large_steps", "small_steps", "one_card", "no_sign"]


class Regime(msgspec.Struct, frozen=True, kw_only=True):
    """What the steps do, with the numbers it was read off.

    Attributes:
        kind: "unknown" while too little was taught to tell; "learned" when the error leaves hardly
            anything to correct, so that steps of any size do little.
        sign: What shows it; "one_card": steps of one card each say too little.
        loss_nats: Mean error per answer piece in the last updates; None before any.
        before_nats: The same at its best before; of a break, before that.
        relative_change: Mean size of the last updates over the size of the weights.
        factor: What the deck's learning rate is multiplied by; of a break, was.
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
    steps = state.steps
    found = Regime(
        kind="unknown",
        loss_nats=steps.loss_nats,
        before_nats=steps.best_nats,
        guessing_nats=steps.guessing_nats,
        relative_change=steps.relative_change,
        factor=state.learning_rate_factor,
    )

    def say(kind: RegimeKind, sign: Sign = "no_sign") -> Regime:
        return msgspec.structs.replace(found, kind=kind, sign=sign)

    broken = steps.broken
    if broken is not None:
        return msgspec.structs.replace(
            say("broken", broken.sign),
            before_nats=broken.before_nats,
            factor=broken.factor,
            broken_since=broken.step,
        )
    if steps.loss_nats is None or steps.guessing_nats <= 0 or state.step < FIRST_STEPS:
        return found
    if steps.is_stuck:
        return say("too_large", "stuck")
    if steps.is_learned and steps.n_at_rate >= N_TO_TELL:
        return say("learned")
    if steps.is_single:
        return say("unknown", "one_card")
    if steps.n_at_rate < N_TO_TELL or steps.relative_change is None:
        return found
    match steps.size:
        case "large":
            return say("too_large", "large_steps")
        case "small":
            return say("too_small", "small_steps")
        case "usual":
            return say("right")
