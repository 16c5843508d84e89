"""The model's weights, part by part, as heat maps: how large they are, how far they moved."""

from __future__ import annotations

from rich.cells import cell_len

from flashcards.app.inside import words
from flashcards.app.kit.cells import Row, cut, padded
from flashcards.app.kit.heat import blocks
from flashcards.app.kit.numbers import small
from flashcards.language import tr
from flashcards.runs.details import WeightMap, unpacked

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
    n_lines = n_each - 1 if has_gap else n_each
    for one in maps:
        drawn = _part(one, half, n_lines)
        rows += drawn
        rows += [[]] if has_gap else []
    return rows[:height]


def _part(one: WeightMap, half: int, n_lines: int) -> list[Row]:
    size = blocks(unpacked(one.size), one.n_columns, half, n_lines)
    moved = blocks(unpacked(one.moved), one.n_columns, half, n_lines)
    moved_by = words.moved(one.relative_moved)
    name = padded(words.part(one), LABEL_WIDTH - 1 - cell_len(moved_by)) + moved_by
    labels = [name, f"numbers ≤ {small(one.size_top)}"]
    rows: list[Row] = []
    for i in range(max(len(size), len(moved))):
        label = labels[i] if i < len(labels) else ""
        rows.append(
            [
                (
                    padded(cut(label, LABEL_WIDTH - 1), LABEL_WIDTH),
                    ".strong" if i == 0 else ".muted",
                ),
                (padded(size[i] if i < len(size) else "", half), ".taught"),
                (" " * GAP, ""),
                (padded(moved[i] if i < len(moved) else "", half), ".lit-text"),
            ]
        )
    return rows
