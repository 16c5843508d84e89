"""Screens that are drawn once when they open, and dismissed once.

Textual 8.2 draws a screen as soon as it is laid out, once more when it has told itself its size,
and again when the styles of that size apply. That was a tenth of the processor time in which a view
opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.geometry import Size
from textual.screen import ModalScreen, Screen

Answer = TypeVar("Answer")

if TYPE_CHECKING:

    class _Base(Screen[Any]): ...
else:
    _Base = object  # no screen itself: Textual takes styles from the first base that is one


class OneFrame(_Base):
    """To be named before a class of screens."""

    _is_being_sized = False

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        self._is_being_sized = size is not None
        try:
            super()._refresh_layout(size, scroll)
        finally:
            self._is_being_sized = False

    def _compositor_refresh(self) -> None:
        """All of it is drawn with the next frame, a sixtieth of a second later."""
        if self._is_being_sized and self is self.app.screen and not self.app.is_inline:
            self.refresh()  # all of it, whatever else was drawn or dropped until then
        else:
            super()._compositor_refresh()


class DismissedOnce(OneFrame, ModalScreen[Answer], Generic[Answer]):
    """Textual's `dismiss` takes away whatever screen is in front. This one's only itself, once."""

    _is_dismissed = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave; a key that comes while it closes, or while another lies above it, does nothing."""
        if self._is_dismissed or self.app.screen is not self:
            return AwaitComplete()
        self._is_dismissed = True
        return super().dismiss(result)
