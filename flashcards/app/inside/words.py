"""Every sentence and label of the model looked into, in one place."""

from __future__ import annotations

import math

from flashcards.app.kit.numbers import count, percent
from flashcards.app.kit.reading_words import PART_NAMES, PLAIN_PARTS, quoted
from flashcards.language import format_number, tr
from flashcards.runs.details import WeightMap

TITLES = {
    "map": tr("Map of the pieces"),
    "weights": tr("All its numbers"),
    "attention": tr("What it looks at"),
}
KEYS = {
    "page": tr("map, weights, attention"),
    "head": tr("head"),
    "layer": tr("layer"),
    "leave": tr("lesson"),
}


def part(one: WeightMap) -> str:
    """1 attention; pieces in."""
    if one.layer:
        return f"{one.layer} {PART_NAMES[one.name]}"
    return PLAIN_PARTS.get(one.name, PART_NAMES[one.name])


def moved(share: float) -> str:
    """A distance against a size: 31 %, or 4.2 times."""
    if not math.isfinite(share):
        return "–"
    return percent(share) if share < 0.995 else f"{format_number(share, '.1f')}×"


def map_meaning(n_points: int, share: float, n_left: int) -> str:
    dots = (
        tr("Dots have no room for their names")
        if n_left > 1
        else tr("A dot has no room for its name")
    )
    left = f" {dots}." if n_left else ""
    return tr(
        "Each of {n_points:,} pieces is a list of numbers to the model. Pieces that "
        "lie near each other it tends to treat alike; the map shows {share} of how "
        "they differ.{left}",
        n_points=n_points,
        share=percent(share),
        left=left,
    )


def weights_meaning(maps: tuple[WeightMap, ...]) -> str:
    """What the heat maps are of, and what moved most."""
    if not maps:
        return ""
    most = max(maps, key=lambda one: one.relative_moved)
    where = tr("layer {part}", part=part(most)) if most.layer else part(most)
    by = moved(most.relative_moved)
    return tr(
        "A cell is the mean of a block of numbers: fuller is larger, within its part. "
        "Left their size, right how far they moved since the start: most in {where}, "
        "{by} their size then.",
        where=where,
        by=by,
    )


def attention_meaning(
    text: str, target: str, share: float, layer: int, head: int, *, is_past: bool
) -> str:
    """What one head looks at."""
    whose = (
        tr("The card of this update, read by the model as it was after it.")
        if is_past
        else tr("The card corrected last, read by the model as it is now.")
    )
    return tr(
        "{whose} Layer {layer}, head {head}: at {text} it looks mostly at {target} ({share}).",
        whose=whose,
        layer=layer,
        head=head,
        text=quoted(text),
        target=target,
        share=percent(share),
    )


def at_step(step: int) -> str:
    return tr("raw weights at step {step}", step=count(step))
