"""Text in terminal cells, measured by what is drawn, never by `len`. A row is a list of (text,
style) parts; a style is "", a component class of the screen (".right") or one of theme variables. A
sheet is a box of fixed size that draws one value as rows, again only when it is another."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import groupby, zip_longest
from operator import itemgetter
from typing import Any, Generic, Self, TypeAlias, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.base import columns
from flashcards.base.keyed_text import pieces_of
from flashcards.cards.printable import printable

Item = TypeVar("Item")
Part: TypeAlias = tuple[str, str]
Row: TypeAlias = list[Part]
Line: TypeAlias = tuple[Row, Strip]
Rgb: TypeAlias = tuple[int, int, int]

LIT = "bold reverse $text-accent"  # what is happening at this very moment
NO_BREAK = "\u00a0"  # a space where no line ends: before a per cent sign
MUTED = "$muted"  # labels and hints
HEADING = "bold $text-accent"  # names of groups, letters to press

STYLES = {
    "strong": "bold",
    "muted": MUTED,
    "title": "$foreground",
    "deck": "bold",
    "track": "$track",
    "right": "bold $text-success",
    "nearly": "bold $text-warning",
    "wrong": "bold $text-error",
    "taught": "bold $text-primary",
    "unseen": "bold $text-accent",
    "lit-text": HEADING,
    "ink": "bold #23211c",
    "ink-faint": "#4a4436",
    "ink-rule": "#d9806c",
}
"""Styles by their names, where no stylesheet has a component class of that name."""


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that must not be cut apart: a character and what combines with it."""
    return columns.clusters(text, cell_len)


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells; what is left out is an ellipsis."""
    return columns.cut(printable(text), width, cell_len)


def wrap(text: str, width: int, n_lines: int) -> list[str]:
    """At most `n_lines` lines of at most `width` cells, at spaces where there are any."""
    if width <= 0 or n_lines <= 0:
        return []
    lines: list[str] = []
    line = ""
    for word in printable(text).replace(" %", f"{NO_BREAK}%").split(" "):
        word = word.replace(NO_BREAK, " ")
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = ""
        for cluster in clusters(word):
            if cell_len(line + cluster) > width:
                lines.append(line)
                line = ""
            line += cluster
    lines.append(line)
    if len(lines) > n_lines:
        rest = " ".join(lines[n_lines - 1 :])
        lines = [*lines[: n_lines - 1], cut(rest, width)]
        if not lines[-1].endswith("…"):
            lines[-1] = cut(lines[-1], width - 1) + "…"
    return lines


def wrap_row(row: Row, width: int, n_lines: int) -> list[Row]:
    """As `wrap`, of a row whose parts keep their styles."""
    parts = [(printable(text), style) for text, style in row]
    text = "".join(part for part, _ in parts)
    styles = [style for part, style in parts for _ in part]
    rows: list[Row] = []
    at = 0
    for line in wrap(text, width, n_lines):
        if not line.startswith(" "):
            at += len(text[at:]) - len(text[at:].lstrip(" "))  # where the line before ended
        rows.append(merged(list(zip(line, styles[at:], strict=False))))
        at += len(line)
    return rows


def merged(row: Row) -> Row:
    """The row with neighbours of one style as one part."""
    alike = groupby(row, key=itemgetter(1))
    return [("".join(text for text, _ in parts), style) for style, parts in alike]


def with_lit_keys(text: str, style: str) -> Row:
    """A text in this style, in which the keys that it names stand out."""
    return merged([(piece, HEADING if is_key else style) for piece, is_key in pieces_of(text)])


def fitting(width: int, *texts: str) -> str:
    """The first of these texts that fits in so many cells; "" when none does."""
    return next((text for text in texts if cell_len(text) <= width), "")


def row_width(row: Row) -> int:
    return sum(cell_len(text) for text, _ in row)


def cut_row(row: Row, width: int) -> Row:
    if row_width(row) <= width:
        return row
    parts: Row = []
    left = width
    for text, style in row:
        part = cut(text, left)
        parts.append((part, style))
        left -= cell_len(part)
        if part != text:
            break
    return parts


def fitted(row: Row, width: int) -> Row:
    """The row in at most `width` cells; an ellipsis says what is cut, but for spaces at its end."""
    excess = row_width(row) - width
    if excess <= 0:
        return row
    text, style = row[-1]
    if len(text) - len(text.rstrip(" ")) >= excess:
        return [*row[:-1], (text[: len(text) - excess], style)]
    return cut_row(row, width)


def centred(row: Row, width: int) -> Row:
    return [(" " * max(0, (width - row_width(row)) // 2), ""), *row]


def spread(left: Row, right: Row, width: int) -> Row:
    """`left` and `right` at the two ends of `width` cells; `right` goes when both do not fit."""
    space = width - row_width(left) - row_width(right)
    if right and space >= bool(row_width(left)):
        return [*left, (" " * space, ""), *right]
    return cut_row(left, width)


def in_lines(
    items: Iterable[Item], width_of: Callable[[Item], int], width: int, gap: int
) -> list[list[Item]]:
    """The items one after another with a gap between them, as many a line as fit."""
    lines: list[list[Item]] = [[]]
    left = width
    for item in items:
        is_first = not lines[-1]
        left -= width_of(item) if is_first else gap + width_of(item)
        if left < 0 and not is_first:
            lines.append([])
            left = width - width_of(item)
        lines[-1].append(item)
    return lines


def flowing(parts: Iterable[Row], width: int, between: Part = ("  ", "")) -> list[Row]:
    lines = in_lines(parts, row_width, width, cell_len(between[0]))
    return [[cell for part in line for cell in (between, *part)][1:] for line in lines]


def weightiest(weights: Sequence[Any], n: int) -> list[int]:
    """The places of the `n` greatest weights, in order."""
    ranked = sorted(range(len(weights)), key=lambda place: weights[place], reverse=True)
    return sorted(ranked[: max(0, n)])


def padded(text: str, width: int) -> str:
    """The text in exactly `width` cells: cut, or followed by spaces."""
    return columns.padded(cut(text, width), width, cell_len)


View = TypeVar("View")

_placed = lru_cache(8192)(Style.rich_style_with_offset)


@lru_cache(4096)
def _painted(colours: str, ground: str) -> RichStyle:
    """The style of cells of a picture, made without Textual's parser: they are many."""
    above, _, below = colours.partition(" on ")
    return RichStyle(color=above, bgcolor=below or ground)


