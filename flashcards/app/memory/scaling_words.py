"""Every sentence of the screen that shows what more data does, so that it can be translated."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.language import tr
from flashcards.runs.scaling import ScalingPoint, ScalingStarted

HEAD = f"{'':>6} {tr('cards'):>9} {tr('seen'):>9} {tr('never seen'):>11}  {tr('95 % interval')}"
NOT_STARTED = tr("The lesson is still starting; then its deck can be measured.")


def going(n_cards: int, step: int, n_steps: int) -> str:
    """How far the model in hand is."""
    return tr(
        "{n_cards:>9,}   step {step:,} of {n_steps:,}", n_cards=n_cards, step=step, n_steps=n_steps
    )


def interval(low: float, high: float) -> str:
    """30–38 %."""
    return f"{100 * low:.0f}–{100 * high:.0f} %"


def failed(why: str) -> str:
    return tr("It can't be measured: {why}.", why=why)


def conclusion(start: ScalingStarted, points: Sequence[ScalingPoint]) -> str:
    """What the measured points say when all are there; "" before. Intervals decide."""
    if len(points) < len(start.shares) or len(points) < 2:
        return ""
    few, many = points[0], points[-1]
    if many.interval[0] > few.interval[1]:
        return tr(
            "More data, better model: with {n_many:,} cards it answers more of what it "
            "never saw than with {n_few:,}.",
            n_many=many.n_cards,
            n_few=few.n_cards,
        )
    if many.interval[1] < few.interval[0]:
        return tr("With more cards it answers fewer of those it never saw.")
    return tr(
        "More cards made no measurable difference to what it never saw: the intervals overlap."
    )
