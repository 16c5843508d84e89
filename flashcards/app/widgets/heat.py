"""Heat maps of characters whose shades carry the meaning: attention, and weights."""

import math
from collections.abc import Sequence

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.wording.pieces import rows_left_out, visible

SHADES = " ·░▒▓█"
MAX_LABEL_WIDTH = 10
MAX_CELL_WIDTH = 6
_ROOM_FOR_MORE = 2
LEAST = 1e-6  # what rounds to nothing is shown as little: blank is what can't be seen


def shade(share: float, width: int = 1) -> str:
    """A share of 0 to 1 as a shade; blank only for what rounds to nothing."""
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    level = max(1, math.ceil(share * (len(SHADES) - 1) - 0.2)) if share > 0 else 0
    return SHADES[min(len(SHADES) - 1, max(0, level))] * width


def triangle(
    rows: Sequence[Sequence[float]],
    labels: Sequence[str],
    lit: int,
    width: int,
    height: int,
    n_before: int = 0,
) -> list[Row]:
    """Show how much each piece (a row) takes from those up to itself (columns): the newest that
    fit. Row i has i + 1 shares of about 1 in all; the row that is `lit` is shown. What a row
    can look at is never blank. Of `n_before` pieces before these nothing is known."""
    texts = [visible(label) for label in labels]
    label_width = min(MAX_LABEL_WIDTH, max((cell_len(text) for text in texts), default=1)) + 1
    widest = max((cell_len(text) + 1 for text in texts), default=2)
    room = (width - label_width - _ROOM_FOR_MORE) // max(1, len(texts))
    cell_width = max(min(MAX_CELL_WIDTH, room), min(4, max(2, widest)))
    n_fit = max(1, (width - label_width - _ROOM_FOR_MORE) // cell_width)
    n_rows = max(1, height - 1)
    is_told = (n_before > 0 or len(rows) > n_rows) and n_rows > 1
    if is_told:
        n_rows -= 1
    last = min(len(rows), max(lit + 1, n_rows)) if height > 1 else lit + 1
    first_row = max(0, last - n_rows)
    first_column = max(0, last - n_fit)
    more = "…" if n_before + first_column else ""
    heading: Row = [(padded("", label_width), ""), (padded(more, _ROOM_FOR_MORE), ".muted")]
    for text in texts[first_column:last]:
        heading.append((padded(cut(text, cell_width - 1), cell_width), ".muted"))
    drawn = [heading]
    for i in range(first_row, last):
        is_lit = i == lit
        text = padded(cut(texts[i], label_width - 1), label_width)
        row: Row = [(text, ".strong" if is_lit else ".muted")]
        row.append(("▸ " if is_lit else "  ", ".lit-text"))
        style = ".lit-text" if is_lit else ".taught"
        cells = "".join(shade(max(share, LEAST), cell_width) for share in rows[i][first_column:])
        drawn.append([*row, (cells, style)])
    if is_told:
        note = rows_left_out(n_before + first_row, len(rows) - last)
        drawn.insert(1, [(cut(note, width), ".muted")])
    return drawn


def blocks(levels: bytes, n_columns: int, width: int, n_rows: int) -> list[str]:
    """A map of levels (0 to 255), row after row, as rows of shades: the greatest mean full."""
    n_map_rows = len(levels) // n_columns if n_columns else 0
    if not n_map_rows or width <= 0 or n_rows <= 0:
        return []
    width, n_rows = min(width, n_columns), min(n_rows, n_map_rows)
    means = []
    for y in range(n_rows):
        above = y * n_map_rows // n_rows
        below = (y + 1) * n_map_rows // n_rows
        for x in range(width):
            left = x * n_columns // width
            right = (x + 1) * n_columns // width
            cell = [
                levels[row * n_columns + column]
                for row in range(above, max(below, above + 1))
                for column in range(left, max(right, left + 1))
            ]
            means.append(sum(cell) / len(cell))
    least, top = min(means), max(means)
    spread = top - least
    if spread <= 0:
        shades = [shade(1.0 if top > 0 else 0.0)] * len(means)
    else:
        floor = 0.01 if least > 0 else 0.0
        shades = [shade(max(floor, (mean - least) / spread)) for mean in means]
    return ["".join(shades[y * width : (y + 1) * width]) for y in range(n_rows)]