def _hex(style: Style) -> str:
    return "default" if style.background is None else style.background.hex6


class Sheet(Widget, Generic[View]):
    """Subclasses say how a view looks in a number of cells; the stylesheet says how many. Textual
    asks for the lines that are to be drawn, and a row that is as it was keeps its strip."""

    auto_links = False
    showing: View | None = None
    _drawn: tuple[Size, list[Row]] | None = None  # the rows of what is shown, at this size
    _base: Style | None = None
    _styles: dict[str, Style]  # on that base
    _strips: dict[int, Line]  # by y, as they were drawn last

    @property
    def ground(self) -> Rgb | None:
        """The colour behind it, for pictures; None where there are only the terminal's own."""
        if not (self.is_attached and isinstance(self.app, ColourApp) and self.app.has_all_colours):
            return None
        return self.background_colors[1].rgb

    def show(self, view: View) -> None:
        """Show this from now on; rows that differ are drawn. Costs one comparison when it is."""
        if self.showing == view:
            return
        self.showing = view
        before, now = self._drawn, (self.size, self._rows())
        if before is None or before[0] != self.size:
            self.refresh()
        else:
            lines = enumerate(zip_longest(now[1], before[1]))
            changed = [Region(0, y, self.size.width, 1) for y, (new, old) in lines if new != old]
            if changed:
                self.refresh(*changed)
        self._drawn = now

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        if not regions:
            self._drawn = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _rows(self) -> list[Row]:
        width, height = self.size
        if self.showing is None or width <= 0 or height <= 0:
            return []
        return [fitted(row, width) for row in self.draw(self.showing, width, height)[:height]]

    def render(self) -> Content:
        """The whole sheet, which Textual draws while some of its text is selected."""
        rows = ([(text, self.style_of(name)) for text, name in row] for row in self._rows())
        return Content("\n").join(Content.assemble(*row) for row in rows)

    def render_line(self, y: int) -> Strip:
        if self.text_selection is not None:
            return super().render_line(y)
        if self._drawn is None or self._drawn[0] != self.size:
            self._drawn = self.size, self._rows()
        rows = self._drawn[1]
        if y >= len(rows):
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        before = self._strips.get(y)
        if before is not None and before[0] == rows[y]:
            return before[1]
        strip = self._strip(y, rows[y])
        self._strips[y] = rows[y], strip
        return strip

    def _strip(self, y: int, row: Row) -> Strip:
        """A row as Textual makes a line of content, in which parts know their place."""
        base, segments, x = self.visual_style, [], 0
        if base != self._base:
            self._base, self._styles = base, {}
        written = [part for part in row if part[0]] or [("", "")]
        for name, parts in groupby(written, itemgetter(1)):
            texts = [text for text, _ in parts]
            if name.startswith("#"):  # of a picture, which nobody selects: its parts have no place
                segments.append(Segment("".join(texts), _painted(name, _hex(base))))
                x += sum(map(len, texts))
                continue
            if name not in self._styles:  # looked up once: a quarter of the cost of drawing
                self._styles[name] = base + (base + self.style_of(name))
            style = self._styles[name]
            for text in texts if name else ("".join(texts),):
                segments.append(Segment(text, _placed(style, x, y)))
                x += len(text)
        return Strip(segments)

    def style_of(self, name: str) -> Style:
        """The style that a part of a row names."""
        if not name.startswith("."):
            return Style.parse(name)
        for node in self.ancestors_with_self:
            if isinstance(node, Widget):
                with suppress(KeyError):
                    return node.get_visual_style(name[1:], partial=True)
        return Style.parse(STYLES[name[1:]])

    def notify_style_update(self) -> None:
        """Another theme: the styles looked up so far are of the old one."""
        self._styles, self._strips, self._drawn = {}, {}, None
        super().notify_style_update()

    def draw(self, view: View, width: int, height: int) -> list[Row]:
        raise NotImplementedError


class ListSheet(Sheet[View]):
    """A sheet of rows of which one is chosen, and drawn on the cursor's ground (`on_cursor`)."""

    COMPONENT_CLASSES = {"cursor"}  # noqa: RUF012

    def style_of(self, name: str) -> Style:
        if name.startswith("@"):
            return super().style_of(name[1:]) + self.get_visual_style("cursor", partial=True)
        return super().style_of(name)


def on_cursor(row: Row) -> Row:
    """The same row of a `ListSheet` where it is the chosen one."""
    return [(text, f"@{style}") for text, style in row]


class Fitted(Visual):
    """Lines that are made for the width they get, once they are in sight: before the first layout
    no width is known, and of a list some lines are never seen. How many they are is known before:
    Textual asks for that often."""

    def __init__(self, draw: Callable[[int], list[Row] | Content], n_rows: int = 1) -> None:
        self.draw = draw
        self._n_rows = n_rows

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        drawn = self.draw(width)
        if isinstance(drawn, Content):
            return drawn.render_strips(width, height, style, options)
        base = style.rich_style
        return [
            Strip(
                Segment(text, (style + options.get_style(name)).rich_style if name else base)
                for text, name in row
                if text
            )
            for row in drawn[:height]
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        return self._n_rows
