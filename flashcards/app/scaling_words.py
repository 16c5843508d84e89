"""Every sentence of the screen that shows what more data does, so that it can be translated."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.runs.scaling import ScalingPoint, ScalingStarted

TITLE = "More data, better model"
HINT = "the lesson waits · esc ends this"
WAKING = "waking the first model…"
HEAD = f"{'':>6} {'cards':>9} {'seen':>9} {'never seen':>11}  95 % interval"
NOT_STARTED = "The lesson is still starting; then its deck can be measured."


def going(n_cards: int, step: int, n_steps: int) -> str:
    """How far the model in hand is."""
    return f"{n_cards:>9,}   step {step:,} of {n_steps:,}"


def interval(low: float, high: float) -> str:
    """30–38 %."""
    return f"{100 * low:.0f}–{100 * high:.0f} %"


def failed(why: str) -> str:
    """Nothing could be measured."""
    return f"It can't be measured: {why}."


def conclusion(start: ScalingStarted, points: Sequence[ScalingPoint]) -> str:
    """What the measured points say when all are there; "" before. Intervals decide."""
    if len(points) < len(start.shares) or len(points) < 2:
        return ""
    few, many = points[0], points[-1]
    if many.interval[0] > few.interval[1]:
        return (
            f"More data, better model: with {many.n_cards:,} cards it answers more of what it "
            f"never saw than with {few.n_cards:,}."
        )
    if many.interval[1] < few.interval[0]:
        return "With more cards it answers fewer of those it never saw."
    return "More cards made no measurable difference to what it never saw: the intervals overlap."
