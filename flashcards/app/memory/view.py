"""View 3: memory or understanding? The model beside its rivals and its twin, over all of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer

from flashcards.app.kit import words
from flashcards.app.kit.cells import Row, cut, spread, wrap
from flashcards.app.kit.pin_rows import PinRows, pins_of
from flashcards.app.kit.run_header import RunHeader
from flashcards.app.kit.share_chart import Line, ShareChart, SharesView
from flashcards.app.kit.sheet import Sheet
from flashcards.app.kit.verdict_line import VerdictLine
from flashcards.app.memory.score_table import Answerer, ScoreTable, TableView
from flashcards.app.memory.twin import TWIN, Twin
from flashcards.app.session import Session
from flashcards.app.view import View
from flashcards.language import tr
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.sentences import rival_name

TWIN_IS_LIVE = tr("not shown in the past")
V = TypeVar("V")

N_PINS_SHOWN = 3
RIVALS = ("lookup", "ngram", "nearest")


class TaughtBeside(Protocol):
    """A second model that is taught the same deck with its answers shuffled."""

    @property
    def state(self) -> RunState:
        """What is known of its lesson."""

    @property
    def duty(self) -> float:
        """Share of the time it trains, 0 to 1."""


@dataclass(frozen=True, slots=True)
class TitleView:
    """The question this view answers; which cards the scores are of, or how far the twin is."""

    graded: str = ""
    leak: str = ""


class MemoryTitle(Sheet[TitleView]):
    """One line; three when a leak has to be said."""

    def draw(self, view: TitleView, width: int, height: int) -> list[Row]:
        title: Row = [(tr("Memory or understanding?"), ".strong")]
        rows = [spread(title, [(cut(view.graded, width), ".muted")], width)]
        return rows + [[(line, ".wrong")] for line in wrap(view.leak, width, height - 1) if line]


class MemoryView(View):
    """A table of who answers how much, the right answers over time, the exceptions, the verdict."""

    CSS_PATH = Path(__file__).with_name("memory.tcss")
    SHOWS_PAST = True

    def __init__(
        self,
        deck_name: str = "",
        twin: Callable[[], TaughtBeside | None] = lambda: None,
        twin_key: str = "t",
    ) -> None:
        super().__init__(deck_name)
        self._twin = twin
        self._twin_key = twin_key
        self._n_folded_of_twin = 0

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield MemoryTitle()
        yield ScoreTable()
        with Horizontal(id="shares"):
            yield ShareChart(id="answers")
            yield ShareChart(id="lane")
        yield PinRows()
        yield VerdictLine()
        yield Footer(show_command_palette=False, compact=False)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.do('ask_past')", "how a pinned answer came about", show=False)
    ]

    @property
    def is_due(self) -> bool:
        """The twin has moved, or has gone."""
        twin = self._twin() if self.past is None else None
        return self._n_folded_of_twin != (0 if twin is None else twin.state.n_folded)

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        twin = self._twin() if self.past is None else None
        self._n_folded_of_twin = 0 if twin is None else twin.state.n_folded
        offer = words.twin_offer(self._twin_key) if self.past is None else TWIN_IS_LIVE
        table = _table(state, twin, offer)
        pins = pins_of(state, N_PINS_SHOWN)
        lane = _lane(state)
        title = _title(state, twin)
        with self.app.batch_update():
            self.query_one(RunHeader).show(self.header(state, is_stalled))
            self._show(MemoryTitle, title, 3 if title.leak else 1)
            self._show(ScoreTable, table, len(table.answerers) + 1)
            self.query_one("#answers", ShareChart).show(_answers(state, twin))
            lane_chart = self.query_one("#lane", ShareChart)
            lane_chart.display = lane is not None
            if lane is not None:
                lane_chart.show(lane)
            self._show(PinRows, pins, sum(pin.n_rows for pin in pins))
            sentence = self.sentence(state, is_stalled, notice)
            self.set_class(sentence.tone == "bad", "-bad")
            self.query_one(VerdictLine).show(sentence)

    def _show(self, kind: type[Sheet[V]], view: V, n_rows: int) -> None:
        """Show `view` in a sheet of that many rows."""
        sheet = self.query_one(kind)
        sheet.show(view)
        height = sheet.styles.height
        if height is None or height.value != n_rows:
            sheet.styles.height = n_rows
            sheet.display = n_rows > 0


def _title(state: RunState, twin: TaughtBeside | None) -> TitleView:
    start, exam = state.start, state.exam
    if start is None:
        return TitleView()
    leak = words.leaks(start.leaks[0], start.n_leaks) if start.leaks else ""
    if twin is not None:
        return TitleView(_how_far(twin, state.cards_taught), leak)
    if exam is None:
        return TitleView(leak=leak)
    is_sample = not exam.is_full and state.ended is None
    graded = words.graded_on(exam.seen.total, exam.unseen.total, is_sample=is_sample)
    return TitleView(graded, leak)


def _table(state: RunState, twin: TaughtBeside | None, offer: str) -> TableView:
    start = state.start
    if start is None:
        return TableView()
    shown = state.exam if state.ended is None else state.ended
    model = Answerer(
        words.MODEL,
        None if shown is None else shown.seen,
        None if shown is None else shown.unseen,
        is_model=True,
    )
    return TableView(
        (model, _twin_line(state, twin, offer), *_rival_lines(state)), start.n_held_out > 0
    )


def _how_far(twin: TaughtBeside, n_cards: int) -> str:
    """How far the shuffled twin is, beside a lesson that was taught so many cards."""
    if twin.state.liveness == "failed":
        return tr("twin: stopped. {failure}", failure=twin.state.failure)
    if twin.state.start is None:
        return tr("twin: starting")
    share = tr("{share} of the time", share=f"{100 * twin.duty:.0f} %")
    return tr(
        "twin: {cards_taught:,} of {n_cards:,} cards, {share}",
        cards_taught=twin.state.cards_taught,
        n_cards=max(n_cards, twin.state.cards_taught),
        share=tr("half the time") if twin.duty == 0.5 else share,
    )


def _twin_line(state: RunState, twin: TaughtBeside | None, offer: str) -> Answerer:
    if twin is None:
        return Answerer(words.TWIN, remark=offer)
    exam = twin.state.exam
    if twin.state.liveness == "failed":
        return Answerer(words.TWIN, remark=words.failed(twin.state.failure))
    if exam is None:
        return Answerer(words.TWIN, remark=twin.state.stage or words.WAKING)
    return Answerer(words.TWIN, exam.seen, exam.unseen)


def _rival_lines(state: RunState) -> list[Answerer]:
    graded = {rival.name: rival for rival in state.rivals}
    lines = [
        Answerer(rival_name(name), graded[name].seen, graded[name].unseen)
        for name in RIVALS
        if name in graded
    ]
    others = [name for name in graded if name not in RIVALS]
    lines += [Answerer(rival_name(n), graded[n].seen, graded[n].unseen) for n in others]
    return lines


def _answers(state: RunState, twin: TaughtBeside | None) -> SharesView:
    lines = []
    title = tr("right answers")
    if twin is not None:
        lines = [
            Line(words.TWIN_UNSEEN, _points(twin.state.unseen_rates), ".wrong", "┄", dash=(2, 2)),
            Line(tr("twin seen"), _points(twin.state.seen_rates), ".muted", "─"),
        ]
    lines += [
        Line(tr("never seen"), _points(state.unseen_rates), ".unseen", "╍", 2, dash=(6, 2)),
        Line(tr("seen"), _points(state.seen_rates), ".taught", thickness=2),
    ]
    return SharesView(title, tuple(lines))


def _lane(state: RunState) -> SharesView | None:
    """Of the exceptions taught so far: how many right, how many as the rule would have it."""
    start = state.start
    names = () if start is None else start.exceptions
    if not names:
        return None
    section = state.sections.get(names[0])
    title = words.lane_title(names[0], _example(state))
    if section is None:
        return SharesView(title)
    return SharesView(
        title,
        (
            Line(tr("by the rule"), _points(section.rule_seen), ".wrong", "╍", 2, dash=(6, 2)),
            Line(tr("right"), _points(section.seen), ".right", thickness=2),
        ),
    )


def _example(state: RunState) -> str:
    """The last exception that was answered by the rule, as it was answered."""
    for _, correction in reversed(state.corrections):
        if correction.is_by_rule and correction.guess is not None:
            said = "".join(piece.text for piece in correction.guess)
            return f"{correction.prompt} → {said}"
    return ""


def _points(history: History) -> tuple[tuple[int, float], ...]:
    return tuple(history.points)


def make(session: Session) -> MemoryView:

    def twin() -> Twin | None:
        follower = session.run.followers.get(TWIN)
        return follower if isinstance(follower, Twin) else None

    return MemoryView(session.run.deck, twin, session.key("twin"))
