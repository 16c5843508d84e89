"""A text as large as there is room: as a picture, in big letters, or else in normal type. No letter
is ever smaller where there is more room."""

import re
from collections.abc import Iterator

from rich.cells import cell_len

from flashcards.app.widgets import emoji
from flashcards.app.widgets.cells import Rgb, Row, clusters, padded, row_width, wrap
from flashcards.app.widgets.letters import PICTURE, LetterSize, big, can_draw, largest, lines_at
from flashcards.cards.printable import NEWLINE, printable


def is_large(text: str, ground: Rgb | None = None) -> bool:
    """Tell whether it can be drawn large at all; the rest is in normal type at any size."""
    return _lettered(text, ground) is not None


def n_lines(text: str, width: int, n_rows: int, ground: Rgb | None = None) -> int:
    """Return how many lines of letters `large` takes for a text; 0 where it draws no letters."""
    lettered = _lettered(text, ground)
    fitting = None if lettered is None else largest(lettered[0], width, n_rows)
    return 0 if fitting is None else len(fitting[1])


def large(
    text: str,
    style: str,
    width: int,
    n_rows: int,
    ground: Rgb | None = None,
) -> list[Row]:
    """The text in at most so many rows of `width` cells, all of one length; [] when it can't be
    drawn or has no room. A picture needs a `ground` whose colour is known."""
    if ground is not None and (rows := emoji.picture(text, width, n_rows, ground)):
        return rows
    lettered = _lettered(text, ground)
    fitting = None if lettered is None else largest(lettered[0], width, n_rows)
    if fitting is None:
        return []
    lines = lines_of(text, style, width, n_rows, fitting[0], ground)
    widest = max(row_width(rows[0]) for rows in lines)
    return [[*row, (" " * (widest - row_width(row)), "")] for rows in lines for row in rows]


def lines_of(
    text: str,
    style: str,
    width: int,
    n_rows: int,
    size: LetterSize,
    ground: Rgb | None = None,
) -> list[list[Row]]:
    """The lines of a text in letters of this size, each with its rows; [] where it has no room."""
    lettered = _lettered(text, ground)
    if lettered is None:
        return []
    letters, pictures = lettered
    left = iter(pictures)
    return [
        _drawn(line, style, size, left, ground) for line in lines_at(letters, width, n_rows, size)
    ]


def _lettered(text: str, ground: Rgb | None) -> tuple[str, list[str]] | None:
    """The text with a stand-in for each emoji that is drawn as a picture, and these emoji; None
    where something can't be drawn."""
    if ground is None or text.isascii():
        return (text, []) if can_draw(text) else None
    pieces = list(clusters(text))
    pictures = [piece for piece in pieces if emoji.pictured(piece)]
    rest = "".join(piece for piece in pieces if piece not in pictures)
    if not (can_draw(rest) or (pictures and not rest)):
        return None
    return "".join(PICTURE if piece in pictures else piece for piece in pieces), pictures


def _drawn(
    line: str, style: str, size: LetterSize, pictures: Iterator[str], ground: Rgb | None
) -> list[Row]:
    """One line in big letters and pictures."""
    rows: list[Row] = [[] for _ in range(size.n_rows)]
    slot = f"{PICTURE}{{{size.n_of_picture}}}"
    n_cells = 0  # so far, with the gap after the last letter
    for part in re.findall(f"{slot}|[^{PICTURE}]+", line):
        cells: list[Row] = [[(letters, style)] for letters in big(part, size)]
        if part.startswith(PICTURE) and ground is not None:
            cells = emoji.picture(next(pictures), 2 * size.n_rows, size.n_rows, ground)
        for row, more in zip(rows, cells, strict=True):
            row += [(" " * (n_cells - row_width(row)), ""), *more]
        n_cells += len(part) * size.n_cells
    return rows


def line_by_line(text: str, style: str, width: int, n_rows: int) -> list[Row]:
    """The lines of a text below one another, as in a picture; [] for one line, or no room."""
    lines = printable(text).split(NEWLINE)
    widest = max(map(cell_len, lines))
    if len(lines) == 1 or len(lines) > n_rows or widest > width:
        return []
    return [[(padded(line, widest), style)] for line in lines]


def large_or_normal(
    text: str, style: str, width: int, n_rows: int, ground: Rgb | None = None
) -> list[Row]:
    """The same, and in normal type where it can't be large; what has no room is cut."""
    rows = large(text, style, width, n_rows, ground) or line_by_line(text, style, width, n_rows)
    return rows or [[(line, style)] for line in wrap(text, width, n_rows)]
