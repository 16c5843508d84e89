"""View 1 where a text is read: the passage, what the model writes by itself, both errors."""

import math
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container

from flashcards.app.view import View, hidden
from flashcards.app.widgets.bars import surprise_style
from flashcards.app.widgets.cells import Row, Sheet, clusters, cut, padded, spread
from flashcards.app.widgets.charts import LossChart, losses_of
from flashcards.app.widgets.frame import VerdictView
from flashcards.app.widgets.plot import merged
from flashcards.base.language import tr
from flashcards.runs.events import TextWritten
from flashcards.runs.state import RunState
from flashcards.runs.values import AnswerPiece, Correction
from flashcards.runs.verdict import percent
from flashcards.wording import facts, lesson, numbers, texts

LINE_END = "↵"
BARS = " ▁▂▃▄▅▆▇█"
FULL_NATS = 6.0
"""A surprise at which the bar is full: the piece had been given one chance in 400."""


class PassageSheet(Sheet[tuple[Correction | None, str]]):
    """The window of an update that was measured, or what is awaited: each next piece, a bar for how
    surprising it was, and what was expected in its place."""

    def draw(self, view: tuple[Correction | None, str], width: int, height: int) -> list[Row]:
        title: Row = [(tr("It reads, and guesses what comes next"), ".title")]
        legend: Row = [
            (tr("▁ expected"), ".right"),
            ("  ", ""),
            (tr("▄ unsure"), ".nearly"),
            ("  ", ""),
            (tr("█ surprise"), ".wrong"),
        ]
        rows = [spread(title, legend, width)]
        correction, waiting = view
        if correction is None:
            return [*rows, [(waiting, ".muted")]]
        if not correction.pieces:  # it is being read just now
            return [*rows, [(cut(correction.answer, width), ".muted")]]
        pieces, guess = correction.pieces, correction.guess or ()
        n_fit = _n_fitting(pieces, width)
        reads, bars, said = Row(), Row(), Row()
        for place, piece in enumerate(pieces[:n_fit]):
            text, style = printed(piece.text), surprise_style(piece.before)
            cells = cell_len(text)
            reads.append((text, style))
            bars.append((bar(piece.before) * cells, style))
            expected = guess[place].text if place < len(guess) else ""
            shown = "·" if piece.is_best else cut(printed(expected), cells)
            said.append((shown + " " * (cells - cell_len(shown)), ".muted"))
        rows += [merged(reads), merged(bars), merged(said)]
        worst = texts.least_expected(pieces[:n_fit] if height > 5 else pieces, guess)
        rows += [[], [(worst, ".muted")]] if height > 5 else [[(worst, ".muted")]]
        return rows


def printed(text: str) -> str:
    """A piece as it is shown: never empty."""
    return text or "?"


def bar(probability: float) -> str:
    """The higher the more surprising: a sign that works without colour."""
    surprise = -math.log(max(probability, 1e-9))
    return BARS[1 + min(len(BARS) - 2, int(surprise / FULL_NATS * (len(BARS) - 1)))]


def _n_fitting(pieces: Sequence[AnswerPiece], width: int) -> int:
    used = 0
    for n, piece in enumerate(pieces):
        used += cell_len(printed(piece.text))
        if used > width:
            return n
    return len(pieces)


