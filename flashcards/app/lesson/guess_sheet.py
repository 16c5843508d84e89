"""The guess and the right answer, one under the other, each in one piece; how little it expected
the pieces of the answer, as bars under its letters; and how wrong that was, as in the chart."""

import math
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.widgets import emoji
from flashcards.app.widgets.bars import column, history_marks
from flashcards.app.widgets.cells import (
    LIT,
    Rgb,
    Row,
    Sheet,
    clusters,
    fitting,
    merged,
    padded,
    row_width,
    wrap,
)
from flashcards.app.widgets.letters import NARROW, SIZES, LetterSize, big, big_width, can_draw
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs import values as val
from flashcards.runs.marking import slip_at
from flashcards.wording import lesson, numbers
from flashcards.wording.pieces import visible

LABEL_WIDTH = 9
N_TALL = 3
END = "⏎"
MORE = "…"
MISSING = "_"
RUNS_ON = 4  # letters beyond twice the answer's: a guess so long is cut soon after the answer's end
N_BESIDE_LARGE = 4  # rows beside large letters: marks, bars, error, history


class GuessView(Struct, frozen=True):
    """One correction as far as it has come, or what is awaited; `guessing_nats` fill a bar. A plain
    one is said and right, in words, without errors. `remark`: what stands beside the mark of the
    guess; `is_over`: later steps followed."""

    correction: val.Correction | None = None
    phase: val.Phase | None = None
    guessing_nats: float = 1.0
    message: str = ""
    is_plain: bool = False
    has_history: bool = False
    remark: str = ""
    is_over: bool = False


class Letter(Struct, frozen=True):
    """One letter of the guess or the answer. `piece`: which piece of the answer it is in, and
    `surprise_nats` that piece's error; None where it is not known. `is_picture`: an emoji that is
    drawn, where letters are large."""

    text: str
    style: str = ".strong"
    piece: int = 0
    surprise_nats: float | None = None
    is_picture: bool = False

    @property
    def can_be_large(self) -> bool:
        return self.is_picture or can_draw(self.text)

    def width(self, size: LetterSize | None) -> int:
        """Cells to the next letter, in normal type if `size` is None. What can't be drawn large
        stands in normal type on the lowest row."""
        if size is None or not self.can_be_large:
            return cell_len(self.text)
        return size.n_cells * (size.n_of_picture if self.is_picture else 1)


Line = list[Letter]


class GuessSheet(Sheet[GuessView]):
    def draw(self, view: GuessView, width: int, height: int) -> list[Row]:
        correction = view.correction
        if correction is None:
            lines = wrap(view.message, width, height)
            return [[], *[[(line, ".muted")] for line in lines]]
        room = width - LABEL_WIDTH
        is_marked = view.phase != "prediction"  # ERROR says whether it is right
        guess, answer = guess_letters(correction), answer_letters(correction)
        if not is_marked:
            guess = [replace(letter, style=".strong") for letter in guess]
        if self.ground is not None:
            guess, answer = _with_pictures(guess), _with_pictures(answer)
        if view.is_plain:
            answer = answer[:-1]
        n_beside = (1 if view.is_plain else N_BESIDE_LARGE - 1) + view.has_history
        size = letter_size(guess, answer, room, height, n_beside)
        if size is None and correction.mark == "wrong":  # rather its beginning than normal type
            beginning = _beginning(guess, len(answer))
            if letter_size(beginning, answer, room, height, n_beside) is not None:
                guess, size = beginning, NARROW  # no larger than where there is more room
        guess_lines, answer_lines = in_lines(guess, room, size), in_lines(answer, room, size)
        n_guess, n_answer = len(guess_lines), len(answer_lines)
        if view.phase is not None:  # labels stay where they are from DATA on, without a guess yet
            n_guess = max(n_guess, n_answer)
        plan = GuessRows(
            height, n_guess, n_answer, size, is_plain=view.is_plain, has_history=view.has_history
        )
        first = _first_different(guess_lines, answer_lines)
        guess_lines = _window(guess_lines, first, plan.n_guess_lines)
        answer_lines = _window(answer_lines, first, plan.n_answer_lines)
        if correction.pieces is None:
            answer_lines = [[] for _ in answer_lines]

        is_guessing = view.phase in ("data", "model", "prediction")
        is_before = is_guessing or view.phase is None  # the correction
        says = "it says" if is_before and not view.is_over else "it said"
        names = (tr(says), tr("right is")) if view.is_plain else (tr("guess"), tr("answer"))
        guess_comes, answer_comes = _coming(view)
        guess_lines += [[] for _ in range(plan.n_guess_lines - len(guess_lines))]
        rows: list[Row] = [[] for _ in range(plan.n_top)]
        for i, line in enumerate(guess_lines):
            rows += _labelled(
                names[0] if i == 0 else "",
                _drawn(line, size, self.ground),
                is_lit=is_guessing,
                coming=guess_comes if i == 0 else "",
            )
        mark = _mark_row(correction, guess_lines, size) if is_marked else []
        remark: Row = [(f"   {view.remark}", ".muted")] if mark and view.remark else []
        rows.append([*mark, *remark] if row_width([*mark, *remark]) <= width else mark)
        for i, line in enumerate(answer_lines):
            rows += [[]] if i and plan.has_gaps else []
            drawn = _drawn(line, size, self.ground)
            is_first = i == 0
            rows += _labelled(
                names[1] if is_first else "", drawn, coming=answer_comes if is_first else ""
            )
            rows += [[] for _ in range(plan.n_gap_before_bars)]
            rows += _bar_rows(view, line, plan, is_first=i == 0)
        if not view.is_plain:
            rows += [[] for _ in range(plan.n_gap_before_error)]
            label = "" if plan.n_bar_rows else tr("error")
            rows.append([*_label(label, view.phase == "error"), *_error(correction, room)])
        if plan.has_history:
            rows += [[] for _ in range(plan.n_gap_before_history)]
            rows.append(_history_row(correction.history, room))
        return rows


