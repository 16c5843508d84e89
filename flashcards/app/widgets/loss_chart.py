"""Error over time: taught solid, never seen dashed, between a blind guess and the floor."""

import math
from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, row_width
from flashcards.app.widgets.plot import AXIS_WIDTH, Point, axis_row, dotted_row, plot
from flashcards.app.widgets.time_line import MARKER_STYLES, place_of, weight_of
from flashcards.base.language import tr
from flashcards.runs.markers import AnyMarker
from flashcards.wording.markers import MARKER_SIGNS
from flashcards.wording.numbers import nats

TICK_SHIFT = 3
"""A marker's sign moves by less than so many cells to where no other is."""

AFTER_ZERO = 2
"""The first column of a sign: before it is the 0 of the axis."""


@dataclass(frozen=True, slots=True)
class ChartView:
    """(step, nats per piece) points, oldest first, NaN where there is none.

    `floor_nats` is the error that contradicting cards make unavoidable, 0 without any. `is_over`:
    no exam will come any more.
    """

    seen: tuple[Point, ...] = ()
    unseen: tuple[Point, ...] = ()
    guessing_nats: float | None = None
    floor_nats: float = 0.0
    markers: tuple[AnyMarker, ...] = ()
    is_over: bool = False
    names: tuple[str, str] = ("", "")


class LossChart(Sheet[ChartView]):
    def draw(self, view: ChartView, width: int, height: int) -> list[Row]:
        values = [v for _, v in (*view.seen, *view.unseen) if math.isfinite(v)]
        blind = view.guessing_nats or 0.0
        highest = max(values, default=0.0)
        top = max(blind * 1.05, min(highest, blind * 1.5 if blind else math.inf), 1e-3)
        rows = [_legend(view, top, width)]
        n_columns, n_rows = width - AXIS_WIDTH, height - 2
        if n_columns < 4 or n_rows < 2:
            return rows
        if not values:
            coming = "" if view.is_over else tr("the first exam is coming")
            return [*rows, [], [(" " * AXIS_WIDTH + coming, ".muted")]]
        last_step = max(1, *(p[-1][0] for p in (view.seen, view.unseen) if p))
        seen = plot(view.seen, last_step, top, n_columns, n_rows, thickness=2)
        unseen = plot(view.unseen, last_step, top, n_columns, n_rows, dash=(4, 4))
        lines = _level_lines(view, top, n_rows)
        for y in range(n_rows):
            label, name = f"{nats(top):>4} " if y == 0 else " " * AXIS_WIDTH, ""
            if y == n_rows - 1:
                label, name = "   0 ", tr("expected it")
            if y in lines:
                label, name = lines[y]
            drawn = [bool(one or two) for one, two in zip(seen[y], unseen[y], strict=True)]
            ground = _ground(name, drawn) if name else " " * n_columns
            blanks = [(char, ".muted") for char in ground]
            rows.append(dotted_row(label, [seen[y], unseen[y]], [".taught", ".unseen"], blanks))
        return [*rows, marked_axis(view.markers, last_step, n_columns)]


def marked_axis(markers: tuple[AnyMarker, ...], last_step: int, n_columns: int) -> Row:
    signs: dict[int, AnyMarker] = {}
    placed = {
        (max(AFTER_ZERO, place_of(marker.step, last_step, n_columns)), marker.kind): marker
        for marker in markers
    }
    for (at, _), marker in sorted(placed.items(), key=lambda item: weight_of(item[1])):
        free = [x for x in range(at, min(at + TICK_SHIFT, n_columns)) if x not in signs]
        if free:
            signs[free[0]] = marker
    broke = [x for x, marker in signs.items() if marker.kind == "diverged"]
    words = f"{tr('broke here')} "
    # of the signs that the words cover the break is the one that must be seen
    start = broke[-1] - cell_len(words) if broke else -1
    said = range(start, broke[-1]) if start >= AFTER_ZERO else range(0)
    parts = {x: (MARKER_SIGNS[m.kind], MARKER_STYLES[m.kind]) for x, m in signs.items()}
    parts |= {x: (char, MARKER_STYLES["diverged"]) for x, char in zip(said, words, strict=False)}
    return axis_row(last_step, n_columns, parts)


def _level_lines(view: ChartView, top: float, n_rows: int) -> dict[int, tuple[str, str]]:
    """By row: the label and the name of what the error starts at and can't get below."""
    lines: dict[int, tuple[str, str]] = {}
    for value, name in (
        (view.floor_nats, tr("floor: cards contradict")),
        (view.guessing_nats, tr("blind guess")),
    ):
        if value:
            row = min(n_rows - 1, int((1 - value / top) * n_rows))
            lines[row] = f"{nats(value):>4} ", name
    return lines


def _ground(name: str, drawn: list[bool]) -> str:
    """A dashed line with its name where nothing is `drawn`, or without it if there is no room."""
    n_columns, named = len(drawn), f" {name} "
    places = range(2, n_columns - len(named) - 1)
    if name == tr("blind guess"):
        places = places[::-1]
    line = ("┄" if name != tr("expected it") else " ") * n_columns
    for at in places:
        if not any(drawn[at : at + len(named)]):
            return line[:at] + named + line[at + len(named) :]
    return line


def _legend(view: ChartView, top: float, width: int) -> Row:
    """Each line's name and newest value, marked where that is above the plot."""
    title: Row = [(tr("error"), ".title")]
    for has_numbers in (True, False):
        row = list(title)
        for name, style, points in (
            (view.names[0] or f"━ {tr('seen')}", ".taught", view.seen),
            (view.names[1] or f"╍ {tr('never seen')}", ".unseen", view.unseen),
        ):
            if points:
                row += [("  ", ""), (name, style)]
                row += [(f" {nats(points[-1][1])}", ".strong")] if has_numbers else []
                row += [(" ▲", style)] if points[-1][1] > top else []
        if row_width(row) <= width:
            return row
    return title
