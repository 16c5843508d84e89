"""View 3: memory or understanding? The model beside its rivals and its twin, over all of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from flashcards.app.memory.luck import Luck
from flashcards.app.memory.score_table import Answerer, ScoreTable, TableView
from flashcards.app.memory.twin import TWIN, Twin
from flashcards.app.session import Session
from flashcards.app.view import View, enter_in
from flashcards.app.widgets import bars
from flashcards.app.widgets.cells import Row, cut, spread, wrap
from flashcards.app.widgets.footer import Footer
from flashcards.app.widgets.pin_rows import PinRows, pins_of
from flashcards.app.widgets.run_header import RunHeader
from flashcards.app.widgets.share_chart import Band, Line, ShareChart, SharesView
from flashcards.app.widgets.sheet import Sheet
from flashcards.app.widgets.verdict_line import VerdictLine, VerdictView
from flashcards.base.language import tr
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.runs.verdict import is_better, percent
from flashcards.wording import facts, lesson
from flashcards.wording.facts import rival_name
from flashcards.wording.numbers import count

V = TypeVar("V")

N_PINS_SHOWN = 3
RIVALS = ("lookup", "ngram", "nearest")
MANY_BY_RULE = 0.1
"""From this share of the exceptions on it is said that the rule spread to them."""
KNOWS_ITS_CARDS = 0.3
"""Before its twin has this share by heart nothing is concluded from it."""

MOST_LINES = 4


class MemoryTitle(Sheet[tuple[str, str]]):
    """Which cards the scores are of, or how far the twin is; three lines when a leak is said."""

    def draw(self, view: tuple[str, str], width: int, height: int) -> list[Row]:
        graded, leak = view
        title: Row = [(tr("Memory or understanding?"), ".strong")]
        rows = [spread(title, [(cut(graded, width), ".muted")], width)]
        return rows + [[(line, ".wrong")] for line in wrap(leak, width, height - 1) if line]


class MemoryView(View):
    """A table of who answers how much, the right answers over time, the exceptions, the verdict."""

    CSS_PATH = Path(__file__).with_name("memory.tcss")
    SHOWS_PAST = True
    GOES_ON = True

    def __init__(
        self,
        deck_name: str = "",
        twin: Callable[[], Twin | None] = lambda: None,
        bands: Callable[[], tuple[Band, ...]] = lambda: (),
        twin_key: str = "t",
        doctor_key: str = "7",
    ) -> None:
        super().__init__(deck_name)
        self._twin = twin
        self._bands = bands
        self._shown_bands: tuple[Band, ...] = ()
        self._twin_key = twin_key
        self._doctor_key = doctor_key
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
        yield Footer()

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.do('ask_past')", "how a pinned answer came about", show=False)
    ]

    @property
    def is_due(self) -> bool:
        """The twin has moved, or has gone; or there is another band."""
        if self._bands() is not self._shown_bands:
            return True
        twin = self._twin() if self.past is None else None
        return self._n_folded_of_twin != (0 if twin is None else twin.state.n_folded)

    def draw(self, state: RunState, sentence: VerdictView, notice: str) -> VerdictView:
        twin = self._twin() if self.past is None else None
        self._n_folded_of_twin = 0 if twin is None else twin.state.n_folded
        self._shown_bands = self._bands()
        offer = tr("not shown in the past")
        if self.viewing is not None:
            offer = tr("only a live lesson can have one")
        elif self.past is None:
            offer = tr("{key}: teach a twin with shuffled answers", key=self._twin_key)
        table = _table(state, twin, offer)
        pins = pins_of(state, N_PINS_SHOWN)
        lane = _lane(state)
        title = _title(state, twin, self._doctor_key)
        self._show(MemoryTitle, title, 3 if title[1] else 1)
        self._show(ScoreTable, table, len(table.answerers) + 1)
        self.query_one("#answers", ShareChart).show(_answers(state, twin, self._shown_bands))
        lane_chart = self.query_one("#lane", ShareChart)
        lane_chart.display = lane is not None
        if lane is not None:
            lane_chart.show(lane)
        self._show(PinRows, pins, sum(pin.n_rows for pin in pins))
        if sentence.tone != "bad":
            is_bet = notice.startswith(bars.SIGN) and not enter_in(notice)
            if twin is not None and not is_bet and (moral := _moral(state, twin)):
                sentence = VerdictView(moral, tail=enter_in(notice))
            sentence = replace(sentence, text=f"{sentence.text} {overdone(state)}".rstrip())
        room = max(20, self.size.width - 4)
        n_lines = len(
            wrap(" ".join((sentence.lead, sentence.text, sentence.tail)), room, MOST_LINES)
        )
        self.query_one(VerdictLine).styles.height = max(2, n_lines)
        return sentence

    def _show(self, kind: type[Sheet[V]], view: V, n_rows: int) -> None:
        sheet = self.query_one(kind)
        sheet.show(view)
        height = sheet.styles.height
        if height is None or height.value != n_rows:
            sheet.styles.height = n_rows
            sheet.display = n_rows > 0


def _title(state: RunState, twin: Twin | None, doctor_key: str) -> tuple[str, str]:
    start, exam = state.start, state.exams.last
    if start is None:
        return "", ""
    leak = ""
    if start.leaks:
        n = start.n_leaks - 1
        more = tr(" ({n:,} more: {key} lists them)", n=n, key=doctor_key) if n > 0 else ""
        leak = f"{tr('Careful:')} {facts.note(start.leaks[0])}{more}"
    if twin is not None:
        return _how_far(twin, state.cards_taught), leak
    if exam is None:
        return "", leak
    if exam.is_full or state.ended is not None:
        return tr("all cards asked"), leak
    return tr(
        "a sample of {n_seen:,} taught and {n_unseen:,} never seen",
        n_seen=exam.seen.total,
        n_unseen=exam.unseen.total,
    ), leak


def _table(state: RunState, twin: Twin | None, offer: str) -> TableView:
    start = state.start
    if start is None:
        return TableView()
    shown = state.exams.last if state.ended is None else state.ended
    model = Answerer(tr("the model"), is_model=True)
    if shown is not None:
        model = Answerer(model.name, shown.seen, shown.unseen, is_model=True)
    graded = {rival.name: rival for rival in state.rivals}
    rivals = [
        Answerer(rival_name(name), graded[name].seen, graded[name].unseen)
        for name in dict.fromkeys((*RIVALS, *graded))
        if name in graded
    ]
    return TableView((model, _twin_line(twin, offer), *rivals), start.n_held_out > 0)


def _how_far(twin: Twin, n_cards: int) -> str:
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


def _twin_line(twin: Twin | None, offer: str) -> Answerer:
    name = tr("shuffled twin")
    if twin is None:
        return Answerer(name, remark=offer)
    exam = twin.state.exams.last
    if twin.state.liveness == "failed":
        return Answerer(name, remark=lesson.failed(twin.state.failure))
    if exam is None:
        return Answerer(name, remark=lesson.stage(twin.state.stage))
    return Answerer(name, exam.seen, exam.unseen)


def _answers(state: RunState, twin: Twin | None, bands: tuple[Band, ...]) -> SharesView:
    last_step = 0 if state.exams.last is None else state.exams.last.step
    lines = [*bars.lines(state.bets, last_step)]
    if twin is not None:
        unseen = _points(twin.state.exams.unseen_rates)
        lines += [
            Line(tr("twin never seen"), unseen, ".wrong", "┄", dash=(2, 2)),
            Line(tr("twin seen"), _points(twin.state.exams.seen_rates), ".muted", "─"),
        ]
    lines += [
        Line(tr("seen"), _points(state.exams.seen_rates), ".taught", thickness=2),
        Line(tr("never seen"), _points(state.exams.unseen_rates), ".unseen", "╍", 2, dash=(4, 4)),
    ]
    waiting = tr("The trainer has stopped.") if state.liveness == "failed" else ""
    return SharesView(tr("right answers"), tuple(lines), waiting, bands=bands)


def _moral(state: RunState, twin: Twin) -> str:
    """What the twin shows, in numbers, as far as the scores say it by now; "" before they do."""
    shown, exam = state.exams.last if state.ended is None else state.ended, twin.state.exams.last
    if shown is None or exam is None or not (shown.unseen.total and exam.unseen.total):
        return ""
    if not exam.seen.total:
        return ""
    if (exam.seen.rate or 0.0) < KNOWS_ITS_CARDS:
        return tr(
            "Its twin, with shuffled answers, has {twin_seen} by heart so far: it must learn each "
            "card alone. Will it answer cards never seen, as the model does ({unseen})?",
            twin_seen=percent(exam.seen.rate or 0.0),
            unseen=percent(shown.unseen.rate or 0.0),
        )
    said = {
        "twin_seen": percent(exam.seen.rate or 0.0),
        "twin_unseen": percent(exam.unseen.rate or 0.0),
        "unseen": percent(shown.unseen.rate or 0.0),
    }
    if is_better(shown.unseen, exam.unseen):
        return tr(
            "Its twin, with shuffled answers, has {twin_seen} by heart and {twin_unseen} of cards "
            "never seen. The model has {unseen} of those: it found a rule, which shuffling takes "
            "away.",
            **said,
        )
    return tr(
        "Its twin, with shuffled answers, has {twin_seen} by heart and {twin_unseen} of cards "
        "never seen. The model has {unseen} of those, no more: so far it has found no rule.",
        **said,
    )


def _lane(state: RunState) -> SharesView | None:
    """Of the exceptions taught so far: how many right, how many as the rule would have it."""
    start = state.start
    names = () if start is None else start.exceptions
    if not names:
        return None
    section = state.exams.sections.get(names[0])
    example = _example(state)
    title = tr("taught {section} cards", section=facts.section_name(names[0]))
    if section is None:
        return SharesView(title)
    by_rule = tr("by the rule, like {example}", example=example) if example else tr("by the rule")
    lines = (
        Line(by_rule, _points(section.rule_seen), ".wrong", "╍", 2, dash=(6, 2)),
        Line(tr("right"), _points(section.seen), ".right", thickness=2),
    )
    return SharesView(title, lines)


def overdone(state: RunState) -> str:
    """When most exceptions were answered by the rule, and how many are now; "" if few ever were."""
    names = () if state.start is None else state.start.exceptions
    section = state.exams.sections.get(names[0]) if names else None
    points = () if section is None else _points(section.rule_seen)
    step, most = max(points, key=lambda point: point[1], default=(0, 0.0))
    if most < MANY_BY_RULE:
        return ""
    example = _example(state)
    facts = {
        "step": count(step),
        "most": percent(most),
        "example": f" ({example})" if example else "",
        "now": percent(points[-1][1]),
    }
    if step == points[-1][0]:
        return tr(
            "So far the exceptions follow the rule more and more, wrongly: {most}{example}.",
            **facts,
        )
    return tr(
        "At step {step}, {most} of the exceptions wrongly followed the rule{example}; now {now}.",
        **facts,
    )


def _example(state: RunState) -> str:
    """The last exception that was answered by the rule, as it was answered."""
    for _, correction in reversed(state.card.recent):
        if correction.is_by_rule and correction.guess is not None:
            return "".join(piece.text for piece in correction.guess)
    return ""


def _points(history: History) -> tuple[tuple[int, float], ...]:
    return tuple(history.points)


def make(session: Session) -> MemoryView:

    def twin() -> Twin | None:
        follower = session.run.followers.get(TWIN)
        return follower if isinstance(follower, Twin) else None

    def bands() -> tuple[Band, ...]:
        luck = session.kept(Luck)
        return luck.bands if luck.run is session.run else ()

    return MemoryView(
        session.run.deck, twin, bands, session.key("twin"), session.key("view_doctor")
    )