class GuessRows:
    """The rows there is room for: the lines of guess and answer and the error first, then the
    rest."""

    def __init__(
        self,
        height: int,
        n_guess: int,
        n_answer: int,
        size: LetterSize | None,
        *,
        is_plain: bool = False,
        has_history: bool = True,
    ) -> None:
        self.size = size
        n_rows = 1 if size is None else size.n_rows
        n_others = 1 if is_plain else 2  # the mark, and the error
        n_most = max(2, (height - n_others) // n_rows)
        self.n_answer_lines = n = min(n_answer, n_most // 2)
        self.n_guess_lines = min(n_guess, n_most - n)
        self._spare = height - n_others - n_rows * (self.n_guess_lines + n)
        self.n_bar_rows = 0 if is_plain else min(1, self._take(n))
        self.has_history = has_history and self._take(1) > 0
        self.n_top = self._take(1)
        self._take(self.n_top)  # as much below as above
        self.has_gaps = self._take(n - 1) > 0
        self.n_gap_before_bars = self._take(1) if self.n_bar_rows and n == 1 else 0
        self.n_gap_before_history = self._take(1)
        self.n_gap_before_error = 0 if self.n_bar_rows else self._take(1)
        if self.n_bar_rows and self._take((N_TALL - 1) * n):
            self.n_bar_rows = N_TALL

    def _take(self, n: int) -> int:
        """So many rows of those to spare, or none."""
        n = n if n <= self._spare else 0
        self._spare -= n
        return n


def guess_letters(correction: val.Correction) -> Line:
    """The guess, with a blank where its one slip is a letter that is missing. One that runs on and
    on is cut soon after the answer's end."""
    if correction.guess is None:
        return []
    guess, answer = val.text_of(correction.guess), printable(correction.answer)
    texts = [*clusters(visible(printable(guess)) or lesson.nothing())]
    if len(texts) > 2 * len(answer) + RUNS_ON:
        texts = [*texts[: len(answer) + 1], MORE]
    style = {None: ".strong", "wrong": ".wrong"}.get(correction.mark, ".right")
    letters = [Letter(text, style) for text in texts]
    slip = _slip(correction)
    if slip is not None and len(guess) >= len(answer):
        letters[slip] = replace(letters[slip], style=".wrong")
    elif slip is not None:
        letters.insert(slip, Letter(MISSING, ".wrong"))
    return letters


def _beginning(guess: Line, n_answer: int) -> Line:
    """As many letters of a guess as the answer has, of which one is its end, and an ellipsis."""
    cut = guess[:n_answer]
    return guess if len(cut) == len(guess) else [*cut, replace(cut[-1], text=MORE)]


def _slip(correction: val.Correction) -> int | None:
    """The place of the one letter that is off in a guess that is nearly right."""
    if correction.mark != "nearly":
        return None
    guess, answer = val.text_of(correction.guess), correction.answer
    return slip_at(*([*clusters(printable(text))] for text in (guess, answer)))


def answer_letters(correction: val.Correction) -> Line:
    """The answer and its end, with the errors of its pieces where they are known. A piece without
    letters adds its error to the next one."""
    pieces = correction.pieces or ()
    if "".join(piece.text for piece in pieces[:-1]) != correction.answer:  # not known, or in bytes
        letters = [Letter(text) for text in clusters(printable(correction.answer))]
        return [*letters, Letter(f" {END}", ".muted")]
    answer: Line = []
    silent_nats = 0.0
    for place, piece in enumerate(pieces):
        is_end = place == len(pieces) - 1
        nats = silent_nats + surprise_of(piece)
        texts = [f" {END}"] if is_end else [*clusters(printable(piece.text))]
        silent_nats = 0.0 if texts else nats
        style, surprise_nats = ".muted" if is_end else ".strong", None if math.isnan(nats) else nats
        answer += [Letter(text, style, place, surprise_nats) for text in texts]
    slip = _slip(correction)
    if slip is not None and len(correction.answer) > len(val.text_of(correction.guess)):
        answer[slip] = replace(answer[slip], style=".wrong")
    return answer


def surprise_of(piece: val.AnswerPiece) -> float:
    """The piece's error in nats; NaN where it is not known."""
    if not math.isfinite(piece.before):
        return math.nan
    return -math.log(piece.before) if piece.before > 0 else math.inf


def _with_pictures(letters: Line) -> Line:
    """The letters, of which emoji that the font has are pictures."""
    return [
        replace(letter, is_picture=True) if emoji.pictured(letter.text) else letter
        for letter in letters
    ]


def in_lines(letters: Line, room: int, size: LetterSize | None) -> list[Line]:
    """The letters in lines of at most so many cells, at spaces where there are any."""
    lines: list[Line] = [[]]
    for letter in letters:
        line = lines[-1]
        line.append(letter)
        if len(line) == 1 or _width(line, size) <= room:
            continue
        spaces = [place for place, other in enumerate(line) if other.text == " "]
        begin = spaces[-1] + 1 if spaces else len(line) - 1
        lines[-1:] = [line[:begin], line[begin:]]
    return [line for line in lines if line]


def _width(line: Line, size: LetterSize | None) -> int:
    """Cells of a line; neither the gap after its last letter nor a space at its end counts."""
    while line and line[-1].text == " ":
        line = line[:-1]
    gap = 0
    if size is not None and line and line[-1].can_be_large:
        gap = size.n_cells - big_width("x", size)
    return sum(letter.width(size) for letter in line) - gap


def letter_size(
    guess: Line, answer: Line, room: int, height: int, n_beside: int
) -> LetterSize | None:
    """The largest letters in which guess and answer fit beside so many rows; None for normal type.
    Only in the smallest of them a word is broken: so none is smaller where there is more room."""
    texts = [letter for letter in (*guess, *answer) if letter.text not in (MORE, f" {END}")]
    if not all(letter.can_be_large for letter in texts):
        return None
    for size in reversed(SIZES):
        if 2 * size.n_rows + n_beside > height:
            continue
        guess_lines, answer_lines = in_lines(guess, room, size), in_lines(answer, room, size)
        n_lines = max(len(guess_lines), len(answer_lines)) + len(answer_lines)
        is_broken = any(
            line[-1].text != " " for text in (guess_lines, answer_lines) for line in text[:-1]
        )
        is_room = n_lines * size.n_rows + n_beside <= height
        if is_room and (size == NARROW or not is_broken):
            return size
    return None


def _first_different(guess: Sequence[Line], answer: Sequence[Line]) -> int:
    """The line in which guess and answer part, 0 where they don't."""
    texts = [["".join(letter.text for letter in line) for line in text] for text in (guess, answer)]
    pairs = enumerate(zip(*texts, strict=False))
    return next(
        (place for place, (guess_line, answer_line) in pairs if guess_line != answer_line), 0
    )


def _window(lines: list[Line], first: int, n: int) -> list[Line]:
    """`n` of the lines, the `first` one among them; an ellipsis says that the text goes on."""
    start = max(0, min(first, len(lines) - n))
    window = lines[start : start + n]
    if start + n < len(lines):
        window[-1] = [*window[-1][:-1], Letter(MORE, window[-1][-1].style)]
    return window


def _drawn(line: Line, size: LetterSize | None, ground: Rgb | None) -> list[Row]:
    """The rows of one line of letters, one in normal type."""
    n_rows = 1 if size is None else size.n_rows
    rows: list[Row] = [[] for _ in range(n_rows)]
    for letter in line:
        cells: list[Row] = [[(letter.text, letter.style)]]
        if size is not None and letter.is_picture and ground is not None:
            cells = emoji.picture(letter.text, 2 * n_rows, n_rows, ground)
        elif size is not None and letter.can_be_large:
            cells = [[(text, letter.style)] for text in big(letter.text, size)]
        cells = [*([[]] * (n_rows - len(cells))), *cells]
        for row, more in zip(rows, cells, strict=True):
            row += [*more, (" " * (letter.width(size) - row_width(more)), letter.style)]
    return [merged(row) for row in rows]  # letters that join must stand in one text


def _labelled(label: str, rows: list[Row], *, is_lit: bool = False, coming: str = "") -> list[Row]:
    """The label of a line, beside the lower half of large letters; `coming`: what stands there
    until the line is known."""
    labels = [_label("", False) for _ in rows]
    remark: Row = [(f"({coming})", ".muted")] if coming else []
    labels[len(rows) // 2] = [*_label(label, is_lit), *remark]
    return [[*label, *row] for label, row in zip(labels, rows, strict=True)]


def _coming(view: GuessView) -> tuple[str, str]:
    """Say in place of the guess and of the right answer that they are not there yet; "" of what
    is."""
    correction = view.correction
    if correction is None or view.phase is None:
        return "", ""
    guess = answer = ""
    if correction.guess is None:
        guess = tr("working on it…") if view.phase == "model" else tr("not asked yet")
    if correction.pieces is None:
        answer = tr("hidden for now")
        if view.phase == "prediction":
            answer = tr("comes next")
    return guess, answer


def _mark_row(correction: val.Correction, guess: Sequence[Line], size: LetterSize | None) -> Row:
    """The mark of the guess; of one with a single slip a cross is under it."""
    mark = correction.mark
    if mark is None:
        return _label("", False)
    label, style = lesson.MARKS[mark], f".{mark}"
    if correction.is_by_rule:
        label, style = "↻ rule", ".nearly"
    row: Row = [(padded(tr(label), LABEL_WIDTH), style)]
    slip = _slip(correction)
    if slip is not None and len(guess) == 1:
        n_before = sum(letter.width(size) for letter in guess[0][:slip])
        n_before += 0 if size is None else (size.n_cells - 1) // 2
        row.append((" " * n_before + lesson.MARK_SIGNS["wrong"], ".wrong"))
    return row


def _bar_rows(view: GuessView, line: Line, plan: GuessRows, *, is_first: bool) -> list[Row]:
    """A bar under the letters of each piece, as high as its error. It leaves a gap to the next one,
    but for single small letters, which stand close."""
    rows = [_label("", False) for _ in range(plan.n_bar_rows)]
    if rows and is_first:
        rows[-1] = _label(tr("error"), view.phase == "error")
    for _, piece in groupby(line, attrgetter("piece")):
        letters = [*piece]
        width = sum(letter.width(plan.size) for letter in letters)
        n_before = _n_before(letters, plan.size)
        is_close = plan.size is None and len(letters) == 1
        n_cells = max(1, width - n_before - (not is_close))
        nats = letters[0].surprise_nats
        bars = [""] * plan.n_bar_rows
        if nats is not None:
            share = nats / view.guessing_nats if view.guessing_nats > 0 else 1.0
            bars = [glyph * n_cells for glyph in column(share, plan.n_bar_rows)]
        for row, bar in zip(rows, bars, strict=True):
            row.append((padded(" " * n_before + bar, width), _surprise_style(view, nats)))
    return rows


def _n_before(piece: Line, size: LetterSize | None) -> int:
    """Cells before the first letter of a piece that begins with a space."""
    n_before = 0
    for letter in piece:
        if letter.text.strip(" "):
            return n_before + len(letter.text) - len(letter.text.lstrip(" "))
        n_before += letter.width(size)
    return 0  # the piece is a space, which has its bar


def _surprise_style(view: GuessView, nats: float | None) -> str:
    if nats is None or nats < math.log(2):
        return ".right"
    return ".wrong" if nats > view.guessing_nats / 2 else ".nearly"


def _error(correction: val.Correction, room: int) -> Row:
    if correction.error_nats is None or not correction.pieces:
        return []
    error = numbers.nats(correction.error_nats / len(correction.pieces))
    zero = fitting(room - cell_len(error) - 2, tr("0 = expected it"), tr("0 = expected"))
    return [(error, ".strong"), (f"  {zero}", ".muted")]


def _history_row(history: str, room: int) -> Row:
    if not history:  # the card says that it is taught for the first time
        return []
    row = _label(tr("earlier"), False)
    marks = history_marks(history, min(room, len(history)))
    return [*row, *((mark, style) for text, style in marks for mark in text)]


def _label(text: str, is_lit: bool) -> Row:
    if is_lit and text:
        return [(text, LIT), (" " * (LABEL_WIDTH - cell_len(text)), "")]
    return [(padded(text, LABEL_WIDTH), ".muted")]
