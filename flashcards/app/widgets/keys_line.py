"""The last line of a view with keys of its own: keys and what they do here."""

from __future__ import annotations

from flashcards.app.widgets.cells import Row, row_width, spread
from flashcards.app.widgets.sheet import Sheet

KEY = "bold $text-accent"


class KeysLine(Sheet[tuple[tuple[str, str], ...]]):
    """Keys and what they do here, as many as fit, the dearest first."""

    def draw(self, view: tuple[tuple[str, str], ...], width: int, height: int) -> list[Row]:
        row: Row = []
        for key, label in view:
            part: Row = [(f" {key} ", KEY), (f"{label} ", "")]
            if row_width(row) + row_width(part) <= width:
                row += part
        return [row]


class TitleLine(Sheet[tuple[Row, str]]):
    """The title, cut where it is too long, and the remark."""

    def draw(self, view: tuple[Row, str], width: int, height: int) -> list[Row]:
        title, remark = view
        return [spread(title, [(remark, ".muted")], width)]
