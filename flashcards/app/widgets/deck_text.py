"""The text of a deck to write in, with a mark in the margin of every line that has a problem."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rich.segment import Segment
from rich.text import Text
from textual.strip import Strip
from textual.widgets import TextArea

from flashcards.cards.diagnostics import Level
from flashcards.cards.grammar import SEPARATOR, WHITE
from flashcards.cards.printable import hidden, symbol

MARGIN = 2
"""Cells between the number of a line and its text."""

_LOST = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_FENCE = re.compile(rf"[{WHITE}]*\+\+\+[{WHITE}]*")


def can_hold(text: str) -> bool:
    """Whether it is the same text after this widget had it: it parts lines at more characters."""
    bare = text.replace("\r\n", "\n")
    is_mixed = "\r" in bare or ("\r\n" in text and bare.count("\n") != text.count("\r\n"))
    return not is_mixed and _LOST.search(text) is None


class DeckText(TextArea):
    """Lines that a teacher writes, each as long as it is."""

    def __init__(self, text: str, *, is_tabbed: bool) -> None:
        """`is_tabbed`: the TAB key writes a TAB, which parts the columns."""
        super().__init__(
            text,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="indent" if is_tabbed else "focus",
        )
        self.indent_type = "tabs" if is_tabbed else "spaces"
        self._marks: Mapping[int, Level] = {}

    def mark(self, marks: Mapping[int, Level]) -> None:
        """Mark these lines, from 1."""
        if marks != self._marks:
            self._marks = marks
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """A line with notes dim and separators plain to see; nothing a terminal would obey."""
        raw = self.document.get_line(line_index)
        text = Text(raw if raw.isprintable() else _harmless(raw), end="", no_wrap=True)
        content = raw.lstrip(WHITE)
        if content[:1] in ("#", "[") or _FENCE.fullmatch(raw):
            text.stylize("dim" if content[:1] != "[" else "bold")
        else:
            for match in SEPARATOR.finditer(raw):
                if not match[1]:
                    text.stylize("bold", match.start(2), match.end(2))
        return text

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        level = self._marks.get(self.scroll_offset.y + y + 1)
        if level is None:
            return strip
        place = self.gutter_width - MARGIN
        name = "nearly" if level == "warning" else "wrong"
        style = self.screen.get_component_rich_style(name)
        mark = Strip([Segment("! " if level == "warning" else "✗ ", style)], MARGIN)
        return Strip.join([strip.crop(0, place), mark, strip.crop(place + MARGIN)])


def _harmless(line: str) -> str:
    """The line, as long as it was, without a character that moves the cursor or cannot be seen."""
    chars = list(line)
    for index, char in hidden(line):
        if char != "\t":
            shown = symbol(char)
            chars[index] = shown if len(shown) == 1 else "·"
    return "".join(chars)
