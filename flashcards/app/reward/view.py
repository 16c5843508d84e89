"""View 1 where rewards teach: eight tries at a prompt, both curves, reward beside the truth."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Container

from flashcards.app.reward.sheets import Earned, RewardBar, Tally, TallySheet, Tries, TriesSheet
from flashcards.app.view import View, hidden
from flashcards.app.widgets.bars import ScoreBars, scores_of
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.frame import VerdictView
from flashcards.app.widgets.share_chart import Curve, ShareChart, SharesView, since_chapter
from flashcards.base.language import tr
from flashcards.runs.events import TriesRewarded
from flashcards.runs.reward_state import RewardState
from flashcards.runs.rewards import JudgeFacts
from flashcards.runs.state import RunState
from flashcards.runs.values import Correction
from flashcards.wording import lesson, rewards


class RewardView(View):
    CSS_PATH = "reward.tcss"
    SHOWS_PAST = True
    GOES_ON = True
    BINDINGS = hidden(
        enter="deepen", down="move(1)", tab="move(1)", up="move(-1)", shift_tab="move(-1)"
    )
    _place: int | None = None
    _n_tries = 0

    def body(self) -> ComposeResult:
        with Container(id="tries"):
            yield CardFace()
            yield TriesSheet()
        with Container(id="curves"):
            yield ShareChart()
            yield TallySheet()
        yield RewardBar()
        yield ScoreBars()

    def draw(self, state: RunState, sentence: VerdictView, notice: str) -> VerdictView:
        reward = state.reward or RewardState(JudgeFacts(kind="answers"))
        taught = state.card.now if reward.practice == "taught" else None
        self.query_one(CardFace).show(self._card(state, reward.tries, taught))
        self.query_one(TriesSheet).show(self._tries(reward.tries, taught))
        self.query_one(ShareChart).show(_curves(state, reward))
        self.query_one(TallySheet).show(
            Tally(
                reward.judge,
                reward.total,
                tuple(exploit for _, exploit in reward.exploits),
                reward.practice == "shuffled",
            )
        )
        n_tries = 0 if reward.last is None else reward.last.n_tries
        self.query_one(RewardBar).show(Earned(reward.rewards.last, n_tries))
        self.query_one(ScoreBars).show(scores_of(state))
        if sentence.tone == "verdict" and state.reward is not None:
            return replace(
                sentence, text=rewards.sentence(state, self.key("with_answers", "c")), lead=""
            )
        return sentence

    def _card(
        self, state: RunState, tries: TriesRewarded | None, taught: Correction | None
    ) -> CardView:
        if taught is not None:
            return CardView(taught.prompt)
        if tries is None or not tries.groups:
            waiting = lesson.stage(state.stage) if state.start is None else ""
            return CardView(self.deck_of(state), stamp=waiting)
        group = tries.groups[0]
        return CardView(group.prompt, stamp=tr("true: {answer}", answer=group.answer))

    def _tries(self, tries: TriesRewarded | None, taught: Correction | None) -> Tries:
        self._n_tries = 0
        if taught is not None:
            return Tries(taught=taught)
        if tries is None or not tries.groups:
            return Tries()
        group = tries.groups[0]
        self._n_tries = len(group.tries)
        if self._place is not None:
            self._place = min(self._place, self._n_tries - 1)
        return Tries(group, tries.counts, self._place)

    # Keys

    def action_deepen(self) -> None:
        self._place = 0 if self._place is None and self._n_tries else None
        self._is_changed = True

    def action_move(self, by: int) -> None:
        if self._place is not None and self._n_tries:
            self._place = (self._place + by) % self._n_tries
            self._is_changed = True


def _curves(state: RunState, reward: RewardState) -> SharesView:
    """Reward and truth over the updates of this chapter."""
    truth = state.exams.unseen_rates if len(state.exams.unseen_rates) else state.exams.seen_rates
    lines = (
        Curve(tr("truth"), since_chapter(state, truth), ".unseen", "╍", dash=(6, 2), thickness=2),
        Curve(tr("reward"), since_chapter(state, reward.rewards), ".right", "━", thickness=2),
    )
    return SharesView("", lines)
