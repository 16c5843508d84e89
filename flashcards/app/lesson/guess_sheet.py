"""The guess, the right answer under it piece by piece, and how wrong that was, as in the chart."""

import math
from difflib import SequenceMatcher
from itertools import takewhile, zip_longest
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.widgets.bars import column, history_marks
from flashcards.app.widgets.cells import (
    LIT,
    Row,
    Sheet,
    clusters,
    cut,
    fitting,
    in_lines,
    padded,
    wrap,
)
from flashcards.app.widgets.letters import N_ROWS, big, big_width, can_draw
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs import values as val
from flashcards.wording import lesson, numbers
from flashcards.wording.pieces import written

LABEL_WIDTH = 9
N_TALL = 3
MIN_HEIGHT_BIG = 2 * N_ROWS + 4  # guess and answer in big letters, marks, bars, error, history
MARKS: dict[val.Mark, str] = {"right": "✓ right", "nearly": "≈ nearly", "wrong": "✗ wrong"}
END = "⏎"
MORE = "…"
Pair = tuple[str | None, val.AnswerPiece | None]
LetterSize = Literal["small", "narrow", "wide"]


class GuessView(Struct, frozen=True):
    """One correction as far as it has come, or what is awaited; `guessing_nats` fill a bar. A plain
    one is said and right, in words, without errors and history."""

    correction: val.Correction | None = None
    phase: val.Phase | None = None
    guessing_nats: float = 1.0
    message: str = ""
    is_plain: bool = False


class PieceColumn(Struct, frozen=True):
    """What stands above one another at one position: the guess, its mark, the answer, a bar."""

    guess: str
    answer: str
    is_right: bool | None
    surprise_nats: float | None
    is_end: bool
    width: int


class GuessSheet(Sheet[GuessView]):
    def draw(self, view: GuessView, width: int, height: int) -> list[Row]:
        correction = view.correction
        if correction is None:
            lines = wrap(view.message, width, height)
            return [[], *[[(line, ".muted")] for line in lines]]
        room = width - LABEL_WIDTH
        columns = columns_of(correction, room)
        height_big = 2 * N_ROWS + 1 if view.is_plain else MIN_HEIGHT_BIG
        size = letter_size(columns, room) if height >= height_big else "small"
        if size == "small":
            lines_of_columns, gap = arrange(columns, room)
        else:
            lines_of_columns, gap = [sized(columns, size)], 1
        if correction.pieces is None:
            lines_of_columns = [[replace(c, answer="") for c in ln] for ln in lines_of_columns]
        plan = GuessRows(height, len(lines_of_columns), size, is_plain=view.is_plain)
        shown = _window(lines_of_columns, plan.n_lines)
        rows: list[Row] = [[] for _ in range(plan.n_top)]
        for i, line in enumerate(shown):
            rows += [[]] if i and plan.has_gaps else []
            rows += _piece_rows(view, line, gap, plan, is_first=i == 0)
        if view.is_plain:
            return rows
        rows += [[] for _ in range(plan.n_gap_before_error)]
        label = "" if plan.n_bar_rows else tr("error")
        rows.append([*_label(label, view.phase == "error"), *_error(correction, room)])
        if plan.has_history:
            rows += [[] for _ in range(plan.n_gap_before_history)]
            rows.append(_history_row(correction.history, room))
        return rows


