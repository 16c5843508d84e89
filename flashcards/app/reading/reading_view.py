"""View 1 where a text is read: the passage, what the model writes by itself, both errors."""

import math
import re
from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container, Horizontal

from flashcards.app.room import StatusLine
from flashcards.app.view import View
from flashcards.app.widgets.bars import EXPECTED, ScoreBars, scores_of
from flashcards.app.widgets.cells import Row, Sheet, clusters, cut, merged, padded, spread
from flashcards.app.widgets.charts import LossChart, ShareChart, getting_better, losses_of
from flashcards.app.widgets.frame import VerdictView
from flashcards.base.language import tr
from flashcards.runs.events import TextWritten
from flashcards.runs.state import RunState
from flashcards.runs.values import AnswerPiece, Correction
from flashcards.wording import facts, lesson, numbers, texts

LINE_END = "↵"
BARS = " ▁▂▃▄▅▆▇█"
FULL_NATS = 6.0
"""A surprise at which the bar is full: the piece had been given one chance in 400."""


class PassageSheet(Sheet[tuple[Correction | None, str, bool]]):
    """The window of an update that was measured, or what is awaited, and whether its pieces are
    letters: each next piece, and a bar for how surprising it was."""

    def draw(self, view: tuple[Correction | None, str, bool], width: int, height: int) -> list[Row]:
        correction, waiting, has_letters = view
        title = "It guesses each next letter" if has_letters else "It guesses what comes next"
        legend: Row = [(f"{tr('▁ right')}  ", ".right"), (f"{tr('▂ right, unsure')}  ", ".nearly")]
        legend.append((tr("█ wrong"), ".wrong"))
        rows = [spread([(tr(title), ".title")], legend, width)]
        if correction is None:
            return [*rows, [(waiting, ".muted")]]
        if not correction.pieces:  # it is being read just now
            return [*rows, [(cut(correction.answer, width), ".muted")]]
        first = texts.n_before(correction.pieces)
        pieces = correction.pieces[first:]
        guess = (correction.guess or ())[first:]
        n_fit = _n_fitting(pieces, width - 1)
        reads, bars = [("…", ".muted")], [(" ", "")]
        for piece in pieces[:n_fit]:
            text = printed(piece.text)
            is_sure = piece.before >= EXPECTED
            style = ".wrong" if not piece.is_best else ".right" if is_sure else ".nearly"
            reads.append((text, style))
            bars.append((bar(piece) * cell_len(text), style))
        worst = texts.least_expected(pieces[:n_fit], guess)
        return [*rows, merged(reads), merged(bars), [(worst, ".muted")]]


def printed(text: str) -> str:
    """A piece as it is shown: never empty."""
    return text or "?"


def bar(piece: AnswerPiece) -> str:
    """Low where it was right, else the higher the more surprising: it works without colour."""
    if piece.is_best:
        return BARS[1 if piece.before >= EXPECTED else 2]
    share = min(1.0, -math.log(max(piece.before, 1e-9)) / FULL_NATS)
    return BARS[4 + int(4 * share)]


def _n_fitting(pieces: Sequence[AnswerPiece], width: int) -> int:
    used = 0
    for n, piece in enumerate(pieces):
        used += cell_len(printed(piece.text))
        if used > width:
            return n
    return len(pieces)


