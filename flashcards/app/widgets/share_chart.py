"""Shares over time, 0 to 100 %: several lines in one picture, told apart by dash and colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flashcards.app.widgets.cells import Row, Sheet, cut_row, flowing
from flashcards.app.widgets.plot import AXIS_WIDTH, Point, axis_row, dotted_row, plot
from flashcards.app.widgets.time_line import place_of
from flashcards.base.language import tr
from flashcards.runs import history, verdict
from flashcards.runs.state import RunState

LINE = "╎"


def since_chapter(state: RunState, shares: history.History) -> tuple[tuple[int, float], ...]:
    """The points of the chapter that is taught, by its own steps."""
    begin = state.life.since_step
    return tuple((step - begin, share) for step, share in shares.points if step >= begin)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line. `sample` is what it looks like in a legend; `dash` are dots drawn and left out.
    One without a name is not in the legend.

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
    as the longest of them, or the last mark.
    `is_by_cards`: what is called a step is a number of cards taught."""

    title: str = ""
    lines: tuple[Curve, ...] = ()
    waiting: str = ""
    marks: tuple[Mark, ...] = ()
    is_by_cards: bool = False


class ShareChart(Sheet[SharesView]):
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
        styles = [line.style for line in drawn]
        marked = columns(view.marks, last_step, n_columns)
        blanks = [(LINE, ".muted") if x in marked else (" ", "") for x in range(n_columns)]
        for y in range(n_rows):
            label = {0: "100 % ", n_rows - 1: "  0 % "}.get(y, "")
            if y == n_rows // 2 and n_rows >= 5 and n_rows % 2:
                label = " 50 % "
            label = f"{label[:AXIS_WIDTH]:{AXIS_WIDTH}}"
            lines = [grid[y] for grid in grids]
            rows.append(dotted_row(label, lines, styles, blanks))
        signs = {x: (mark.sign, mark.style) for x, mark in marked.items()}
        told = {x: mark.step for x, mark in marked.items()}
        row = axis_row(last_step, n_columns, signs, told, is_by_cards=view.is_by_cards)
        return [*rows, row]


def _legend(title: str, lines: list[Curve], width: int) -> list[Row]:
    """The title, if any, and under it each line's name and newest share, wrapped between names."""
    parts: list[Row] = []
    for line in reversed(lines):
        value = line.points[-1][1]
        share = f" {verdict.percent(value)}" if math.isfinite(value) else ""
        if line.name:
            parts.append([(f"{line.sample} {line.name}", line.style), (share, ".strong")])
    rows: list[Row] = [[(title, ".strong")]] if title else []
    return [cut_row(row, width) for row in (*rows, *flowing(parts, width)) if row]


@dataclass(frozen=True, slots=True)
class Mark:
    step: int
    sign: str
    style: str


def columns(marks: tuple[Mark, ...], last_step: int, n_columns: int) -> dict[int, Mark]:
    """The marks by their column, 0 to n_columns - 1; none lies on another, or beyond the steps."""
    placed: dict[int, Mark] = {}
    for mark in sorted(marks, key=lambda mark: mark.step):
        if 0 <= mark.step <= last_step:
            wanted = place_of(mark.step, last_step, n_columns)
            free = [x for x in (*range(wanted, n_columns), *range(wanted)[::-1]) if x not in placed]
            placed |= dict.fromkeys(free[:1], mark)
    return dict(sorted(placed.items()))
