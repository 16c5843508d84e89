"""The play screen: a lesson as it happens. Paints a `RunState`; knows no trainer and no keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Footer

from flashcards.app import words
from flashcards.app.screens.view import View
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.card_wall import CardWall, WallView
from flashcards.app.widgets.change_sheet import ChangeSheet, ChangeView
from flashcards.app.widgets.guess_sheet import GuessSheet, GuessView
from flashcards.app.widgets.loop_words import LoopView, LoopWords
from flashcards.app.widgets.loss_chart import ChartView, LossChart
from flashcards.app.widgets.run_header import RunHeader
from flashcards.app.widgets.score_bars import ScoreBars, ScoresView
from flashcards.app.widgets.verdict_line import VerdictLine, VerdictView
from flashcards.runs.events import ExamTaken
from flashcards.runs.state import RunState
from flashcards.runs.verdict import verdict


class PlayScreen(View):
    """Composed at once, before any event; after that `paint(state)` as often as one likes."""

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield LoopWords()
        with Container(id="lesson"):
            yield CardFace()
            yield GuessSheet()
            yield ChangeSheet()
        with Container(id="run"):
            yield LossChart()
            yield CardWall()
        yield ScoreBars()
        yield VerdictLine()
        yield Footer(show_command_palette=False, compact=False)

    def on_mount(self) -> None:
        self.paint(RunState())

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        """Show `state`. Changes nothing in it; draws only what differs from before.

        Args:
            is_stalled: No event came for ten seconds though one was due.
            notice: A line of the app's own, shown while there is no verdict.
        """
        with self.app.batch_update():
            self.query_one(RunHeader).show(self.header(state, is_stalled))
            self.query_one(LoopWords).show(_loop(state))
            self.query_one(CardFace).show(self._card(state))
            self.query_one(GuessSheet).show(_guess(state))
            self.query_one(ChangeSheet).show(ChangeView(state.correction, state.phase))
            self.query_one(LossChart).show(_chart(state))
            self.query_one(CardWall).show(_wall(state))
            self.query_one(ScoreBars).show(_scores(state))
            sentence = _sentence(state, is_stalled, notice)
            self.set_class(sentence.tone == "bad", "-bad")
            self.query_one(VerdictLine).show(sentence)

    def _card(self, state: RunState) -> CardView:
        correction = state.correction
        if correction is None:
            waiting = words.WAKING if state.start is None else words.FIRST_CARD
            return CardView(self.deck_of(state), stamp=waiting)
        index = correction.card_index
        mask = state.held_out_mask
        is_held_out = index < len(mask) and mask[index] == 1
        return CardView(
            correction.prompt,
            number=index + 1,
            section=correction.section,
            stamp=words.stamp(correction.times_seen, is_held_out),
            is_lit=state.phase == "data",
        )


def _loop(state: RunState) -> LoopView:
    if state.phase is not None or state.start is None:
        return LoopView(state.phase)
    n_corrections = None
    if len(state.corrections) >= 2:
        (before, _), (step, correction) = state.corrections[-2], state.corrections[-1]
        n_corrections = max(1, step - before) * correction.n_cards
    return LoopView(None, n_corrections, turns=state.n_folded)


def _guess(state: RunState) -> GuessView:
    if state.correction is None:
        stage = state.stage or words.WAKING
        return GuessView(message=stage if state.start is None else state.start.shows)
    guessing = 1.0 if state.start is None else state.start.guessing_nats
    return GuessView(state.correction, state.phase, guessing)


def _chart(state: RunState) -> ChartView:
    if state.start is None:
        return ChartView()
    return ChartView(
        tuple(state.seen_losses.points),
        tuple(state.unseen_losses.points),
        state.start.guessing_nats,
        state.start.floor_nats,
    )


def _wall(state: RunState) -> WallView:
    current = None
    if state.correction is not None and state.phase is not None:
        current = state.correction.card_index
    return WallView(state.marks, state.held_out_mask, current)


def _scores(state: RunState) -> ScoresView:
    start = state.start
    if start is None:
        return ScoresView()
    lookup = next((rival for rival in start.rivals if rival.name == "lookup"), None)
    shown = state.exam if state.ended is None else state.ended
    return ScoresView(
        seen=None if shown is None else shown.seen,
        unseen=None if shown is None else shown.unseen,
        n_held_out=start.n_held_out,
        is_sample=isinstance(shown, ExamTaken) and not shown.is_full,
        lookup_seen=None if lookup is None else lookup.seen,
        lookup_unseen=None if lookup is None else lookup.unseen,
    )


def _sentence(state: RunState, is_stalled: bool, notice: str) -> VerdictView:
    if state.liveness == "failed":
        return VerdictView(f"{words.failed(state.failure)} {notice}", "bad")
    if state.liveness == "diverged":
        return VerdictView(words.diverged(state.failure), "bad")
    if is_stalled:
        return VerdictView(words.STALLED, "bad")
    if state.ended is not None:
        return VerdictView(f"{state.ended.verdict} {words.ANY_KEY}", "verdict")
    if state.phase is not None and state.start is not None:
        sentence = words.explanation(state.phase, state.start.n_parameters)
        return VerdictView(sentence, lead=words.PHASES[state.phase])
    if notice:
        return VerdictView(notice)
    if state.exam is None or state.exam.seen.total == 0:
        return VerdictView("" if state.start is None else state.start.shows)
    rivals = () if state.start is None else state.start.rivals
    said = verdict(state.exam.seen, state.exam.unseen, rivals)
    lead = "" if said.kind == "too_early" else f"{words.SO_FAR}:"
    return VerdictView(said.sentence, lead=lead)