class GuessRows:
    """Which rows there is room for: guess, answer and error first, then the rest."""

    def __init__(
        self, height: int, n_lines: int, size: LetterSize, *, is_plain: bool = False
    ) -> None:
        n_needed = 3 if size == "small" else 2 * N_ROWS + 1
        height += is_plain  # without the row of the error
        self.size = size
        self.n_lines = n_lines = max(1, min(n_lines, (height - 1) // n_needed))
        self._spare = height - n_needed * n_lines - 1
        self.n_bar_rows = 0 if is_plain else min(1, self._take(n_lines))
        self.has_history = not is_plain and self._take(1) > 0
        self.n_top = self._take(1)
        self._take(self.n_top)  # as much below as above
        self.has_gaps = self._take(n_lines - 1) > 0
        self.n_gap_before_bars = self._take(1) if self.n_bar_rows and n_lines == 1 else 0
        self.n_gap_before_history = self._take(1)
        self.n_gap_before_error = 0 if self.n_bar_rows else self._take(1)
        if self.n_bar_rows and self._take((N_TALL - 1) * n_lines):
            self.n_bar_rows = N_TALL

    def _take(self, n: int) -> int:
        """So many rows of those to spare, or none."""
        n = n if n <= self._spare else 0
        self._spare -= n
        return n


def columns_of(correction: val.Correction, room: int) -> list[PieceColumn]:
    pieces = correction.pieces
    if pieces is None:
        stand_ins = [*clusters(printable(correction.answer)), END]
        pieces = tuple(val.AnswerPiece(text, math.nan, False) for text in stand_ins)
    texts = _guess_texts(correction.guess or (), len(pieces), room)
    is_known = correction.guess is not None and bool(correction.pieces)
    is_aligned = is_known and len(texts) != len(pieces) - 1
    columns = []
    for text, piece in _aligned(texts, pieces) if is_aligned else zip_longest(texts, pieces):
        said = text or ""
        is_end = piece is not None and piece is pieces[-1]
        answer = "" if piece is None else written(piece.text)
        is_right = None
        if is_known and not (is_end and text is None):
            is_right = not is_end and said == answer
        said, answer = cut(said, room), cut(answer, room)
        width = max(1, cell_len(said), cell_len(answer))
        surprise = None
        if piece is not None and math.isfinite(piece.before):
            surprise = -math.log(piece.before) if piece.before > 0 else math.inf
        columns.append(PieceColumn(said, answer, is_right, surprise, is_end, width))
    return columns


def _aligned(texts: list[str], pieces: tuple[val.AnswerPiece, ...]) -> list[Pair]:
    """None where a piece is missing, or one too many."""
    right = [written(piece.text) for piece in pieces]
    # what begins alike is not searched: else one slip among like pieces may look like more
    n = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(texts, right, strict=False)))
    pairs: list[Pair] = list(zip(texts[:n], pieces[:n], strict=True))
    rest = SequenceMatcher(None, texts[n:], right[n:], autojunk=False)
    for _, i, i_end, j, j_end in rest.get_opcodes():
        pairs += zip_longest(texts[n + i : n + i_end], pieces[n + j : n + j_end])
    return pairs


def _guess_texts(guess: tuple[val.GuessPiece, ...], n_pieces: int, room: int) -> list[str]:
    """The guess's pieces. One that runs on and on is cut soon after the answer's end."""
    texts = [written(piece.text) for piece in guess]
    n_cells = sum(max(1, cell_len(text)) + 2 for text in texts) - 2
    if len(texts) <= n_pieces + 1 or n_cells <= room:
        return texts
    return [*texts[:n_pieces], MORE]


