"""A box of fixed size that draws one value, and draws again only when the value is another."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from flashcards.app.widgets.cells import Row, content, fitted

View = TypeVar("View")


class Sheet(Widget, Generic[View]):
    """Subclasses say how a view looks in a number of cells; the stylesheet says how many."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: View | None = None
        self._styles: dict[str, Style] = {}

    def show(self, view: View) -> None:
        """Show this from now on. Costs one comparison when it is shown already."""
        if self._view != view:
            self._view = view
            self.refresh()

    def render(self) -> Content:
        width, height = self.size
        if self._view is None or width <= 0 or height <= 0:
            return Content("")
        rows = self.draw(self._view, width, height)[:height]
        return content([fitted(row, width) for row in rows], self._style)

    def notify_style_update(self) -> None:
        """Another theme: the styles looked up so far are of the old one."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        """The style of a name, looked up once: that is a quarter of the cost of drawing."""
        if name not in self._styles:
            self._styles[name] = self._get_style(name)
        return self._styles[name]

    def draw(self, view: View, width: int, height: int) -> list[Row]:
        raise NotImplementedError
