"""View 7: the deck doctor. What is in the lesson's deck, what to change, and whether there is a
rule, for which the lesson itself is the probe."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from flashcards.app import doctor_words as words
from flashcards.app.screens.view import View, sentence_of
from flashcards.app.widgets.cells import Row, cut, wrap
from flashcards.app.widgets.run_header import RunHeader
from flashcards.app.widgets.sheet import Sheet
from flashcards.app.widgets.verdict_line import VerdictLine
from flashcards.doctor import Diagnosis, Fact, Probe, probed
from flashcards.runs.events import RunStarted
from flashcards.runs.state import RunState

LABEL_WIDTH = 12
MAX_LINES_A_FACT = 4

Diagnose = Callable[[Path], Awaitable[Diagnosis]]


@dataclass(frozen=True, slots=True)
class DoctorSheetView:
    """The diagnosis, None while the deck is read, for `seconds` by now; the lesson's own line; the
    first row shown."""

    diagnosis: Diagnosis | None = None
    seconds: int = 0
    rule: str = ""
    top: int = 0


class DoctorSheet(Sheet[DoctorSheetView]):
    """Advice first, then the facts; what doesn't fit is scrolled to."""

    def draw(self, view: DoctorSheetView, width: int, height: int) -> list[Row]:
        rows = _rows(view, width)
        top = min(view.top, max(0, len(rows) - height))
        n_below = len(rows) - top - height
        if n_below <= 0:
            return rows[top:]
        return [*rows[top : top + height - 1], [(words.more(n_below + 1), ".muted")]]

    def n_hidden(self) -> int:
        """How far it can be scrolled."""
        if self._view is None:
            return 0
        return max(0, len(_rows(self._view, self.content_size.width)) - self.content_size.height)


class DoctorView(View):
    """The lesson's deck, examined."""

    CSS_PATH = "../views.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", "down", show=False),
        Binding("up", "scroll(-1)", "up", show=False),
        Binding("pagedown", "scroll(10)", "page down", show=False),
        Binding("pageup", "scroll(-10)", "page up", show=False),
    ]

    def __init__(
        self, deck_name: str, diagnose: Diagnose, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`diagnose` examines the deck of a run folder; `clock` gives seconds."""
        super().__init__(deck_name)
        self._diagnose = diagnose
        self._clock = clock
        self._began_at_s = clock()
        self._shown_seconds = 0
        self._examined: RunStarted | None = None
        self._diagnosis: Diagnosis | None = None
        self._top = 0
        self._has_moved = False

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield DoctorSheet()
        yield VerdictLine()
        yield Footer(show_command_palette=False, compact=False)

    @property
    def is_due(self) -> bool:
        """The doctor has spoken, it was scrolled, or is reading for a second longer."""
        return self._has_moved or self._seconds != self._shown_seconds

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        self._has_moved, self._shown_seconds = False, self._seconds
        if state.start is not None and state.start is not self._examined:
            self._examined = state.start
            self.run_worker(self._examine(state.start), exclusive=True)
        sentence = sentence_of(state, is_stalled, notice)
        with self.app.batch_update():
            self.query_one(RunHeader).show(self.header(state, is_stalled))
            view = DoctorSheetView(self._diagnosis, self._seconds, _rule(state), self._top)
            self.query_one(DoctorSheet).show(view)
            self.set_class(sentence.tone == "bad", "-bad")
            self.query_one(VerdictLine).show(sentence)

    def action_scroll(self, by: int) -> None:
        """Show what is further down or up."""
        n_hidden = self.query_one(DoctorSheet).n_hidden()
        self._top = max(0, min(self._top + by, n_hidden))
        self._has_moved = True

    @property
    def _seconds(self) -> int:
        return 0 if self._diagnosis is not None else int(self._clock() - self._began_at_s)

    async def _examine(self, start: RunStarted) -> None:
        diagnosis = await self._diagnose(Path(start.folder))
        self._diagnosis, self._has_moved = diagnosis, True


def _rule(state: RunState) -> str:
    """What the lesson's last exam says about a rule."""
    exam = state.exam if state.ended is None else state.ended
    if exam is None or exam.seen.total == 0:
        return words.NOT_ASKED_YET
    return probed(Probe(state.train_seconds, exam.seen, exam.unseen, state.rivals))


def _rows(view: DoctorSheetView, width: int) -> list[Row]:
    diagnosis = view.diagnosis
    title: Row = [(cut(words.TITLE, width), ".strong")]
    if diagnosis is None:
        return [title, [(cut(words.examining(view.seconds), width), ".muted")]]
    if diagnosis.problem:
        return [title, *([(line, ".wrong")] for line in wrap(diagnosis.problem, width, 4))]
    # What tells an author to probe is answered here by the lesson.
    advice = [sentence for sentence in diagnosis.advice if "--probe" not in sentence]
    rows: list[Row] = [[*title, (cut(f" · {words.CHANGE}", width - 11), ".muted")]]
    for sentence in advice or [words.NOTHING]:
        lines = wrap(sentence, width - 2, MAX_LINES_A_FACT)
        rows += [[("• " if i == 0 else "  ", ".title"), (line, "")] for i, line in enumerate(lines)]
    rows += [[], [(cut(words.FOUND, width), ".muted")]]
    for fact in (Fact(words.RULE, view.rule), *diagnosis.facts):
        lines = wrap(fact.text, max(1, width - LABEL_WIDTH), MAX_LINES_A_FACT)
        for i, line in enumerate(lines):
            label = fact.label if i == 0 else ""
            rows.append([(f"{label:<{LABEL_WIDTH}}", ".strong"), (line, "")])
    return rows
