"""Lines in braille dots, two by four a cell, and the axis of steps beneath them.

Of its own because it is cheap (see the benchmark), has gaps for NaN, and reads without colour.
Steps are on a square-root scale: most of learning happens early, and on a linear one a lesson left
running becomes a cliff at the left edge.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from flashcards.app.widgets.cells import Row
from flashcards.base.language import tr
from flashcards.wording.numbers import count

Point = tuple[int, float]
"""Step and value; NaN is a gap."""

AXIS_WIDTH = 5
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def plot(
    points: tuple[Point, ...],
    last_step: int,
    top: float,
    n_columns: int,
    n_rows: int,
    *,
    thickness: int = 1,
    dash: tuple[int, int] | None = None,
) -> list[list[int]]:
    """The braille bits of a line, row by row from the top.

    Args:
        points: Joined to a line; NaN is a gap.
        last_step: The step at the right edge; 0 is at the left.
        top: The value at the upper edge; 0 is at the lower.
        thickness: In dots, upwards.
        dash: Dot columns drawn and left out, in turn.
    """
    grid = [[0] * n_columns for _ in range(n_rows)]
    n_x, n_y = 2 * n_columns, 4 * n_rows
    before: int | None = None
    for x, value in enumerate(_sampled(points, last_step, n_x)):
        if math.isnan(value):
            before = None
            continue
        y = round((1 - min(max(value / top, 0.0), 1.0)) * (n_y - 1))
        if dash is None or x % sum(dash) < dash[0]:
            low, high = (y, y) if before is None else (min(y, before), max(y, before))
            if low != high:
                low, high = (low, high - 1) if y < (before or 0) else (low + 1, high)
            for dot in range(max(0, low - thickness + 1), high + 1):
                grid[dot // 4][x // 2] |= _DOTS[dot % 4][x % 2]
        before = y
    return grid


def area(
    points: tuple[tuple[int, float, float], ...],
    last_step: int,
    top: float,
    n_columns: int,
    n_rows: int,
) -> list[list[int]]:
    """The braille bits of what lies between two lines, every fourth dot; see `plot`.
    `points`: (step, lower value, upper value) up to `last_step`."""
    grid = [[0] * n_columns for _ in range(n_rows)]
    n_x, n_y = 2 * n_columns, 4 * n_rows
    lows = _sampled(tuple((step, low) for step, low, _ in points), last_step, n_x)
    highs = _sampled(tuple((step, high) for step, _, high in points), last_step, n_x)
    for x, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if math.isnan(low) or math.isnan(high):
            continue
        ys = [round((1 - min(max(value / top, 0.0), 1.0)) * (n_y - 1)) for value in (high, low)]
        for y in range(ys[0], ys[1] + 1):
            if x % 2 == 0 and y % 2 == x // 2 % 2:
                grid[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return grid


def _sampled(points: tuple[Point, ...], last_step: int, n_x: int) -> list[float]:
    """One value a dot column: the mean of its points, or on the line between its neighbours."""
    sums, counts = [0.0] * n_x, [0] * n_x
    values = [math.nan] * n_x
    previous: tuple[int, float] | None = None
    for step, value in points:
        x = min(n_x - 1, int(math.sqrt(step / last_step) * (n_x - 1)))
        if math.isnan(value):
            previous = None
            continue
        sums[x] += value
        counts[x] += 1
        values[x] = sums[x] / counts[x]
        if previous is not None:
            x0, v0 = previous
            for between in range(x0 + 1, x):
                values[between] = v0 + (value - v0) * (between - x0) / (x - x0)
        previous = (x, values[x])
    return values


def axis_words(*, is_by_cards: bool = False) -> str:
    """That the axis is no even one: read by whoever takes a wide left half for a slow start."""
    return tr("early cards wider") if is_by_cards else tr("early steps wider")


def axis_end(last: int, *, is_by_cards: bool = False) -> str:
    """The last step, or card, of an axis."""
    return f"{tr('card') if is_by_cards else tr('step')} {count(last)}"


def steps_row(
    last_step: int, n_columns: int, taken: Collection[int] = (), *, is_by_cards: bool = False
) -> Row:
    """The axis of steps, or of cards, under a plot of that many columns.

    `taken` are the columns where something else stands: labels give way to it, the shorter form
    first, and there is a space between.
    """
    cells = [" "] * n_columns

    def put(text: str, at: int) -> bool:
        around = range(at - 1, at + len(text) + 1)
        is_free = all(
            x not in taken and (x < 0 or x >= n_columns or cells[x] == " ") for x in around
        )
        if is_free and at >= 0 and at + len(text) <= n_columns:
            cells[at : at + len(text)] = text
            return True
        return False

    put("0", 0)
    end = n_columns
    for right in (axis_end(last_step, is_by_cards=is_by_cards), count(last_step)):
        if put(right, n_columns - len(right)):
            end -= len(right)
            break
    words = axis_words(is_by_cards=is_by_cards)
    start = (1 + end - len(words)) // 2
    is_said = any(put(words, at) for at in (start, *range(3, n_columns)))
    if not is_said and last_step >= 4:
        put(count(last_step // 4), n_columns // 2)
    return [(" " * AXIS_WIDTH + "".join(cells), ".muted")]


def merged(row: Row) -> Row:
    merged: Row = []
    for text, style in row:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged
