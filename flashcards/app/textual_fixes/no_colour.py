"""NO_COLOR (https://no-color.org): what is painted has no colour of its own, grey included.

What stood out by its ground is in reverse, what was faint is dim: the selected row is seen.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor

from flashcards.app.textual_fixes.readable import ReadableApp, contrast

APART = 2.5
"""A ground whose contrast to the screen's is at least this stands out (WCAG 2.2's ratio)."""

FAINT = 3.0
"""Text whose contrast to its ground is below this is dim."""


class WithoutColour(LineFilter):
    def __init__(self, app: App[None]) -> None:
        super().__init__()
        self._app = app

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, in the terminal's own two colours."""
        is_dark = self._app.current_theme.dark
        ground = Color.parse(self._app.theme_variables.get("background", "black"))
        if ground.ansi is not None:  # the terminal's own
            ground = Color.parse("black" if is_dark else "white")
        return [
            Segment(text, None if style is None else without_colour(style, ground), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def without_colour(style: Style, ground: Color) -> Style:
    text, behind = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
    below = _resolved(behind, ground)
    above = _resolved(text, below.get_contrast_text(1.0))
    if behind is None or behind.is_default:
        is_apart = bool(style.reverse)
    else:  # of the terminal's sixteen nobody knows how they look
        is_named = behind.type is ColorType.STANDARD
        is_apart = is_named or contrast(below, ground) >= APART
    is_faint = not (style.bold or is_apart) and contrast(above, below) < FAINT
    plain = style.without_color + Style(reverse=is_apart, dim=is_faint)
    return plain + Style.from_meta(style.meta) if style.meta else plain


def _resolved(color: RichColor | None, default: Color) -> Color:
    return default if color is None or color.is_default else Color.from_rich_color(color)


class ColourApp(ReadableApp):
    """An app that paints no colour under NO_COLOR; Textual by itself would paint greys."""

    def __init__(self) -> None:
        super().__init__()
        self.no_color = bool(os.environ.get("NO_COLOR"))  # an empty one says nothing
        self._without_colour = WithoutColour(self)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, but for those of NO_COLOR: ours."""
        filters = super().get_line_filters()
        kept = [one for one in filters if not isinstance(one, Monochrome | NoColor)]
        return [*kept, self._without_colour] if self.no_color else kept
