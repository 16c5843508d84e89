"""Screens that are drawn once when they open, and dismissed once; inputs that obey keys in order;
notices, one of a kind at a time.

Textual 8.2 draws a screen as soon as it is laid out, once more when it has told itself its size,
and again when the styles of that size apply. That was a tenth of the processor time in which a view
opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.actions import SkipAction
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.geometry import Size
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input

from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.cards.printable import JOINER

Answer = TypeVar("Answer")

if TYPE_CHECKING:

    class _Base(Screen[Any]): ...
else:
    _Base = object  # no screen itself: Textual takes styles from the first base that is one


def hidden(**actions: str) -> list[BindingType]:
    """Keys with their actions, `shift_tab` for shift+tab; none of them is in a footer."""
    return [Binding(key.replace("_", "+"), action, show=False) for key, action in actions.items()]


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
    """Textual's `dismiss` closes what is in front. This one closes itself alone, once."""

    _is_dismissed = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave; a key that comes while it closes, or while another lies above it, does nothing."""
        if self._is_dismissed or self.app.screen is not self:
            return AwaitComplete()
        self._is_dismissed = True
        return super().dismiss(result)


class TypedInOrder(Widget):
    """A widget to type in that obeys keys in the order in which they are pressed. Textual types a
    letter at once, but obeys Ctrl-U or Backspace only after all screens above have seen it."""

    async def on_key(self, event: Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()


class PromptInput(Input, TypedInOrder):
    """It leaves Ctrl-C to the program when nothing is selected, and types what joins emoji."""

    async def on_key(self, event: Key) -> None:
        if event.character == JOINER:
            event.stop()
            self.insert_text_at_cursor(JOINER)

    def action_copy(self) -> None:
        if self.selection.is_empty:
            raise SkipAction
        super().action_copy()


@dataclass
class Notice(Notification):
    """Something said in a corner for a while; `kind` is what it is about."""

    kind: str = ""


class NoticesApp(ColourApp):
    def say(
        self,
        message: str,
        *,
        severity: SeverityLevel = "information",
        timeout: float = 5.0,
        kind: str = "",
        title: str = "",
    ) -> None:
        """Say it in a corner for a while; what was said of the same `kind` before goes."""
        notice = Notice(message, title, severity, timeout, markup=False, kind=kind or message)
        self.post_message(Notify(notice))

    def unsay(self, kind: str) -> None:
        for old in list(self._notifications):
            if isinstance(old, Notice) and old.kind == kind:
                self._unnotify(old)

    def on_notify(self, event: Notify) -> None:
        """Let go what this one replaces; Textual shows it after that."""
        new = event.notification
        for old in list(self._notifications):
            if isinstance(new, Notice) and isinstance(old, Notice) and old.kind == new.kind:
                self._unnotify(old, refresh=False)
