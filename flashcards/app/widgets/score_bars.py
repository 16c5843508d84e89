"""The two scores, one above the other so that their difference can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.widgets.bars import bar, marked
from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.app.widgets.sheet import Sheet
from flashcards.base.language import tr
from flashcards.runs.events import ExamTaken
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.wording import lesson
from flashcards.wording.facts import rival_name
from flashcards.wording.numbers import percent_right

LABEL = 13
RIVAL_WIDTH = 38
RIVAL_FROM_WIDTH = 110
"""A rival's name says what it does: where there is no room for that, it is not there."""

COUNTS_FROM_WIDTH = 90
"""On a smaller screen only the share is said, and of how many."""


@dataclass(frozen=True, slots=True)
class EarlierDeck:
    """A deck that was taught before, with its two scores; None until asked."""

    name: str
    seen: Score | None
    unseen: Score | None


@dataclass(frozen=True, slots=True)
class ScoresView:
    """None until asked. `is_sample`: graded on part of the deck; `n_held_out`: None until known.

    `*_rival`: the name and score of the best answerer that does not learn. `*_bet`: the share that
    somebody predicts, marked on the bar.
    """

    seen: Score | None = None
    unseen: Score | None = None
    n_held_out: int | None = None
    is_sample: bool = False
    seen_rival: tuple[str, Score] | None = None
    unseen_rival: tuple[str, Score] | None = None
    earlier: tuple[EarlierDeck, ...] = ()
    seen_bet: float | None = None
    unseen_bet: float | None = None


def scores_of(state: RunState) -> ScoresView:
    if state.start is None:
        return ScoresView()
    shown = state.exams.last if state.ended is None else state.ended
    return ScoresView(
        seen=None if shown is None else shown.seen,
        unseen=None if shown is None else shown.unseen,
        n_held_out=state.start.n_held_out,
        is_sample=isinstance(shown, ExamTaken) and not shown.is_full,
    )


class ScoreBars(Sheet[ScoresView]):
    def draw(self, view: ScoresView, width: int, height: int) -> list[Row]:
        missing = tr("not asked yet")
        seen = _row(tr("■ SEEN"), view.seen, ".taught", missing, view, width, view.seen_bet)
        seen += _rival(view.seen_rival, width)
        if view.n_held_out == 0:
            missing = tr("every card of this deck is taught")
        unseen = _row(
            tr("◆ NEVER SEEN"), view.unseen, ".unseen", missing, view, width, view.unseen_bet
        )
        unseen += _rival(view.unseen_rival, width)
        return [seen, unseen, *(_earlier(deck, width) for deck in view.earlier)]


def _rival(rival: tuple[str, Score] | None, width: int) -> Row:
    if width < RIVAL_FROM_WIDTH:
        return []
    text = ""
    if rival is not None:
        name, score = rival
        text = f"{rival_name(name)}: {percent_right(score)}"
    return [(f"{text:>{RIVAL_WIDTH}}", ".muted")]


def _earlier(deck: EarlierDeck, width: int) -> Row:
    half = (width - LABEL) // 2
    row: Row = [(padded(cut(f"↩ {deck.name}", LABEL - 1), LABEL), ".strong")]
    for sign, score, style in (("■", deck.seen, ".taught"), ("◆", deck.unseen, ".unseen")):
        if score is None or score.rate is None:
            row.append((padded(f"    – {sign}", half), ".muted"))
            continue
        text = f"{percent_right(score):>5} {sign} "
        row += [(text, ".strong"), *bar(score.rate, half - len(text) - 2, style), ("  ", "")]
    return row


def _row(
    name: str,
    score: Score | None,
    style: str,
    missing: str,
    view: ScoresView,
    width: int,
    bet: float | None,
) -> Row:
    label: Row = [(padded(name, LABEL), style)]
    if score is None or score.total == 0:
        n_rival = RIVAL_WIDTH if width >= RIVAL_FROM_WIDTH else 0
        if bet is not None:
            length = max(4, width - LABEL - 7 - 1 - 14 - n_rival)
            track = marked(bar(None, length, style), bet, length)
            return [*label, ("    –  ", ".muted"), *track, (" " * 15, "")]
        return [*label, (padded(f"  –    {missing}", width - LABEL - n_rival), ".muted")]
    counts = tr("of {n:,} cards", n=score.total) if score.total != 1 else tr("of 1 card")
    if view.is_sample:
        counts = tr("of {n:,} asked", n=score.total)
    if width >= COUNTS_FROM_WIDTH:
        counts = lesson.right_of(score)
        counts = tr("{score} in a sample", score=counts) if view.is_sample else counts
    return score_row(name, score.rate, percent_right(score), style, counts, width, bet)


def score_row(
    name: str,
    share: float | None,
    shown: str,
    style: str,
    told: str,
    width: int,
    bet: float | None = None,
) -> Row:
    """A share as `shown` and as a bar, and what is told of it; on one scale in all rows."""
    n_told = max(15, len(told))
    n_rival = RIVAL_WIDTH if width >= RIVAL_FROM_WIDTH else 0
    length = max(4, width - LABEL - 8 - n_told - n_rival)
    return [
        (padded(name, LABEL), style),
        (f"{shown:>5}  ", ".strong"),
        *marked(bar(share, length, style), bet, length),
        (f" {told:>{n_told}}", ".muted"),
    ]