class WritingSheet(Sheet[TextWritten | Correction | None]):
    """What was written last, with what is copied; deeper, where the passage surprised it most."""

    def draw(self, view: TextWritten | Correction | None, width: int, height: int) -> list[Row]:
        if isinstance(view, Correction):
            return _surprises(view, width, height)
        title: Row = [
            (tr("It writes, by itself"), ".title"),
            (f"  {tr('enter: its surprises')}", ".muted"),
        ]
        if view is None:
            return [title]
        written, n = view, len(view.copied)
        told = tr("letters copied: {n}", n=n)
        rows = [spread(title, [(told, ".strong")], width)]
        n_left, is_marked = height - 1, False
        for i, line in enumerate(written.lines):
            n_lines = max(1, n_left // (len(written.lines) - i))
            at = -1 if is_marked else line.find(written.copied)
            is_marked = is_marked or at >= 0
            lit = range(at, at + n) if at >= 0 and n else range(0)
            rows += _lines(line, lit, width, n_lines)
            n_left = height - len(rows)
        return rows


def _surprises(correction: Correction, width: int, height: int) -> list[Row]:
    pieces, guess = correction.pieces or (), correction.guess or ()
    title: Row = [(tr("Least expected in this passage"), ".title")]
    rows = [spread(title, [(tr("enter: what it writes"), ".muted")], width)]
    # a window's first piece follows nothing
    places = sorted(range(int(len(pieces) > 1), len(pieces)), key=lambda i: pieces[i].before)
    for at in places[: height - 1]:
        before = "".join(piece.text for piece in pieces[max(0, at - 12) : at])
        expected = tr("expected nothing")
        if at < len(guess):
            chance = percent(guess[at].probability)
            expected = tr("expected “{piece}” {share}", piece=guess[at].text, share=chance)
        share = percent(pieces[at].before)
        came = tr("came “{piece}” {share}", piece=pieces[at].text, share=share)
        error = tr("error {change}", change=numbers.nats(-math.log(max(pieces[at].before, 1e-9))))
        row: Row = [
            (padded(cut(f"…{before}", 19), 20), ""),
            (padded(cut(expected, 21), 22), ".muted"),
            (padded(cut(came, 17), 18), surprise_style(pieces[at].before)),
            (error, ".strong"),
        ]
        rows.append(row)
    return rows


def _lines(text: str, lit: range, width: int, n_lines: int) -> list[Row]:
    """The text in lines; what is copied is underlined, line ends are faint."""
    rows: list[Row] = [[("› ", ".muted")]]
    used = 2
    place = 0
    for cluster in clusters(text):
        cells = cell_len(cluster)
        if used + cells > width:
            if len(rows) == n_lines:
                break
            rows.append([("  ", "")])
            used = 2
        style = "underline" if place in lit else ""
        rows[-1].append((cluster, ".muted" if cluster == LINE_END else style))
        used += cells
        place += len(cluster)
        if cluster == LINE_END and len(rows) < n_lines and place < len(text):
            rows.append([("  ", "")])
            used = 2
    return [merged(row) for row in rows]


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
            sign, style, bar_style = "▒", ".muted", ".muted"
            if name == tr("the model"):
                sign, style, bar_style = "█", ".strong", ".unseen"
            bar = (sign * min(room, n_cells), bar_style)
            rows.append(
                [(f"{padded(name, longest)} ", style), bar, (f" {numbers.nats(error_nats)}", style)]
            )
        return rows


def standings(state: RunState) -> Standings:
    start, exam = state.start, state.exams.last
    guessing = 1.0 if start is None else start.guessing_nats
    factor = 1.0 if start is None or start.text is None else start.text.characters_per_piece
    lines = [
        (facts.rival_name(rival.name), factor * rival.unseen_nats)
        for rival in state.rivals
        if rival.unseen_nats is not None
    ]
    lines.append((tr("blind guess"), guessing))
    if exam is not None and exam.unseen_loss_nats is not None:
        lines.append((tr("the model"), exam.unseen_loss_nats))
    return Standings(tuple(sorted(lines, key=lambda line: -line[1])), guessing)


class ReadingView(View):
    CSS_PATH = "reading.tcss"
    SHOWS_PAST = True
    GOES_ON = True
    BINDINGS = hidden(enter="deepen")
    _is_deep = False

    def body(self) -> ComposeResult:
        yield PassageSheet()
        yield WritingSheet()
        with Container(id="curves"):
            yield LossChart()
            yield RivalSheet()

    def draw(self, state: RunState, sentence: VerdictView, notice: str) -> VerdictView:
        waiting = "" if state.start is None else state.start.shows
        if state.start is None and state.liveness != "failed":
            waiting = lesson.stage(state.stage)
        self.query_one(PassageSheet).show((state.card.now, waiting))
        measured = state.card.now is not None and state.card.now.pieces
        shown = state.card.now if self._is_deep and measured else state.written
        self.query_one(WritingSheet).show(shown)
        names = (tr("━ read"), tr("╍ kept back"))
        self.query_one(LossChart).show(replace(losses_of(state, self.markers), names=names))
        self.query_one(RivalSheet).show(standings(state))
        return sentence

    def action_deepen(self) -> None:
        self._is_deep = not self._is_deep
        self._is_changed = True
