"""View 1 where a text is read: the passage, what the model writes by itself, both errors.

A level deeper, with enter: where in the passage it was most surprised.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from flashcards.app.reading import sheets
from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.view import View
from flashcards.app.widgets.footer import Footer
from flashcards.app.widgets.loss_chart import ChartView, LossChart
from flashcards.app.widgets.run_header import RunHeader
from flashcards.app.widgets.verdict_line import VerdictLine, VerdictView
from flashcards.base.language import tr
from flashcards.runs.state import RunState
from flashcards.wording import lesson


class ReadingView(View):
    """Shows the step of the moment, or one of the past as it was recorded."""

    CSS_PATH = Path(__file__).with_name("reading.tcss")
    AUTO_FOCUS = ""
    SHOWS_PAST = True
    GOES_ON = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "deepen", show=False)]
    _is_deep = False

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield sheets.PassageSheet()
        yield sheets.WritingSheet()
        with Container(id="curves"):
            yield LossChart()
            yield sheets.RivalSheet()
        yield VerdictLine()
        yield Footer()

    def draw(self, state: RunState, sentence: VerdictView, notice: str) -> VerdictView:
        waiting = "" if state.start is None else state.start.shows
        if state.start is None and state.liveness != "failed":
            waiting = lesson.stage(state.stage)
        self.query_one(sheets.PassageSheet).show(sheets.Passage(state.card.now, waiting))
        measured = state.card.now is not None and state.card.now.pieces
        surprises = state.card.now if self._is_deep and measured else None
        self.query_one(sheets.WritingSheet).show(sheets.Writing(state.written, surprises))
        guessing = 1.0 if state.start is None else state.start.guessing_nats
        self.query_one(LossChart).show(
            ChartView(
                tuple(state.exams.seen_losses.points),
                tuple(state.exams.unseen_losses.points),
                guessing,
                markers=tuple(found for found in self.markers if found.step <= state.step),
                names=(tr("━ read"), tr("╍ kept back")),
            )
        )
        model_nats = None if state.exams.last is None else state.exams.last.unseen_loss_nats
        self.query_one(sheets.RivalSheet).show(
            sheets.standings(_rivals(state), model_nats, guessing)
        )
        return sentence

    def action_deepen(self) -> None:
        """Show where it was most surprised in place of what it writes, or that again."""
        self._is_deep = not self._is_deep
        self._is_changed = True


def _rivals(state: RunState) -> Iterator[tuple[str, float]]:
    """Names and errors of those that count, in nats a piece as the model's."""
    text = None if state.start is None else state.start.text
    factor = 1.0 if text is None else text.characters_per_piece
    for rival in state.rivals:
        if rival.unseen_nats is not None:
            yield rival.name, factor * rival.unseen_nats


async def opened(session: Session, run: Run) -> None:
    """Show this view as soon as it is known that a text is read, until cards are taught."""
    if run.request.is_read and session.run is run:
        session.show("reading")
    await run.until(lambda: run.state.start is not None or run.is_over)
    if run.state.is_reading and session.run is run:
        session.show("reading")
        await run.until(lambda: not run.state.is_reading or run.is_over)
        if not run.state.is_reading and session.run is run and session.view_name == "reading":
            session.show("lesson")


def make(session: Session) -> ReadingView:
    return ReadingView(session.run.deck)
