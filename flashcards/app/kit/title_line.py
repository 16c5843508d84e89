"""One line over what it is about: a title, and at its right, where there is room, a remark."""

from __future__ import annotations

from flashcards.app.kit.cells import Row, spread
from flashcards.app.kit.sheet import Sheet


class TitleLine(Sheet[tuple[Row, str]]):
    """The title, cut where it is too long, and the remark."""

    def draw(self, view: tuple[Row, str], width: int, height: int) -> list[Row]:
        title, remark = view
        return [spread(title, [(remark, ".muted")], width)]