class WritingSheet(Sheet[TextWritten | None]):
    """The text that was written last, and what of it is copied."""

    def draw(self, view: TextWritten | None, width: int, height: int) -> list[Row]:
        title: Row = [(tr("It writes, by itself"), ".title")]
        if view is None:
            return [title]
        written = view
        n = len(view.copied)
        copied_note = tr("underlined: {n} letters copied", n=n) if n else ""
        rows = [spread(title, [(copied_note, "underline")], width)]
        n_left = height - 1
        is_marked = False
        for i, line in enumerate(written.lines):
            n_lines = max(1, n_left // (len(written.lines) - i))
            at = -1 if is_marked else line.find(written.copied)
            is_marked = is_marked or at >= 0
            lit = range(at, at + n) if at >= 0 and n else range(0)
            rows += _lines(line, lit, width - 1, n_lines)
            n_left = height - len(rows)
        return rows


def _lines(text: str, lit: range, width: int, n_lines: int) -> list[Row]:
    """The text in lines, whole words; what is copied is underlined, line ends are faint. An
    ellipsis behind the last line, one cell beyond `width`, says that there is more."""
    rows: list[Row] = [[("› ", ".muted")]]
    used, place = 2, 0
    for word in re.findall(rf"{LINE_END}|[^ {LINE_END}]+ *| +", text):
        if 2 < used > width - cell_len(word.rstrip()):
            rows.append([("  ", "")])
            used = 2
        for cluster in clusters(word):
            if 2 < used > width - cell_len(cluster.rstrip()):
                rows.append([("  ", "")])
                used = 2
            style = "underline" if place in lit else ""
            rows[-1].append((cluster, ".muted" if cluster == LINE_END else style))
            place += len(cluster)
            used += cell_len(cluster)
        if word == LINE_END and place < len(text):
            rows.append([("  ", "")])
            used = 2
    if len(rows) > n_lines:
        rows[n_lines - 1].append(("…", ""))
    return [merged(row) for row in rows[:n_lines]]


class Standings(Struct, frozen=True):
    """Names and errors in passages kept back, largest first; `guessing_nats` fills a bar."""

    lines: tuple[tuple[str, float], ...] = ()
    guessing_nats: float = 1.0


class RivalSheet(Sheet[Standings]):
    def draw(self, view: Standings, width: int, height: int) -> list[Row]:
        rows: list[Row] = [[(tr("error: counting, and the model"), ".title")]]
        lines = view.lines[-(height - 1) :] if height > 1 else ()
        longest = max((cell_len(name) for name, _ in lines), default=0)
        room = width - longest - 6
        for name, error_nats in lines:
            n_cells = max(1, round(room * error_nats / max(view.guessing_nats, 1e-6)))
            sign = "▒"
            style = ".muted"
            bar_style = ".muted"
            if name == tr("the model"):
                sign = "█"
                style = ".strong"
                bar_style = ".unseen"
            bar = (sign * min(room, n_cells), bar_style)
            rows.append(
                [(f"{padded(name, longest)} ", style), bar, (f" {numbers.nats(error_nats)}", style)]
            )
        return rows


def standings(state: RunState) -> Standings:
    start, exam = state.start, state.exams.last
    guessing = 1.0 if start is None else start.guessing_nats
    lines = []
    for rival in state.rivals:
        _, unseen_nats = texts.per_piece(state, rival)
        if unseen_nats is not None:
            lines.append((facts.rival_name(rival.name), unseen_nats))
    lines.append((tr("blind guess"), guessing))
    if exam is not None and exam.unseen_loss_nats is not None:
        lines.append((tr("the model"), exam.unseen_loss_nats))
    return Standings(tuple(sorted(lines, key=lambda line: -line[1])), guessing)


class ReadingView(View):
    CSS_PATH = "reading.tcss"
    SHOWS_PAST = True
    GOES_ON = True

    def body(self) -> ComposeResult:
        yield PassageSheet()
        yield WritingSheet()
        with Container(id="curves"):
            yield ShareChart()
            with Horizontal(id="errors"):
                yield LossChart()
                yield RivalSheet()
        yield ScoreBars()

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        waiting = "" if state.start is None else facts.about(state.start)
        if state.start is None and state.liveness != "failed":
            waiting = lesson.stage(state)
        scores = scores_of(state)
        self.query_one(PassageSheet).show((state.card.now, waiting, scores.of_letters))
        self.query_one(WritingSheet).show(state.written)
        self.query_one(ShareChart).show(getting_better(state, is_past=self.past is not None))
        bars = self.query_one(ScoreBars)
        bars.show(scores)
        bars.display = state.start is not None
        self.query_one(LossChart).show(losses_of(state, self.markers))
        self.query_one(RivalSheet).show(standings(state))
        return sentence
