"""Tables in terminal cells: a column has a heading, a width, and what it says of a value."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import Part, Row, cut, padded

Value = TypeVar("Value")


class Column(Struct, Generic[Value], frozen=True):
    """`cell` gives what stands there of a value: a part, which is cut or padded to `width`, or a
    row that is as wide by itself."""

    head: str
    width: int
    cell: Callable[[Value], Part | Row]
    is_right: bool = False

    def aligned(self, text: str) -> str:
        if not self.is_right:
            return padded(text, self.width)
        drawn = cut(text, self.width)
        return " " * (self.width - cell_len(drawn)) + drawn


def heading(columns: Sequence[Column[Value]], gap: str, style: str = ".muted") -> Row:
    return _joined([[(column.aligned(column.head), style)] for column in columns], gap)


def line(columns: Sequence[Column[Value]], value: Value, gap: str) -> Row:
    cells: list[Row] = []
    for column in columns:
        cell = column.cell(value)
        cells.append(cell if isinstance(cell, list) else [(column.aligned(cell[0]), cell[1])])
    return _joined(cells, gap)


def _joined(cells: Sequence[Row], gap: str) -> Row:
    row: Row = []
    for cell in cells:
        row += cell
        if gap:
            row.append((gap, ""))
    return row
