"""Whether the steps are too small, right, too large, or broke the model: in one sentence, with why.

The "slightly" in "slightly changes its numbers".
"""

from __future__ import annotations

from flashcards.app.numbers import count, nats, percent
from flashcards.language import say
from flashcards.runs.regime import Regime, RegimeKind

NAMES: dict[RegimeKind, str] = {
    "unknown": say("not known yet"),
    "too_small": say("too small"),
    "right": say("right"),
    "too_large": say("too large"),
    "broken": say("broken"),
}


def factor(value: float) -> str:
    """×2, ×1/16."""
    return f"×{value:g}" if value >= 1 else f"×1/{1 / value:g}"


def sentence(regime: Regime, rewind_key: str) -> str:
    """What the learning rate does to this lesson, "" while that can't be told."""
    rate = say("Learning rate {factor}", factor=factor(regime.factor))
    if regime.kind == "broken":
        return broken(regime, rewind_key)
    if regime.kind == "unknown":
        return say("{rate}: a few more updates show what it does.", rate=rate)
    size = percent(regime.relative_change)
    error = say("{loss_nats} nats a piece", loss_nats=nats(regime.loss_nats))
    blind = say("blind guess {guessing_nats}", guessing_nats=nats(regime.guessing_nats))
    match regime.sign:
        case "stuck":
            return say(
                "{rate}, too large: the error stays at {error}, hardly below the {blind}.",
                rate=rate,
                error=error,
                blind=blind,
            )
        case "large_steps":
            return say(
                "{rate}, too large: each update moves its numbers by {size} of their size, and "
                "it overshoots. Error {error} ({blind}).",
                rate=rate,
                size=size,
                error=error,
                blind=blind,
            )
        case "small_steps":
            return say(
                "{rate}, too small: each update moves its numbers by only {size} of their "
                "size, so it hardly learns. Error {error} ({blind}).",
                rate=rate,
                size=size,
                error=error,
                blind=blind,
            )
        case _:
            return say(
                "{rate}, right: each update moves its numbers by {size} of their size, enough "
                "to learn, not to overshoot. Error {error} ({blind}).",
                rate=rate,
                size=size,
                error=error,
                blind=blind,
            )


def broken(regime: Regime, rewind_key: str) -> str:
    """What happened, and the way back."""
    back = say("{rewind_key} goes back to before that.", rewind_key=rewind_key)
    since = (
        ""
        if regime.broken_since is None
        else say(", since step {broken_since}", broken_since=count(regime.broken_since))
    )
    at = say("at learning rate {factor}", factor=factor(regime.factor))
    match regime.sign:
        case "not_a_number":
            what = say("the steps grew {at} until its numbers were no longer numbers", at=at)
        case "forgot":
            what = say(
                "{at}{since} it has lost what it knew: error {before_nats} became {loss_nats} "
                "nats a piece",
                at=at,
                since=since,
                before_nats=nats(regime.before_nats),
                loss_nats=nats(regime.loss_nats),
            )
        case _:
            what = say(
                "{at}{since} its error is {loss_nats} nats a piece, a blind guess's "
                "{guessing_nats}",
                at=at,
                since=since,
                loss_nats=nats(regime.loss_nats),
                guessing_nats=nats(regime.guessing_nats),
            )
    return say("It broke: {what}. {back}", what=what, back=back)


def rewound(from_step: int, to_step: int, value: float) -> str:
    """What going back did."""
    return say(
        "Back from step {from_step} to step {to_step}, before it broke. Learning rate "
        "{value}; paused.",
        from_step=count(from_step),
        to_step=count(to_step),
        value=factor(value),
    )
