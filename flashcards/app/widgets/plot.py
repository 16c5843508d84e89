"""Lines in braille dots, two by four a cell, with gaps for NaN, and the axis of steps below."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from rich.cells import cell_len

from flashcards.app.widgets.cells import Part, Row, merged
from flashcards.base.language import tr
from flashcards.wording.numbers import count

Point = tuple[int, float]  # step and value; NaN is a gap
AXIS_WIDTH = 5
TICK_WIDTH = 5  # cells; dashes are two wide
HALF_ROW = 2  # dots: a row has four
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
    """The braille bits of a line from 0, 0 to `last_step` and `top`, row by row from the top.
    Its first and its last row are those of the labels for `top` and 0, and a value is as high as
    the middle of its label. At `top` and at 0 are those values alone, so that nearly all does not
    look like all. `thickness` is in dots, upwards; `dash` are dot columns drawn and left out, in
    turn."""
    grid = [[0] * n_columns for _ in range(n_rows)]
    n_x, n_y = 2 * n_columns, 4 * n_rows
    before: int | None = None
    for x, value in enumerate(_sampled(points, last_step, n_x)):
        if math.isnan(value):
            before = None
            continue
        y = _height(value / top, n_y)
        is_last = x >= n_x - 2  # of the last cell: a line ends where its newest score is
        if dash is None or x % sum(dash) < dash[0] or is_last:
            low, high = (y, y) if before is None else (min(y, before), max(y, before))
            if low != high:
                low, high = (low, high - 1) if y < (before or 0) else (low + 1, high)
            for dot in range(low - thickness + 1, high + 1):
                grid[dot // 4][x // 2] |= _DOTS[dot % 4][x % 2]
        before = y
    return grid


def _height(share: float, n_y: int) -> int:
    """The dot row, from the top, of a share of the top."""
    first, last = HALF_ROW, n_y - HALF_ROW
    if share >= 1:
        return first
    if share <= 0:
        return last
    return min(max(first + 1, round(first + (1 - share) * (last - first))), last - 1)


def widened(grid: list[list[int]]) -> list[list[int]]:
    """A lone dot as a tick, so that it is seen beside lines, and on top of dashes."""
    wide = [[0] * len(row) for row in grid]
    for y, row in enumerate(grid):
        for x, bits in enumerate(row):
            whole = sum(left | right for left, right in _DOTS if bits & (left | right))
            for near in range(max(0, x - TICK_WIDTH + 1), x + 1):
                wide[y][near] |= whole
    return wide


def column_of(step: int, last_step: int, n_columns: int) -> int:
    """Of a step: 0 to n_columns - 1."""
    share = min(max(step, 0), last_step) / last_step if last_step > 0 else 0.0
    return min(n_columns - 1, int(share * (n_columns - 1)))


def _sampled(points: tuple[Point, ...], last_step: int, n_x: int) -> list[float]:
    """One value a dot column: the mean of its points, or on the line between its neighbours."""
    sums, counts = [0.0] * n_x, [0] * n_x
    values = [math.nan] * n_x
    previous: tuple[int, float] | None = None
    for step, value in points:
        x = min(n_x - 1, int(step / last_step * (n_x - 1)))
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
    if previous is not None and points[-1][0] >= last_step:
        values[-1] = points[-1][1]  # where it ends is the number in its legend
    return values


def dotted_row(label: str, lines: list[list[int]], styles: list[str], blanks: list[Part]) -> Row:
    """A row of a plot, given each line's bits: the last is on top. `blanks` stand between them."""
    row: Row = [(label, ".muted")]
    for own, blank in zip(zip(*lines, strict=True), blanks, strict=True):
        bits = 0
        cell = blank
        if any(own):
            for dots, style in zip(own, styles, strict=True):
                if dots:
                    bits |= dots
                    cell = chr(0x2800 | bits), style
        row.append(cell)
    return merged(row)


ROOM_OF_SIGN = 4  # cells of a sign, and around its words


def axis_row(
    last_step: int,
    n_columns: int,
    signs: Mapping[int, Part] = MappingProxyType({}),
    words: Mapping[int, str] = MappingProxyType({}),
    *,
    begin: str = "",
    end: str = "",
) -> Row:
    """The axis under a plot: where it ends, or what happened at its `begin`, or `end`. Labels give
    way to `signs`; `words` about those are written beside them where there is room."""
    blank = (" ", "" if words else ".muted")
    cells = [signs.get(x, blank) for x in range(n_columns)]

    def put(text: str, at: int, beside: int | None = None) -> bool:
        end = at + cell_len(text)
        around = [x for x in range(at - 1, end + 1) if x != beside and 0 <= x < n_columns]
        if at < 0 or end > n_columns or any(cells[x][0] != " " for x in around):
            return False
        cells[at:end] = [(char, ".muted") for char in text]
        return True

    put(begin or "0", 0)
    texts = [tr("last exam: step {n}"), f"{tr('step')} {{n}}", "{n}"]
    in_short = [text.partition(":")[0] for text in words.values() if not text[:1].isdigit()]
    room = n_columns - sum(cell_len(text) + ROOM_OF_SIGN for text in in_short)
    if end and cell_len(end) <= max(room, cell_len(texts[0])):  # what happened comes before more
        texts.insert(0, end)
    if begin:
        texts = [tr("last exam"), ""]
    ends = [text.format(n=count(last_step)) for text in texts]
    at_end = [x for x in words if x >= n_columns - cell_len(ends[-2]) - 1]
    until = min(at_end) - 1 if at_end else n_columns
    worded = [
        words[x] for x in at_end if not words[x][:1].isdigit()
    ]  # says more than where it ends
    briefly = [text.partition(":")[0] for text in worded[:1]]
    labels = [*worded[:1], *briefly]
    if not at_end:
        labels = ends
    elif not worded:  # a bare step beside a sign would look like the step of what happened there
        first = words[min(at_end)]
        labels = [*(text for text in ends if ":" in text), f"{tr('step')} {first}", first]
    any(put(text, until - cell_len(text)) for text in labels)
    for x, text in words.items():
        for label in () if x in at_end else (text, text.partition(":")[0]):
            places = (x + 2, x - 1 - cell_len(label))
            if any(put(label, at, beside=x) for at in places):
                break
    return merged([(" " * AXIS_WIDTH, ".muted"), *cells])
