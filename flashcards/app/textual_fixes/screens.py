"""Screens that are dismissed once, and what stands in their cells; Escape as soon as it is known
to be one; notices, one of a kind at a time; lists that take a page key before they are laid out.
"""

from __future__ import annotations

import selectors
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Self, TypeVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import on
from textual.actions import SkipAction
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.constants import ESCAPE_DELAY
from textual.driver import Driver
from textual.events import Key, Resize, ScreenResume
from textual.geometry import Region
from textual.messages import Update
from textual.notifications import Notification, Notify, SeverityLevel
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
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


def has_all_styles(app: App[Any]) -> bool:
    """Tell whether a screen got all its styles as it was mounted: Textual would read a stylesheet
    of its own after that."""
    return isinstance(app, ColourApp) and app.has_all_styles


def lines_of_one(
    widget: Widget, draw: Callable[[Region], list[Strip]], crop: Region
) -> list[Strip]:
    """Draw the lines of a widget with nothing in it but others as one, where it lets nothing
    through: they are all alike, and Textual would draw each."""
    if widget.styles.background.a < 1:
        return draw(crop)
    return draw(Region(crop.x, crop.y, crop.width, 1)) * crop.height


class Covered(Screen[None]):
    """A screen on which dialogs may lie. Textual draws what lies below a dialog on and on, all that
    ever changed of it, even if the dialog hides it. Here a dialog is asked to draw again what shows
    a widget that changed, and nothing is drawn of what is hidden."""

    _is_laid_out = True

    def on_mount(self) -> None:
        self.screen_layout_refresh_signal.subscribe(self, self._laid_out, immediate=True)

    def _laid_out(self, _: Screen[Any]) -> None:
        self._is_laid_out = True
        self._show_through(self.size.region)

    @property
    def is_current(self) -> bool:
        """Tell whether Textual has to draw it: in front, or once it is laid out behind a dialog."""
        return super().is_current and (self.is_active or not (self._is_laid_out or self.is_hidden))

    @property
    def is_hidden(self) -> bool:
        """Tell whether a screen above it lets nothing through."""
        return any(screen.styles.background.a == 1 for screen in self._above)

    @property
    def _above(self) -> list[Screen[Any]]:
        stack = self.app.screen_stack
        return stack[stack.index(self) + 1 :] if self in stack else []

    def on_update(self, message: Update) -> None:
        self._show_through(message.widget.region)

    def _show_through(self, region: Region) -> None:
        """Have the dialogs that let something through draw this region again."""
        if not self.is_active and not self.is_hidden:
            for screen in self._above:
                screen.refresh(region)

    def on_layout(self) -> None:
        self._is_laid_out = False

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        if layout:
            self._is_laid_out = False
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    @on(Resize)
    def lay_out_once(self, event: Resize) -> None:
        """Stop Textual, which tells a screen its size once it was laid out, from doing so again."""
        if self.is_active and event.size == self.outer_size:
            event.prevent_default()

    def render_lines(self, crop: Region) -> list[Strip]:
        return lines_of_one(self, super().render_lines, crop)


@lru_cache(8192)
def behind(style: RichStyle | None, tint: Color, base: RichStyle) -> RichStyle:
    """Return the style of what is seen through a dialog of this tint, as Textual works it out."""
    (segment,) = BackgroundScreen.process_segments([Segment(" ", style)], tint)
    return base + (segment.style or RichStyle.null())


class DismissedOnce(ModalScreen[Answer], Generic[Answer]):
    """Textual's `dismiss` closes what is in front. This one closes itself alone, once."""

    _is_dismissed = False
    _below: list[Strip] | None = None

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Keep the styles that all got as it was mounted."""
        event.refresh_styles = not has_all_styles(self.app)

    @on(Resize)
    def lay_out_once(self, event: Resize) -> None:
        """Stop Textual, which tells a screen its size once it was laid out, from doing so again; of
        one with classes for its size it takes them from there."""
        has_classes = self.HORIZONTAL_BREAKPOINTS or self.VERTICAL_BREAKPOINTS
        if not has_classes and event.size == self.outer_size:
            event.prevent_default()

    def render_lines(self, crop: Region) -> list[Strip]:
        return lines_of_one(self, super().render_lines, crop)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        self._below = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_line(self, y: int) -> Strip:
        """Tint what lies below. Textual would take all of it apart with Rich each time."""
        tint = self.styles.background
        if tint.a == 1 or self not in self.app.screen_stack[1:]:
            return super().render_line(y)
        if self._below is None:
            stack = self.app.screen_stack
            self._below = strips_of(stack[stack.index(self) - 1])
        if y >= len(self._below):
            return super().render_line(y)
        base = self.visual_style.rich_style
        return Strip(
            [Segment(text, behind(style, tint, base)) for text, style, _ in self._below[y]],
            self._below[y].cell_length,
        )

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
