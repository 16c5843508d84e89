"""Error over time in braille dots, two by four a cell: taught solid, never seen dashed.

A line chart of its own because it is cheap (see the benchmark), has gaps for NaN, and reads
without colour. Steps are on a square-root scale: most of learning happens early, and on a linear
one a lesson left running becomes a cliff at the left edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flashcards.app import words
from flashcards.app.numbers import count, nats
from flashcards.app.widgets.cells import Row, row_width
from flashcards.app.widgets.sheet import Sheet

Point = tuple[int, float]

AXIS_WIDTH = 5
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True, slots=True)
class ChartView:
    """(step, nats per piece) points, oldest first, NaN where there is none."""

    seen: tuple[Point, ...] = ()
    unseen: tuple[Point, ...] = ()
    guessing_nats: float | None = None


class LossChart(Sheet[ChartView]):
    """Legend, plot, steps. The y axis is linear from 0: no error is the floor one can see."""

    def draw(self, view: ChartView, width: int, height: int) -> list[Row]:
        rows = [_legend(view, width)]
        n_columns, n_rows = width - AXIS_WIDTH, height - 2
        if n_columns < 4 or n_rows < 2:
            return rows
        values = [v for _, v in (*view.seen, *view.unseen) if math.isfinite(v)]
        if not values:
            return [*rows, [], [(" " * AXIS_WIDTH + words.CHART_WAITING, ".muted")]]
        floor = view.guessing_nats or 0.0
        top = max(floor * 1.05, min(max(values), floor * 1.5 if floor else math.inf), 1e-3)
        last_step = max(1, *(p[-1][0] for p in (view.seen, view.unseen) if p))
        seen = plot(view.seen, last_step, top, n_columns, n_rows, thickness=2)
        unseen = plot(view.unseen, last_step, top, n_columns, n_rows, dash=(4, 4))
        guessing_row = None
        if view.guessing_nats is not None:
            guessing_row = min(n_rows - 1, int((1 - view.guessing_nats / top) * n_rows))
        for y in range(n_rows):
            label = f"{nats(top):>4} " if y == 0 else "   0 " if y == n_rows - 1 else " " * 5
            if y == guessing_row and view.guessing_nats is not None:
                label = f"{nats(view.guessing_nats):>4} "
            row: Row = [(label, ".muted")]
            ground = _ground(n_columns) if y == guessing_row else " " * n_columns
            for x in range(n_columns):
                one, two = seen[y][x], unseen[y][x]
                if one or two:
                    row.append((chr(0x2800 | one | two), ".unseen" if two else ".taught"))
                else:
                    row.append((ground[x], ".muted"))
            rows.append(_merged(row))
        rows.append(_steps_row(last_step, n_columns))
        return rows


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


def _ground(n_columns: int) -> str:
    """The dashed line of a blind guess, with its name at the right."""
    name = f" {words.GUESSING} "
    return "┄" * max(0, n_columns - len(name) - 2) + (name + "┄┄")[:n_columns]


def _legend(view: ChartView, width: int) -> Row:
    title: Row = [(words.CHART_TITLE, ".title")]
    for has_numbers in (True, False):
        row = list(title)
        for name, style, points in (
            (words.TAUGHT_LINE, ".taught", view.seen),
            (words.NEVER_SEEN_LINE, ".unseen", view.unseen),
        ):
            if points:
                row += [("  ", ""), (name, style)]
                row += [(f" {nats(points[-1][1])}", ".strong")] if has_numbers else []
        if row_width(row) <= width:
            return row
    return title


def _steps_row(last_step: int, n_columns: int) -> Row:
    right = f"{words.STEP} {count(last_step)}"
    middle = count(last_step // 4)
    left = f"{'0':<{n_columns // 2}}{middle}"
    if last_step < 4 or len(left) + len(right) >= n_columns:
        left = "0"
    return [(" " * AXIS_WIDTH + left + f"{right:>{max(1, n_columns - len(left))}}", ".muted")]


def _merged(row: Row) -> Row:
    """The row with neighbours of one style as one part."""
    merged: Row = []
    for text, style in row:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged
