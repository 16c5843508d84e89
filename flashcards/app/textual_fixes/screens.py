"""Screens that are dismissed once, and what stands in their cells; Escape as soon as it is known
to be one; notices, one of a kind at a time; lists that take a page key before they are laid out.
"""

from __future__ import annotations

import selectors
import sys
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.actions import SkipAction
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.constants import ESCAPE_DELAY
from textual.driver import Driver
from textual.events import Key
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Input, OptionList

from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.base.columns import JOINER

Answer = TypeVar("Answer")


def hidden(**actions: str) -> list[BindingType]:
    """Keys with their actions, `shift_tab` for shift+tab; none of them is in a footer."""
    return [Binding(key.replace("_", "+"), action, show=False) for key, action in actions.items()]


def strips_of(screen: Screen[Any]) -> list[Strip]:
    """The lines of a screen as they are drawn. Textual gives its cells only as an SVG picture."""
    return screen._compositor.render_strips()


class DismissedOnce(ModalScreen[Answer], Generic[Answer]):
    """Textual's `dismiss` closes what is in front. This one closes itself alone, once."""

    _is_dismissed = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave; a key that comes while it closes, or while another lies above it, does nothing."""
        if self._is_dismissed or self.app.screen is not self:
            return AwaitComplete()
        self._is_dismissed = True
        return super().dismiss(result)


class PromptInput(Input):
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
    def __init__(self) -> None:
        super().__init__()
        self._notices: list[Notice] = []

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        if linux := sys.modules.get("textual.drivers.linux_driver"):
            vars(linux)["selectors"] = PromptSelector
        return driver

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
        for notice in self._let_go(kind):
            self.post_message(Notify(notice))  # over by now: Textual shows what is left

    def on_notify(self, event: Notify) -> None:
        """Let go what this one replaces; Textual shows it after that."""
        notice = event.notification
        if isinstance(notice, Notice) and not notice.has_expired:
            self._let_go(notice.kind)
            self._notices.append(notice)

    def _let_go(self, kind: str) -> list[Notice]:
        """End the notices of this kind, which Textual then takes away, and give them."""
        current = [notice for notice in self._notices if not notice.has_expired]
        ended = [notice for notice in current if notice.kind == kind]
        for notice in ended:
            notice.timeout = 0.0
        self._notices = [notice for notice in current if notice.kind != kind]
        return ended


class PagedOptions(OptionList):
    """Textual 8.2 looks for the line of an option, and before the first layout there is none."""

    auto_links = False  # it would look for links in each line

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
