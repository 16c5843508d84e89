"""Steps to point at: a sign on a chart's axis with its step, and a dashed line above it."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.kit.cells import Row
from flashcards.app.kit.plot import AXIS_WIDTH, axis_end, axis_words, merged
from flashcards.app.kit.time_line import place_of
from flashcards.numbers import count

LINE = "╎"


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
