"""The text of a deck to write in, with a mark in the margin of every line that has a problem."""

import re
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.widgets import TextArea

from flashcards.app.textual_fixes.screens import TypedInOrder
from flashcards.app.textual_fixes.screens import hidden as keys
from flashcards.app.widgets.cells import cut
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.followed import TAUGHT_ALL_THE_SAME
from flashcards.cards.grammar import SEPARATOR, WHITE
from flashcards.cards.printable import hidden, symbol

MARGIN = 2
"""Cells between the number of a line and its text."""

GAP = 3
"""Cells between a line's end and what is wrong with it."""

LEAST_ROOM = 12

_LOST = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_FENCE = re.compile(rf"[{WHITE}]*\+\+\+[{WHITE}]*")


def can_hold(text: str) -> bool:
    """Whether it is the same text after this widget had it: it parts lines at more characters."""
    bare = text.replace("\r\n", "\n")
    is_mixed = "\r" in bare or ("\r\n" in text and bare.count("\n") != text.count("\r\n"))
    return not is_mixed and _LOST.search(text) is None


def is_mild(problem: Diagnostic) -> bool:
    """Whether the line is taught all the same: ✗ is for one that is lost."""
    return problem.level == "warning" or problem.code in TAUGHT_ALL_THE_SAME


class DeckText(TextArea, TypedInOrder):
    BINDINGS = keys(ctrl_home="to_start", ctrl_end="to_end")

    def __init__(self, text: str, *, is_tabbed: bool) -> None:
        """`is_tabbed`: the TAB key writes a TAB, which parts the columns."""
        super().__init__(
            text,
            soft_wrap=False,
            show_line_numbers=True,
            tab_behavior="indent" if is_tabbed else "focus",
        )
        self.indent_type = "tabs" if is_tabbed else "spaces"
        self._problems: Mapping[int, Diagnostic] = {}

    def action_to_start(self) -> None:
        self.move_cursor((0, 0))

    def action_to_end(self) -> None:
        self.move_cursor(self.document.end)

    def mark(self, problems: Mapping[int, Diagnostic]) -> None:
        """Mark these lines, from 1, and write beside each what is wrong with it."""
        if problems != self._problems:
            self._problems = problems
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
        index = self.scroll_offset.y + y
        problem = self._problems.get(index + 1)
        if problem is None or index >= self.document.line_count:
            return strip
        is_warning = is_mild(problem)
        style = self.screen.get_component_rich_style("nearly" if is_warning else "wrong")
        start = self.gutter_width - MARGIN
        strip = _written_over(strip, start, "! " if is_warning else "✗ ", style)
        end = self.gutter_width + self.get_line(index).cell_len - self.scroll_offset.x + GAP
        room = strip.cell_length - end
        if room >= LEAST_ROOM and "\t" not in self.document.get_line(index):
            strip = _written_over(strip, end, cut("◂ " + problem.text, room), style)
        return strip


def _written_over(strip: Strip, start: int, text: str, style: Style) -> Strip:
    """The strip with other text from a cell on, on the background that is there."""
    end = start + cell_len(text)
    under = next((part.style for part in strip.crop(start, end) if part.style), None)
    background = None if under is None else under.bgcolor
    new = Segment(text, Style(color=style.color, bgcolor=background, bold=True))
    middle = Strip([new], end - start)
    return Strip.join([strip.crop(0, start), middle, strip.crop(end, strip.cell_length)])


def _harmless(line: str) -> str:
    """The line, as long as it was, without a character that moves the cursor or cannot be seen."""
    chars = list(line)
    for index, char in hidden(line):
        if char != "\t":
            shown = symbol(char)
            chars[index] = shown if len(shown) == 1 else "·"
    return "".join(chars)
