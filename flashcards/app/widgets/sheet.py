"""A box of fixed size that draws one value, and draws again only when the value is another."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.content import Content
from textual.widget import Widget

from flashcards.app.widgets.cells import Row, content

View = TypeVar("View")


class Sheet(Widget, Generic[View]):
    """Subclasses say how a view looks in a number of cells; the stylesheet says how many."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None

    def show(self, view: View) -> None:
        """Show this from now on. Costs one comparison when it is shown already."""
        if self._view != view:
            self._view = view
            self.refresh()

    def render(self) -> Content:
        width, height = self.size
        if self._view is None or width <= 0 or height <= 0:
            return Content("")
        return content(self.draw(self._view, width, height)[:height])

    def draw(self, view: View, width: int, height: int) -> list[Row]:
        """The rows that show `view` in that many cells."""
        raise NotImplementedError
