"""Votes: two answers of the model to one prompt, and what preferring one does to the truth.
The lesson pauses while this view is in front."""

import contextlib

from textual import work

from flashcards.app.predicting import show_outcome
from flashcards.app.room import StatusLine
from flashcards.app.run.run import NoAnswer, first_of
from flashcards.app.session import OnStage
from flashcards.app.view import KeyedView, hidden
from flashcards.app.widgets.ballot import Ballot
from flashcards.app.widgets.cells import Row, Sheet, centred, cut, row_width, wrap
from flashcards.app.widgets.charts import Curve, ShareChart, SharesView
from flashcards.app.widgets.frame import VerdictView
from flashcards.app.widgets.letters import big_rows, largest, lines_at
from flashcards.base.language import tr
from flashcards.runs import commands, values
from flashcards.runs.events import PairDrawn, VoteCast
from flashcards.runs.state import RunState
from flashcards.wording import numbers, rewards
from flashcards.wording.pieces import visible

PairView = tuple[PairDrawn | None, VoteCast | None]
"""The two answers to choose from, None while they are drawn; and the vote before."""


class PairSheet(Sheet[PairView]):
    def draw(self, view: PairView, width: int, height: int) -> list[Row]:
        pair, before = view
        if pair is None:
            return [[(tr("two answers are being drawn"), ".muted")], *_before(before, width)]
        if not pair.prompt:
            text = tr("It always says the same: there are no two answers to choose from.")
            return [[(line, "")] for line in wrap(text, width, 2)]
        half = width // 2
        texts, room = (pair.left, pair.right), (half - 2, height - 5)
        sizes = [fitting[0] for text in texts if (fitting := largest(text, *room)) is not None]
        left, right = ([cut(visible(text), half)] for text in texts)
        if len(sizes) == len(texts):  # both alike: the larger one would look like the better one
            size = min(sizes)
            left, right = (big_rows(lines_at(text, *room, size), size) for text in texts)
        n_rows = max(len(left), len(right))
        left, right = [[""] * (n_rows - len(lines)) + lines for lines in (left, right)]
        rows: list[Row] = [
            centred([(cut(visible(pair.prompt), width), ".strong")], width),
            [],
            *(
                [*_half(left_line, half, ".taught"), *_half(right_line, half, ".unseen")]
                for left_line, right_line in zip(left, right, strict=True)
            ),
            [*_half(tr("← this"), half, ".muted"), *_half(tr("this →"), half, ".muted")],
        ]
        return [*rows, [], *_before(before, width)]


def _half(text: str, width: int, style: str) -> Row:
    row = centred([(text, style)], width)
    return [*row, (" " * max(0, width - row_width(row)), "")]


def _chosen(vote: VoteCast) -> tuple[tuple[str, bool], tuple[str, bool]]:
    """The preferred answer and the other, each with whether it is true."""
    both = (vote.left, vote.is_left_true), (vote.right, vote.is_right_true)
    return both if vote.choice == "left" else (both[1], both[0])


def _before(vote: VoteCast | None, width: int) -> list[Row]:
    if vote is None or vote.choice == "neither":
        return []
    (chosen, is_true), (other, is_other_true) = _chosen(vote)
    row: Row = [
        (f"{visible(vote.prompt)}: ", ".muted"),
        (f"{visible(chosen)} ", ".strong"),
        ("✓" if is_true else "✗", ".right" if is_true else ".wrong"),
        (tr(" preferred to {other} ", other=visible(other)), ".muted"),
        ("✓" if is_other_true else "✗", ".right" if is_other_true else ".wrong"),
    ]
    return [centred(row, width)]


