"""Shares over time, 0 to 100 %: several lines in one picture, told apart by dash and colour.

Steps to point at have a sign on the axis, and a line through what is empty above it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, cut_row, row_width
from flashcards.app.widgets.plot import (
    AXIS_WIDTH,
    Point,
    area,
    axis_end,
    axis_words,
    merged,
    plot,
    steps_row,
)
from flashcards.app.widgets.sheet import Sheet
from flashcards.app.widgets.time_line import place_of
from flashcards.base.language import tr
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.runs.verdict import percent
from flashcards.wording.numbers import count

LINE = "╎"


def since_chapter(state: RunState, shares: History) -> tuple[tuple[int, float], ...]:
    """The points of the chapter that is taught, by its own steps."""
    begin = state.chapter_step
    return tuple((step - begin, share) for step, share in shares.points if step >= begin)


@dataclass(frozen=True, slots=True)
class Band:
    """What many runs have: `points` are (step, least, most), oldest first; `said` is its legend."""

    said: str
    points: tuple[tuple[int, float, float], ...]
    style: str


@dataclass(frozen=True, slots=True)
class Line:
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
    as the longest of them, or the last mark. Bands are behind the lines, as far as those reach.
    `is_by_cards`: what is called a step is a number of cards taught."""

    title: str = ""
    lines: tuple[Line, ...] = ()
    waiting: str = ""
    marks: tuple[Mark, ...] = ()
    bands: tuple[Band, ...] = ()
    is_by_cards: bool = False


class ShareChart(Sheet[SharesView]):
    """Legend on as many rows as it needs, plot, steps."""

    def draw(self, view: SharesView, width: int, height: int) -> list[Row]:
        drawn = [line for line in view.lines if any(math.isfinite(v) for _, v in line.points)]
        rows = _legend(view.title, drawn, view.bands, width)
        n_columns, n_rows = width - AXIS_WIDTH, height - len(rows) - 1
        if n_columns < 4 or n_rows < 2:
            return rows
        if not drawn:
            waiting = view.waiting or tr("the first exam is coming")
            return [*rows, [], [(" " * AXIS_WIDTH + waiting, ".muted")]]
        ends = [line.points[-1][0] for line in drawn]
        last_step = max(1, *ends, *(mark.step for mark in view.marks))
        grids = [
            area(_upto(band, last_step), last_step, 1.0, n_columns, n_rows) for band in view.bands
        ]
        grids += [
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
        n_bands = len(view.bands)
        styles = [band.style for band in view.bands] + [line.style for line in drawn]
        marked = columns(view.marks, last_step, n_columns)
        for y in range(n_rows):
            label = {0: "100 % ", n_rows - 1: "  0 % "}.get(y, "")
            if y == n_rows // 2 and n_rows >= 5 and n_rows % 2:
                label = " 50 % "
            row: Row = [(f"{label[:AXIS_WIDTH]:{AXIS_WIDTH}}", ".muted")]
            for x in range(n_columns):
                bits, style = _cell([grid[y][x] for grid in grids], styles, n_bands)
                if bits:
                    row.append((chr(0x2800 | bits), style))
                else:
                    row.append((LINE, ".muted") if x in marked else (" ", ""))
            rows.append(merged(row))
        if marked:
            rows.append(axis(view.marks, last_step, n_columns, is_by_cards=view.is_by_cards))
        else:
            rows.append(steps_row(last_step, n_columns, is_by_cards=view.is_by_cards))
        return rows


def _cell(own: list[int], styles: list[str], n_bands: int) -> tuple[int, str]:
    """The dots of a cell, and their style: where a line is, the bands behind it are not."""
    first = n_bands if any(own[n_bands:]) else 0
    bits, style = 0, ""
    for dots, of in zip(own[first:], styles[first:], strict=True):
        if dots:
            bits, style = bits | dots, of
    return bits, style


def _upto(band: Band, last_step: int) -> tuple[tuple[int, float, float], ...]:
    """The band's points up to a step, and what lies at the step itself."""
    inside = [point for point in band.points if point[0] <= last_step]
    after = band.points[len(inside) :]
    if inside and after:
        (step, *before), (step_after, *beyond) = inside[-1], after[0]
        share = (last_step - step) / (step_after - step)
        low, high = (a + share * (b - a) for a, b in zip(before, beyond, strict=True))
        inside.append((last_step, low, high))
    return tuple(inside)


def _legend(title: str, lines: list[Line], bands: tuple[Band, ...], width: int) -> list[Row]:
    """The title, if any, and under it each line's name and newest share, wrapped between names."""
    rows: list[Row] = [[(title, ".strong")], []] if title else [[]]
    parts: list[Row] = []
    for line in reversed(lines):
        value = line.points[-1][1]
        share = f" {percent(value)}" if math.isfinite(value) else ""
        if line.name:
            parts.append([(f"{line.sample} {line.name}", line.style), (share, ".strong")])
    parts += [[(f"⣿ {band.said}", band.style)] for band in bands if band.said]
    for part in parts:
        gap: Row = [("  ", "")] if rows[-1] else []
        if row_width(rows[-1]) + row_width(gap) + row_width(part) > width and rows[-1]:
            rows.append([])
            gap = []
        rows[-1] += gap + part
    return [cut_row(row, width) for row in rows if row]


@dataclass(frozen=True, slots=True)
class Mark:
    """One of them; the sign is one cell wide."""

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


def axis(
    marks: tuple[Mark, ...], last_step: int, n_columns: int, *, is_by_cards: bool = False
) -> Row:
    """Steps, or cards, under a plot of that many columns: first, last, a quarter, and the marks.

    A mark is never left out; its step is, where there is no room for it, and so are the others.
    """
    placed = columns(marks, last_step, n_columns)
    cells: list[tuple[str, str]] = [(" ", "")] * n_columns
    for x, mark in placed.items():
        cells[x] = (mark.sign, mark.style)
    right = axis_end(last_step, is_by_cards=is_by_cards)
    start = n_columns - cell_len(right)
    at_end = [x for x in placed if x >= start - 1]
    _write(cells, min(at_end) - 1 - cell_len(right) if at_end else start, right)
    _write(cells, 0, "0")
    for x, mark in placed.items():
        text = count(mark.step)
        places = () if x in at_end else (x + 2, x - 1 - cell_len(text))
        any(_write(cells, at, text, beside=x) for at in places)
    words = axis_words(is_by_cards=is_by_cards)
    places = ((1 + start - cell_len(words)) // 2, *range(3, n_columns))
    if not any(_write(cells, at, words) for at in places) and last_step >= 4:
        _write(cells, n_columns // 2, count(last_step // 4), gap=3)
    return merged([(" " * AXIS_WIDTH, ".muted"), *cells])


def _write(
    cells: list[tuple[str, str]], at: int, text: str, beside: int | None = None, gap: int = 1
) -> bool:
    """Write it there if nothing is, nor within a gap of it but at `beside`; whether it did."""
    end = at + cell_len(text)
    around = [x for x in range(at - gap, end + gap) if x != beside and 0 <= x < len(cells)]
    if at < 0 or end > len(cells) or any(cells[x][0] != " " for x in around):
        return False
    cells[at:end] = [(char, ".muted") for char in text]
    return True
