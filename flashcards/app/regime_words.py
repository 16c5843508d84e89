"""Whether the steps are too small, right, too large, or broke the model: in one sentence, with why.

The "slightly" in "slightly changes its numbers".
"""

from __future__ import annotations

from flashcards.app.numbers import count, nats, percent
from flashcards.runs.regime import Regime, RegimeKind

NAMES: dict[RegimeKind, str] = {
    "unknown": "not known yet",
    "too_small": "too small",
    "right": "right",
    "too_large": "too large",
    "broken": "broken",
}


def factor(value: float) -> str:
    """×2, ×1/16."""
    return f"×{value:g}" if value >= 1 else f"×1/{1 / value:g}"


def sentence(regime: Regime, rewind_key: str) -> str:
    """What the learning rate does to this lesson, "" while that can't be told."""
    rate = f"Learning rate {factor(regime.factor)}"
    if regime.kind == "broken":
        return broken(regime, rewind_key)
    if regime.kind == "unknown":
        return f"{rate}: a few more updates show what it does."
    size = percent(regime.relative_change)
    error = f"{nats(regime.loss_nats)} nats a piece"
    blind = f"blind guess {nats(regime.guessing_nats)}"
    match regime.sign:
        case "stuck":
            return f"{rate}, too large: the error stays at {error}, hardly below the {blind}."
        case "large_steps":
            return (
                f"{rate}, too large: each update moves its numbers by {size} of their size, and it "
                f"overshoots. Error {error} ({blind})."
            )
        case "small_steps":
            return (
                f"{rate}, too small: each update moves its numbers by only {size} of their size, "
                f"so it hardly learns. Error {error} ({blind})."
            )
        case _:
            return (
                f"{rate}, right: each update moves its numbers by {size} of their size, enough to "
                f"learn, not to overshoot. Error {error} ({blind})."
            )


def broken(regime: Regime, rewind_key: str) -> str:
    """What happened, and the way back."""
    back = f"{rewind_key} goes back to before that."
    since = "" if regime.broken_since is None else f", since step {count(regime.broken_since)}"
    at = f"at learning rate {factor(regime.factor)}"
    match regime.sign:
        case "not_a_number":
            what = f"the steps grew {at} until its numbers were no longer numbers"
        case "forgot":
            what = (
                f"{at}{since} it has lost what it knew: error {nats(regime.before_nats)} became "
                f"{nats(regime.loss_nats)} nats a piece"
            )
        case _:
            what = (
                f"{at}{since} its error is {nats(regime.loss_nats)} nats a piece, a blind guess's "
                f"{nats(regime.guessing_nats)}"
            )
    return f"It broke: {what}. {back}"


def rewound(from_step: int, to_step: int, value: float) -> str:
    """What going back did."""
    return (
        f"Back from step {count(from_step)} to step {count(to_step)}, before it broke. Learning "
        f"rate {factor(value)}; paused."
    )
