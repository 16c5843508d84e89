"""The model's weights, part by part, as heat maps: how large they are, how far they moved."""

from __future__ import annotations

import math

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.app.widgets.heat import blocks
from flashcards.base.language import format_number, tr
from flashcards.runs.details import WeightMap, unpacked
from flashcards.wording.numbers import percent, small
from flashcards.wording.pieces import PART_NAMES

LABEL_WIDTH = 20
GAP = 2


def weight_rows(maps: tuple[WeightMap, ...], width: int, height: int) -> list[Row]:
    """Two maps a part side by side: mean size of the numbers now, and how far they have moved."""
    if not maps:
        return []
    half = max(4, (width - LABEL_WIDTH - GAP) // 2)
    half = min(half, max(one.n_columns for one in maps))
    heading: Row = [
        (" " * LABEL_WIDTH, ""),
        (padded(tr("size now"), half), ".muted"),
        (" " * GAP, ""),
        (padded(tr("moved since the start"), half), ".muted"),
    ]
    rows: list[Row] = [heading]
    n_each = max(1, (height - 1) // len(maps))
    has_gap = n_each >= 3
    for one in maps:
        rows += _part(one, half, n_each - has_gap)
        rows += [[]] if has_gap else []
    return rows[:height]


def _part(one: WeightMap, half: int, n_lines: int) -> list[Row]:
    size, moved = (
        blocks(unpacked(levels), one.n_columns, half, n_lines) for levels in (one.size, one.moved)
    )
    moved_by = moved_share(one.relative_moved)
    name = padded(part(one), LABEL_WIDTH - 1 - cell_len(moved_by)) + moved_by
    labels = [name, tr("numbers up to {top}", top=small(one.size_top)), *[""] * n_lines]
    return [
        [
            (padded(cut(label, LABEL_WIDTH - 1), LABEL_WIDTH), ".strong" if i == 0 else ".muted"),
            (padded(left, half), ".taught"),
            (" " * GAP, ""),
            (padded(right, half), ".lit-text"),
        ]
        for i, (label, left, right) in enumerate(zip(labels, size, moved, strict=False))
    ]


def part(one: WeightMap) -> str:
    """1 attention; pieces in."""
    if one.layer:
        return f"{one.layer} {tr(PART_NAMES[one.name])}"
    return tr(PART_NAMES[one.name])


def moved_share(share: float) -> str:
    """A distance against a size: 31 %, or 4.2 times."""
    if not math.isfinite(share):
        return "–"
    return percent(share) if share < 0.995 else f"{format_number(share, '.1f')}×"
