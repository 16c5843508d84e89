"""Screens that are laid out and drawn once when they open, and dismissed once; inputs that obey
keys in order, Escape as soon as it is known to be one; notices, one of a kind at a time; lists
that take a page key before they are laid out.

Textual 8.2 styles, lays out and draws a screen when it is shown, once more when it has told itself
its size, and again when the styles of that size apply; then it waits a sixtieth of a second.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from textual.actions import SkipAction
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.await_remove import AwaitRemove
from textual.binding import Binding, BindingType
from textual.constants import ESCAPE_DELAY
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import Key, ScreenResume
from textual.geometry import Size
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList

from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.base.columns import JOINER

Answer = TypeVar("Answer")

if TYPE_CHECKING:

    class _Base(Screen[Any]): ...
else:
    _Base = object  # no screen itself: Textual takes styles from the first base that is one


def hidden(**actions: str) -> list[BindingType]:
    """Keys with their actions, `shift_tab` for shift+tab; none of them is in a footer."""
    return [Binding(key.replace("_", "+"), action, show=False) for key, action in actions.items()]


N_TURNS = 4
"""Of the event loop, until all widgets of a screen have heard what they were told."""


class OneFrame(_Base):
    """To be named before a class of screens."""

    _is_new = True
    _is_laying_out = _is_being_sized = False

    def _post_register(self, app: App[Any]) -> None:
        """Have the classes of its size before anything is styled."""
        super()._post_register(app)
        for size, steps in zip(
            app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True
        ):
            self.add_class(*self._get_breakpoint_classes(size, steps or []), update=False)

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """Of a new one all within is styled by now. It is laid out once all of that is there."""
        if self._is_new:
            event.refresh_styles = False
            self.app.stylesheet.apply(self)
            self._size = self.app.size
            self._turn(2 * N_TURNS)

    def _turn(self, n_left: int) -> None:
        """Of the event loop: halfway it is laid out, in the end drawn."""
        if n_left == N_TURNS:
            self.call_later(self._lay_out)
        if n_left:
            asyncio.get_running_loop().call_soon(self._turn, n_left - 1)
        else:
            self._is_new = False
            self.call_later(self._on_timer_update)

    def _lay_out(self) -> None:
        self._layout_required = False
        self._refresh_layout(self.app.size)

    def _on_timer_update(self) -> None:
        self._update_timer.pause()
        if not self._is_new:
            super()._on_timer_update()

    def _screen_resized(self, size: Size) -> None:
        if size != self._size:
            super()._screen_resized(size)

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        self._is_laying_out = True
        self._is_being_sized = size is not None
        virtual_size = Widget.virtual_size
        virtual_size._layout = False  # it comes of a layout and does not ask for another
        try:
            super()._refresh_layout(size, scroll)
        finally:
            self._is_laying_out, virtual_size._layout = False, True

    def _compositor_refresh(self) -> None:
        """Draw what is laid out with the next frame, once its widgets know their sizes. Of what
        lies below a dialog the front draws what changed: Textual has it draw all it ever drew."""
        if self in self.app._background_screens and not self.app.is_inline:
            regions = self._compositor._dirty_regions
            front = self.app.screen
            if regions and front.styles.background.a < 1:
                front.refresh(*regions)
            regions.clear()
        elif not self._is_laying_out or self is not self.app.screen or self.app.is_inline:
            super()._compositor_refresh()
        elif self._is_being_sized:
            self.refresh()  # all of it, whatever else was drawn or dropped until then
        elif not self._repaint_required:  # else it is drawn right after this
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


class PromptSelector(selectors.SelectSelector):
    """In place of the module `selectors`: when something was read, which may be Escape or begin a
    sequence, Textual looks again after ESCDELAY. It would do so after a tenth of a second."""

    EVENT_READ = selectors.EVENT_READ
    _has_read = False

    @classmethod
    def SelectSelector(cls) -> PromptSelector:  # noqa: N802
        return cls()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(ESCAPE_DELAY if self._has_read else timeout)
        self._has_read = bool(ready)
        return ready


@dataclass
class Notice(Notification):
    """Something said in a corner for a while; `kind` is what it is about."""

    kind: str = ""


class NoticesApp(ColourApp):
    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        if linux := sys.modules.get("textual.drivers.linux_driver"):
            vars(linux)["selectors"] = PromptSelector
        return driver

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """A screen that goes leaves the layout of those below as it is."""
        return super()._prune(*nodes, parent=None if parent is self else parent)

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


class PagedOptions(OptionList):
    """Textual 8.2 looks for the line of an option, and before the first layout there is none."""

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self._lines:
            super()._move_page(direction)
