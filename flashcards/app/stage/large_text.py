"""Texts as large as the screen allows: a stage with a few things to read, and a slide."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, centred, row_width, spread, wrap
from flashcards.app.widgets.large import is_large, large_or_normal, line_by_line, lines_of
from flashcards.app.widgets.letters import NARROW, SIZES, WIDE, LetterSize
from flashcards.base.language import tr
from flashcards.runs import values
from flashcards.wording import lesson

MARGIN = 1
MOST_LINES = 4  # of a text that can't be large
MIN_BESIDE = 40  # cells that a code leaves to the text; where there are fewer it is left out

INK = "black on white"  # a code's colours in every theme: phones want it dark on light


class StageLine(Struct, frozen=True):
    """One thing to read, a word above it, and behind that word whether it is right. A mark beside
    the text could be taken for a letter of it: ✗ for X, a Roman ten. `is_like_next`: it is no
    larger than the one below, of which it is the state before."""

    text: str
    style: str = ""
    label: str = ""
    mark: values.Mark | None = None
    is_like_next: bool = False


class StageView(Struct, frozen=True):
    """The contents of the stage: the first lines grow first, the sentence always has its place.
    `title` is the deck's, beside the key that leaves, where there is room; so is `before`, the
    phase that comes before `word`: ERROR alone could be taken for a fault of the program."""

    lines: tuple[StageLine, ...] = ()
    sentence: str = ""
    sentence_style: str = ".strong"
    before: str = ""
    word: str = ""
    word_style: str = ".muted"
    badges: Row = []
    code: str = ""
    title: str = ""


class StageSheet(Sheet[StageView]):
    def draw(self, view: StageView, width: int, height: int) -> list[Row]:
        word: Row = [(f" {view.word} ", view.word_style)] if view.word else []
        badges = view.badges
        title, back = (f" {view.title} ", ".strong"), (f"{tr('esc back')}   ", ".muted")
        before: Row = [(f" {view.before} ▸", ".muted")] if view.before else []
        for row in ([title, *before, *word], [title, *word]):
            if view.title and row_width([*row, back, *badges]) < width:
                word, badges = row, [back, *badges]
                break
        top = spread(word, badges, width)
        code = view.code.split("\n")
        left = width - len(code[0]) - MARGIN
        if not view.code or left < MIN_BESIDE or len(code) > height - 1:
            return [top, *self._read(view, width, height - 1)]
        rows = self._read(view, left, height - 1)
        first = (len(rows) - len(code)) // 2
        for row, part in zip(rows[first:], code, strict=False):
            row[:] = spread(row, [(part, INK), (" " * MARGIN, "")], width)
        return [top, *rows]

    def _read(self, view: StageView, width: int, height: int) -> list[Row]:
        inner = max(1, width - 2 * MARGIN)
        sentence = wrap(view.sentence, inner, max(1, height // 3)) if view.sentence else []
        room = height - len(sentence)
        shares = self._shares(view.lines, inner, room)
        blocks = [
            self._block(*line_and_share, inner)
            for line_and_share in zip(view.lines, shares, strict=True)
        ]
        n_free = room - sum(map(len, blocks)) - len(blocks)
        below: list[Row] = [[]] if n_free > 0 else []
        rows = _spaced(blocks, room - len(below), width)
        sentence_rows = [centred([(line, view.sentence_style)], width) for line in sentence]
        return [*rows, *sentence_rows, *below]

    def _shares(self, lines: Sequence[StageLine], width: int, height: int) -> list[int]:
        """The rows that each text may take. What can be large grows in equal steps, the first lines
        first: they depend on the height alone, so nothing is smaller where there is more room."""
        are_large = [is_large(line.text, self.ground) for line in lines]
        n_rows = [
            1
            if can_grow
            else len(
                line_by_line(line.text, "", width, height) or wrap(line.text, width, MOST_LINES)
            )
            for line, can_grow in zip(lines, are_large, strict=True)
        ]
        n_left = height - sum(n_rows) - sum(bool(line.label) for line in lines) - len(lines) + 1
        for n in range(NARROW.n_rows, height + 1, NARROW.n_rows):
            for i, can_grow in enumerate(are_large):
                if can_grow and n - n_rows[i] <= n_left:
                    n_left -= n - n_rows[i]
                    n_rows[i] = n
        for i, line in enumerate(lines[:-1]):
            if line.is_like_next:
                n_rows[i] = min(n_rows[i], n_rows[i + 1])
        return n_rows

    def _block(self, line: StageLine, n_rows: int, width: int) -> list[Row]:
        rows = large_or_normal(line.text, line.style, width, n_rows, self.ground)
        if not line.label:
            return rows
        label: Row = [(line.label, ".muted")]
        if line.mark is not None:
            label += [("  ", ""), (tr(lesson.MARKS[line.mark]), f".{line.mark}")]
        return [label, *rows]


def _spaced(blocks: list[list[Row]], height: int, width: int) -> list[Row]:
    """The blocks with what is left of the height shared among the gaps around them."""
    n_free = max(0, height - sum(map(len, blocks)))
    n_gaps = len(blocks) + 1
    rows: list[Row] = []
    for i, block in enumerate(blocks):
        # The gap at the top and the bottom get what is left over.
        gap = n_free * (i + 1) // n_gaps - n_free * i // n_gaps
        rows += [[] for _ in range(gap)]
        rows += [centred(row, width) for row in block]
    rows += [[] for _ in range(height - len(rows))]
    return rows[:height]


SLIDE_MARGIN = 2

SlideSizes = tuple[LetterSize | None, LetterSize | None]  # of title and text; None is normal type
SLIDE_SIZES: tuple[SlideSizes, ...] = (
    (None, None),
    (NARROW, None),
    (WIDE, None),
    (WIDE, NARROW),
    (WIDE, WIDE),
    *((title, text) for text, title in pairwise(SIZES[1:]) for text in (text, title)),
)
"""Neither is smaller than in those before, so nothing is smaller where there is more room."""


class SlideText(Struct, frozen=True):
    """The text of a slide; `place` is where in the talk it is ("3/14")."""

    title: str = ""
    text: tuple[str, ...] = ()
    place: str = ""


class SlideSheet(Sheet[SlideText]):
    def draw(self, view: SlideText, width: int, height: int) -> list[Row]:
        inner = max(1, width - 2 * SLIDE_MARGIN)
        room = max(1, height - 2)
        slides = (self._slide(view, *sizes, inner, room) for sizes in reversed(SLIDE_SIZES))
        block = next(rows for rows in slides if rows is not None)
        n_above = max(0, room - len(block)) // 2
        rows: list[Row] = [[] for _ in range(n_above)]
        rows += [centred(row, width) for row in block][:room]
        rows += [[] for _ in range(height - 1 - len(rows))]
        return [*rows, spread([], [(f"{view.place} ", ".muted")], width)]

    def _slide(
        self,
        view: SlideText,
        title_size: LetterSize | None,
        text_size: LetterSize | None,
        width: int,
        height: int,
    ) -> list[Row] | None:
        """The slide in these sizes; None where letters have no room, or can't be drawn."""
        room = height * 2 // 3 if view.text else height
        titles = (view.title,) if view.title else ()
        title = self._in_letters(titles, ".lit-text", title_size, width, room)
        if title is None:
            return None
        room = height - len(title) - bool(title)
        body = self._in_letters(view.text, ".strong", text_size, width, room)
        is_cut = sum(len(wrap(text, width, room + 1)) for text in view.text) > max(0, room)
        if body is None or (is_cut and title_size is not None):
            return None
        gap: list[Row] = [[]] if title and body else []
        return [*title, *gap, *body]

    def _in_letters(
        self, texts: tuple[str, ...], style: str, size: LetterSize | None, width: int, height: int
    ) -> list[Row] | None:
        """The rows of these texts; None where letters of this size have no room."""
        if size is None:
            return [[(line, style)] for line in _paragraphs(texts, width, height)]
        drawn = [lines_of(text, style, width, height, size, self.ground) for text in texts]
        rows = [row for lines in drawn for line in lines for row in line]
        return rows if all(drawn) and len(rows) <= height else None


def _paragraphs(texts: tuple[str, ...], width: int, height: int) -> list[str]:
    paragraphs = [wrap(text, width, max(1, height)) for text in texts]
    widest = max((cell_len(line) for lines in paragraphs for line in lines), default=0)
    has_gaps = sum(map(len, paragraphs)) + len(paragraphs) - 1 <= height
    rows: list[str] = []
    for lines in paragraphs:
        rows += [""] if rows and has_gaps else []
        rows += [line + " " * (widest - cell_len(line)) for line in lines]
    return rows[: max(0, height)]