class VoteView(KeyedView):
    """← or → prefers an answer, ↓ neither, Esc goes back to the lesson. Enter goes deeper."""

    CSS_PATH = "reward.tcss"
    PARTS = (PairSheet, ShareChart)
    BINDINGS = hidden(
        left="vote('left')", right="vote('right')", down="vote('neither')", enter="deepen"
    )
    _pair: PairDrawn | None = None
    _is_deep = False

    def on_mount(self) -> None:
        self._draw_pair()

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        vote = None if state.votes is None else state.votes.last
        self.query_one(PairSheet).show((self._pair, vote))
        self.query_one(ShareChart).show(_curve(state))
        self.name_keys(
            ("←", tr("this one")),
            ("→", tr("this one")),
            ("↓", tr("neither")),
            (tr("enter"), tr("plainer") if self._is_deep else tr("deeper")),
        )
        if sentence.tone == "bad":
            return sentence
        return VerdictView(explained(vote) if self._is_deep else summary(state))

    @work(group="pair", exclusive=True)
    async def _draw_pair(self) -> None:
        run = self.session.run
        if run.state.liveness == "learning":
            run.send(commands.Pause())
        await run.until(lambda: run.state.liveness not in ("starting", "learning") or run.is_over)
        with contextlib.suppress(NoAnswer):
            self._pair = await first_of(run.replies(commands.DrawPair()), PairDrawn)
        self._is_changed = True
        pair, poll = self._pair, self.session.singleton(OnStage).poll
        if pair is None or not pair.prompt or poll is None:
            return
        text = tr("{prompt}: which answer is better?", prompt=visible(pair.prompt))
        ballot = await poll(text, (visible(pair.left), visible(pair.right)))
        if ballot is not None and any(ballot.hands) and pair is self._pair:
            place = ballot.most_given
            self._choose(pair, "neither" if place is None else ("left", "right")[place], ballot)

    def action_vote(self, choice: values.Vote) -> None:
        pair = self._pair
        if pair is not None and pair.prompt:
            self._choose(pair, choice)

    def _choose(self, pair: PairDrawn, choice: values.Vote, ballot: Ballot | None = None) -> None:
        self._pair, self._is_changed = None, True
        self._cast(pair, choice, ballot)

    @work(group="vote", exclusive=True)
    async def _cast(self, pair: PairDrawn, choice: values.Vote, ballot: Ballot | None) -> None:
        run = self.session.run
        run.send(commands.CastVote(step=pair.step, choice=choice))
        await run.until(lambda: run.state.step > pair.step or run.is_over)
        cast = None if run.state.votes is None else run.state.votes.last
        if ballot is not None and cast is not None:
            signs = ["✓" if is_true else "✗" for is_true in (cast.is_left_true, cast.is_right_true)]
            parts = zip(ballot.places, signs, ballot.hands, strict=True)
            ballot.tell({}, " · ".join(f"{text} {sign} {n}" for text, sign, n in parts))
            rows = [place for place, sign in enumerate(signs) if sign == "✓"]
            await show_outcome(self.session, ballot, rows, "✓")
        self._draw_pair()

    def action_deepen(self) -> None:
        self._is_deep = not self._is_deep
        self._is_changed = True


def _curve(state: RunState) -> SharesView:
    votes = state.votes
    waiting = tr("the truth is drawn here, from the first vote on")
    if votes is None:
        return SharesView(waiting=waiting)
    points = tuple((step - votes.first_step, share) for step, share in votes.truth.points)
    if votes.truth_before is not None:
        points = ((0, votes.truth_before), *points)
    line = Curve(tr("truth"), points, ".unseen", "━", thickness=2)
    return SharesView("", (line,), waiting, begin=tr("first vote"))


def summary(state: RunState) -> str:
    votes = state.votes
    if votes is None or not votes.steps or votes.truth_before is None:
        return tr(
            "Two answers that the model drew: which is better? The preferred one is made likelier, "
            "the other rarer. Whether it is true plays no part."
        )
    now = votes.truth_before if votes.truth.last is None else votes.truth.last
    n, wrong, text = len(votes.steps), len(votes.for_wrong), "Votes: {n}."
    if wrong:
        text = "Votes: {n}, {wrong} of them for a wrong answer over a right one."
    counts = tr(text, n=numbers.count(n), wrong=numbers.count(wrong))
    scores = rewards.then_and_now(state, votes.truth_before, now)
    return f"{counts} {scores} {tr('It learns what is preferred, not what is true.')}"


def explained(vote: VoteCast | None) -> str:
    """A level deeper: what the update of the last vote did (flashcards/learner/drawing.py)."""
    if vote is None or vote.choice == "neither":
        return tr(
            "A vote will be one update (DPO): it makes one answer likelier and the other rarer, "
            "equally strongly."
        )
    (chosen, _), (other, _) = _chosen(vote)
    return tr(
        "One update (DPO) made “{chosen}” likelier and “{other}” rarer, equally strongly. The "
        "deck's answer, “{answer}”, played no part.",
        chosen=visible(chosen),
        other=visible(other),
        answer=visible(vote.answer),
    )