def arrange(columns: list[PieceColumn], room: int) -> tuple[list[list[PieceColumn]], int]:
    n = len(columns)
    total = sum(column.width for column in columns)
    narrow = all(column.width <= 2 for column in columns)
    for gap in (4, 3, 2, 1, 0) if narrow else (2, 1):
        if total + gap * max(0, n - 1) <= (room if gap < 3 else room * 2 // 3):
            return [columns], gap
    gap = 0 if narrow else 1
    return in_lines(columns, lambda column_: column_.width, room, gap), gap


def letter_size(columns: list[PieceColumn], room: int) -> LetterSize:
    texts = [text for column_ in columns for text in _big_texts(column_)]
    if not all(can_draw(text) for text in texts) or not texts:
        return "small"
    sizes: tuple[LetterSize, ...] = ("wide", "narrow")
    for size in sizes:
        widths = [column_.width for column_ in sized(columns, size)]
        if sum(widths) + len(widths) - 1 <= room:
            return size
    return "small"


def _big_texts(column_: PieceColumn) -> list[str]:
    """What is drawn big: not the answer's end, nor that a guess runs on."""
    answer = "" if column_.is_end else column_.answer
    return [text for text in (column_.guess, answer) if text not in ("", MORE)]


def sized(columns: list[PieceColumn], size: LetterSize) -> list[PieceColumn]:
    def width(column_: PieceColumn) -> int:
        texts = _big_texts(column_)
        return max([1, *(big_width(text, is_wide=size == "wide") for text in texts)])

    return [replace(column_, width=width(column_)) for column_ in columns]


def _window(lines: list[list[PieceColumn]], n: int) -> list[list[PieceColumn]]:
    """`n` of the lines: from the start, or as far down as the first wrong piece asks for."""
    first = next((i for i, line in enumerate(lines) if any(c.is_right is False for c in line)), 0)
    start = max(0, min(first, len(lines) - n))
    return lines[start : start + n]


def _piece_rows(
    view: GuessView, line: list[PieceColumn], gap: int, plan: GuessRows, *, is_first: bool
) -> list[Row]:
    assert view.correction is not None
    is_guessing = view.phase in ("model", "prediction")
    says = "it says" if is_guessing or view.phase is None else "it said"  # before the correction
    names = (tr(says), tr("right is")) if view.is_plain else (tr("guess"), tr("answer"))
    guess, answer = (
        _labelled(name if is_first else "", plan, is_lit=is_guessing and name == names[0])
        for name in names
    )
    marks: Row = [(" " * LABEL_WIDTH, "")]
    if is_first and view.correction.mark is not None:
        whole = view.correction.mark
        marks = [(padded(tr(MARKS[whole]), LABEL_WIDTH), f".{whole}")]
        if view.correction.is_by_rule:
            marks = [(padded(tr("↻ rule"), LABEL_WIDTH), ".nearly")]
    bars = [_label("", False) for _ in range(plan.n_bar_rows)]
    if bars and is_first:
        bars[-1] = _label(tr("error"), view.phase == "error")
    space = (" " * gap, "")
    for column_ in line:
        style = {None: ".strong", True: ".right", False: ".wrong"}[column_.is_right]
        for row, text in zip(guess, _letters(column_.guess, plan.size), strict=True):
            row += [(padded(text, column_.width), style), space]
        mark: val.Mark = "right" if column_.is_right else "wrong"
        sign = "" if column_.is_right is None else lesson.MARK_SIGNS[mark]
        if plan.size != "small":  # under each letter of a right piece, else in the middle
            n = len(column_.guess) if column_.is_right else 1
            each = (column_.width + 1) // n
            sign = ((" " * ((each - 1) // 2) + sign).ljust(each) * n).rstrip()
        marks += [(padded(sign, column_.width), style), space]
        size: LetterSize = "small" if column_.is_end else plan.size
        lines = _letters("" if view.is_plain and column_.is_end else column_.answer, size)
        lines = [""] * (len(answer) - len(lines)) + lines
        for row, text in zip(answer, lines, strict=True):
            answer_style = ".muted" if column_.is_end else ".strong"
            row += [(padded(text, column_.width), answer_style), space]
        for row, bar in zip(bars, _bar(view, column_, plan), strict=True):
            row += [(padded(bar, column_.width), _surprise_style(view, column_)), space]
    gaps: list[Row] = [[] for _ in range(plan.n_gap_before_bars)]
    return [*guess, marks, *answer, *gaps, *bars]


def _labelled(text: str, plan: GuessRows, *, is_lit: bool) -> list[Row]:
    """The label of big or small letters, beside their lower half."""
    n_rows = 1 if plan.size == "small" else N_ROWS
    rows = [_label("", False) for _ in range(n_rows)]
    rows[n_rows // 2] = _label(text, is_lit)
    return rows


def _letters(text: str, size: LetterSize) -> list[str]:
    if size == "small":
        return [text]
    if text in ("", MORE):
        return [""] * (N_ROWS - 1) + [text]
    return big(text, is_wide=size == "wide")


def _bar(view: GuessView, column_: PieceColumn, plan: GuessRows) -> list[str]:
    if column_.surprise_nats is None:
        return [""] * plan.n_bar_rows
    width = min(column_.width, 3) if plan.size != "wide" else column_.width
    share = column_.surprise_nats / view.guessing_nats if view.guessing_nats > 0 else 1.0
    return [glyph * width for glyph in column(share, plan.n_bar_rows)]


def _surprise_style(view: GuessView, column_: PieceColumn) -> str:
    surprise = column_.surprise_nats
    if surprise is None or surprise < math.log(2):
        return ".right"
    return ".wrong" if surprise > view.guessing_nats / 2 else ".nearly"


def _error(correction: val.Correction, room: int) -> Row:
    if correction.error_nats is None or not correction.pieces:
        return []
    error = numbers.nats(correction.error_nats / len(correction.pieces))
    zero = fitting(room - cell_len(error) - 2, tr("0 = expected it"), tr("0 = expected"))
    return [(error, ".strong"), (f"  {zero}", ".muted")]


def _history_row(history: str, room: int) -> Row:
    row = _label(tr("history"), False)
    if not history:
        return [*row, (cut(tr("first time"), room), ".muted")]
    marks = history_marks(history, min(room, len(history)))
    return [*row, *((mark, style) for text, style in marks for mark in text)]


def _label(text: str, is_lit: bool) -> Row:
    if is_lit and text:
        return [(text, LIT), (" " * (LABEL_WIDTH - cell_len(text)), "")]
    return [(padded(text, LABEL_WIDTH), ".muted")]
