"""Maps of the model: its pieces, those treated alike near one another; and its weights, by part."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.app.widgets.heat import blocks
from flashcards.base.language import format_number, tr
from flashcards.runs.details import MapPoint, WeightMap, unpacked
from flashcards.wording.numbers import percent, small
from flashcards.wording.pieces import PART_NAMES, is_byte, visible

MAX_LABEL_WIDTH = 8
_AROUND = ((0, 0), (0, 1), (0, -1), (2, 0), (-2, 0), (2, 1), (-2, 1), (2, -1), (-2, -1))
"""Where a label is tried, nearest first: columns and rows off its place."""


def map_rows(
    points: Sequence[MapPoint], width: int, height: int, bright: Collection[str] = ()
) -> tuple[list[Row], int]:
    """The map in that many cells, and how many labels had no room (a dot stands for them).

    Pieces whose text is in `bright` are.

    What can be said comes first, then what lies further out: the middle is crowded.
    """
    cells: list[list[tuple[str, str] | None]] = [[None] * width for _ in range(height)]
    ranked = sorted(points, key=lambda p: (not p.is_sayable, -math.hypot(p.x, p.y)))
    n_left = 0
    for point in ranked:
        text = tr("(part)") if is_byte(point.text) else visible(point.text) or "·"
        text = cut(text, MAX_LABEL_WIDTH)
        if cell_len(text) == 0:
            text = "◌" + text
        x = round((point.x + 1) / 2 * (width - 1)) - cell_len(text) // 2
        y = round((1 - point.y) / 2 * (height - 1))
        style = ".strong" if point.is_sayable else ".muted"
        if point.text in bright:
            style = "bold $text-accent"
        if not any(_put(cells, x + dx, y + dy, text, style) for dx, dy in _AROUND):
            n_left += 1
            _put(cells, x + cell_len(text) // 2, y, "·", ".track")
    return [_row(line) for line in cells], n_left


def _put(cells: list[list[tuple[str, str] | None]], x: int, y: int, text: str, style: str) -> bool:
    """Write the text there if nothing is in the way, a blank on both sides left free."""
    width, height = len(cells[0]), len(cells)
    n = cell_len(text)
    x = min(max(0, x), max(0, width - n))
    if n > width or not 0 <= y < height:
        return False
    if any(cells[y][i] is not None for i in range(max(0, x - 1), min(width, x + n + 1))):
        return False
    cells[y][x] = (text, style)
    for i in range(x + 1, x + n):
        cells[y][i] = ("", "")
    return True


def _row(line: list[tuple[str, str] | None]) -> Row:
    row: Row = []
    blank = 0
    for cell in line:
        if cell is None:
            blank += 1
            continue
        if blank:
            row.append((" " * blank, ""))
            blank = 0
        if cell[0]:
            row.append(cell)
    return row


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
