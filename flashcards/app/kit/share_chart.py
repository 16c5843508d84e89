"""Shares over time, 0 to 100 %: several lines in one picture, told apart by dash and colour.

Steps to point at have a sign on the axis, and a line through what is empty above it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flashcards.app.kit.axis_marks import LINE, Mark, axis, columns
from flashcards.app.kit.cells import Row, cut_row, row_width
from flashcards.app.kit.plot import AXIS_WIDTH, Point, merged, plot, steps_row
from flashcards.app.kit.sheet import Sheet
from flashcards.language import tr
from flashcards.runs.verdict import percent


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `sample` is what it looks like in a legend; `dash` are dots drawn and left out.

    Attributes:
        points: (step, share of 0 to 1), oldest first; NaN is a gap.
        style: A component class of the screen.
    """

    name: str
    points: tuple[Point, ...]
    style: str
    sample: str = "━"
    thickness: int = 1
    dash: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SharesView:
    """Lines, the most important last: where two cross, the later one is seen. Steps reach as far
    as the longest of them, or the last mark."""

    title: str = ""
    lines: tuple[Line, ...] = ()
    waiting: str = ""
    marks: tuple[Mark, ...] = ()


class ShareChart(Sheet[SharesView]):
    """Legend on as many rows as it needs, plot, steps."""

    def draw(self, view: SharesView, width: int, height: int) -> list[Row]:
        drawn = [line for line in view.lines if any(math.isfinite(v) for _, v in line.points)]
        rows = _legend(view.title, drawn, width)
        n_columns, n_rows = width - AXIS_WIDTH, height - len(rows) - 1
        if n_columns < 4 or n_rows < 2:
            return rows
        if not drawn:
            waiting = view.waiting or tr("the first exam is coming")
            return [*rows, [], [(" " * AXIS_WIDTH + waiting, ".muted")]]
        ends = [line.points[-1][0] for line in drawn]
        last_step = max(1, *ends, *(mark.step for mark in view.marks))
        grids = [
            plot(
                line.points,
                last_step,
                1.0,
                n_columns,
                n_rows,
                thickness=line.thickness,
                dash=line.dash,
            )
            for line in drawn
        ]
        marked = columns(view.marks, last_step, n_columns)
        for y in range(n_rows):
            label = {0: "100 % ", n_rows - 1: "  0 % "}.get(y, "")
            if y == n_rows // 2 and n_rows >= 5 and n_rows % 2:
                label = " 50 % "
            row: Row = [(f"{label[:AXIS_WIDTH]:{AXIS_WIDTH}}", ".muted")]
            for x in range(n_columns):
                bits, style = 0, ""
                for line, grid in zip(drawn, grids, strict=True):
                    if grid[y][x]:
                        bits |= grid[y][x]
                        style = line.style
                if bits:
                    row.append((chr(0x2800 | bits), style))
                else:
                    row.append((LINE, ".muted") if x in marked else (" ", ""))
            rows.append(merged(row))
        if marked:
            rows.append(axis(view.marks, last_step, n_columns))
        else:
            rows.append(steps_row(last_step, n_columns))
        return rows


def _legend(title: str, lines: list[Line], width: int) -> list[Row]:
    """The title, and under it each line's name and newest share, wrapped between names."""
    rows: list[Row] = [[(title, ".strong")], []]
    for line in reversed(lines):
        value = line.points[-1][1]
        share = f" {percent(value)}" if math.isfinite(value) else ""
        part: Row = [(f"{line.sample} {line.name}", line.style), (share, ".strong")]
        gap: Row = [("  ", "")] if rows[-1] else []
        if row_width(rows[-1]) + row_width(gap) + row_width(part) > width and rows[-1]:
            rows.append([])
            gap = []
        rows[-1] += gap + part
    return [cut_row(row, width) for row in rows if row]
