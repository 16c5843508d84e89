"""Texts as large as the screen allows: a stage with a few things to read, and a slide."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, centred, row_width, spread, wrap
from flashcards.app.widgets.letters import N_HUGE_ROWS, N_ROWS, big, big_wrapped, can_draw, huge
from flashcards.base.language import tr

Size = Literal["text", "narrow", "big", "huge"]
SIZES: tuple[Size, ...] = ("text", "narrow", "big", "huge")
MARGIN = 1
MIN_BESIDE = 40  # cells that a code leaves to the text; where there are fewer it is left out

INK = "#000000 on #ffffff"  # a code's colours in every theme: phones want it dark on light


class StageLine(Struct, frozen=True):
    """One thing to read: its text, a mark after it of the same size, and a word above it."""

    text: str
    style: str = ""
    mark: str = ""
    mark_style: str = ""
    label: str = ""

    @property
    def whole(self) -> str:
        return f"{self.text} {self.mark}" if self.mark else self.text


class StageView(Struct, frozen=True):
    """What is on stage: the first lines grow first, the sentence always has its place. `title` is
    the deck's, beside the key that leaves, where there is room."""

    lines: tuple[StageLine, ...] = ()
    sentence: str = ""
    sentence_style: str = ".strong"
    word: str = ""
    word_style: str = ".muted"
    badge: str = ""
    code: str = ""
    title: str = ""


class StageSheet(Sheet[StageView]):
    def draw(self, view: StageView, width: int, height: int) -> list[Row]:
        word: Row = [(f" {view.word} ", view.word_style)] if view.word else []
        badge: Row = [(f"{view.badge} ", ".muted")] if view.badge else []
        title, back = (f" {view.title} ", ".muted"), (f"{tr('esc back')}   ", ".muted")
        if view.title and row_width([title, *word, back, *badge]) < width:
            word, badge = [title, *word], [back, *badge]
        top = spread(word, badge, width)
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
        n_sentence = min(3 if height >= 29 else 2, max(1, (height + 1) // 6))
        sentence = wrap(view.sentence, inner, n_sentence) if view.sentence else []
        room = height - len(sentence)
        sizes = sizes_for(view.lines, inner, room)
        below: list[Row] = [[]] if sizes_for(view.lines, inner, room - 1) == sizes else []
        room -= len(below)
        blocks = [_block(line, size, inner) for line, size in zip(view.lines, sizes, strict=True)]
        rows = _spaced(blocks, room, width)
        said = [centred([(line, view.sentence_style)], width) for line in sentence]
        return [*rows, *said, *below]


def sizes_for(lines: Sequence[StageLine], width: int, height: int) -> list[Size]:
    sizes: list[Size] = ["text"] * len(lines)
    for size in SIZES[1:]:
        for i, line in enumerate(lines):
            if not can_draw(line.whole) or len(_drawn(line.whole, size)[0]) > width:
                continue
            grown = [*sizes[:i], size, *sizes[i + 1 :]]
            if sum(map(_height, lines, grown)) + len(lines) - 1 <= height:
                sizes = grown
    return sizes


def _height(line: StageLine, size: Size) -> int:
    n_rows = {"text": 1, "narrow": N_ROWS, "big": N_ROWS, "huge": N_HUGE_ROWS}[size]
    return n_rows + bool(line.label)


def _drawn(text: str, size: Size) -> list[str]:
    if size == "text":
        return [text]
    return huge(text) if size == "huge" else big(text, is_wide=size == "big")


def _block(line: StageLine, size: Size, width: int) -> list[Row]:
    label: list[Row] = [[(line.label, ".muted")]] if line.label else []
    if size == "text":
        row: Row = [(part, line.style) for part in wrap(line.text, width - 4, 1)]
        return [*label, [*row, (f" {line.mark}", line.mark_style)] if line.mark else row]
    # A letter that follows another is drawn with a gap before it, so parts are drawn as one.
    whole, text = _drawn(line.whole, size), _drawn(line.text, size)
    split = cell_len(text[0])
    return label + [
        [(row_text[:split], line.style), (row_text[split:], line.mark_style)] for row_text in whole
    ]


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
_TYPEWRITTEN = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "—": "–"}  # no big letters


class SlideText(Struct, frozen=True):
    """What is on a slide; `place` is where in the talk it is ("3/14")."""

    title: str = ""
    text: tuple[str, ...] = ()
    place: str = ""


class SlideSheet(Sheet[SlideText]):
    def draw(self, view: SlideText, width: int, height: int) -> list[Row]:
        inner = max(1, width - 2 * SLIDE_MARGIN)
        room = max(1, height - 2)
        title = _title(view.title, inner, room if not view.text else room * 2 // 3)
        body = _body(view.text, inner, room - len(title) - (1 if title else 0))
        block = [*title, *([[]] if title and body else []), *body]
        n_above = max(0, room - len(block)) // 2
        rows: list[Row] = [[] for _ in range(n_above)]
        rows += [centred(row, width) for row in block][:room]
        rows += [[] for _ in range(height - 1 - len(rows))]
        return [*rows, spread([], [(f"{view.place} ", ".muted")], width)]


def _title(text: str, width: int, height: int) -> list[Row]:
    text = _typed(text)
    lines = big_wrapped(text, width, height, is_wide=True)
    lines = lines or big_wrapped(text, width, height, is_wide=False) or wrap(text, width, height)
    return [[(line, ".lit-text")] for line in lines if text]


def _body(texts: tuple[str, ...], width: int, height: int) -> list[Row]:
    for is_wide in (True, False):
        drawn = [big_wrapped(_typed(text), width, height, is_wide=is_wide) for text in texts]
        if all(drawn) and sum(map(len, drawn)) <= height:
            return [[(line, ".strong")] for lines in drawn for line in lines]
    paragraphs = [wrap(text, width, max(1, height)) for text in texts]
    widest = max((cell_len(line) for lines in paragraphs for line in lines), default=0)
    has_gaps = sum(map(len, paragraphs)) + len(paragraphs) - 1 <= height
    rows: list[Row] = []
    for lines in paragraphs:
        if rows and has_gaps:
            rows.append([])
        rows += [[(line + " " * (widest - cell_len(line)), ".strong")] for line in lines]
    return rows[: max(0, height)]


def _typed(text: str) -> str:
    return "".join(_TYPEWRITTEN.get(character, character) for character in text)
