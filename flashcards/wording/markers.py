"""Moments of a run in words (`runs/markers.py`): what a slider of the past and a log of lines say.

Like `sentences.py`: nothing said here is stored, sent or read back.
"""

from __future__ import annotations

from typing import assert_never

from flashcards.base.columns import cut
from flashcards.base.language import tr
from flashcards.runs import markers as mk
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.values import BranchChange, Score
from flashcards.runs.verdict import counted
from flashcards.wording import bets, facts
from flashcards.wording.numbers import count, rate_factor

MOST_ANSWER_CELLS = 18
"""So much of each of two answers, so that both are on the line."""

MARKER_SIGNS: dict[mk.MarkerKind, str] = {
    "first_right": "✓",
    "all_right": "★",
    "forgotten": "▼",
    "overtook": "▲",
    "diverged": "∞",
    "deck": "≡",
    "chapter": "§",
    "learning_rate": "~",
    "order": "↕",
    "ended": "■",
    "bookmark": "⚑",
    "bet": "◎",
    "branch": "⋎",
    "differs": "≠",
}
"""Each one cell wide, and in DejaVu Sans Mono."""


def marker(found: mk.FoundMarker) -> str:
    """What happened there, in a few words."""
    told = marker_facts(found)
    match found:
        case mk.FirstRight():
            return tr("first right: {facts}", facts=told)
        case mk.AllRight():
            return tr("all right: {facts}", facts=told)
        case mk.Forgotten():
            return tr("forgotten: {facts}", facts=told)
        case mk.ModelBroke(loss_nats=None):
            return tr("broke down: {facts}", facts=told)
        case mk.ModelBroke():
            factor = rate_factor(found.broken.factor)
            return tr("broke at learning rate {factor}: {facts}", factor=factor, facts=told)
        case mk.DeckWasChanged():
            return tr("deck changed: {facts}", facts=told) if told else tr("deck changed")
        case mk.ChapterWasBegun():
            return tr("another deck: {facts}", facts=told)
        case mk.RateWasChanged():
            return tr("learning rate {factor}", factor=told)
        case mk.OrderWasChanged():
            return tr("order of cards: {order}", order=told)
        case mk.Ended(broken_since=int(step)):
            return tr("broken since step {step:,}; {verdict}", step=step, verdict=told)
        case mk.Ended() | mk.Overtook() | mk.Bookmark() | mk.BetWasSettled():
            return told
        case _:
            assert_never(found)


def marker_facts(found: mk.FoundMarker) -> str:
    """The same without the words that say of which kind it is."""
    match found:
        case mk.FirstRight(seen=None):
            return f"{found.prompt} → {found.answer}"
        case mk.FirstRight() | mk.AllRight():
            assert found.seen is not None
            return tr("{seen} seen", seen=counted(found.seen))
        case mk.Forgotten(seen=seen, best=best):
            return tr("{seen} seen, were {best}", seen=counted(seen), best=counted(best))
        case mk.Overtook(unseen=unseen, rival=rival):
            if rival is None:
                return tr(
                    "never seen: {score}, above every rival's {beaten}",
                    score=counted(unseen),
                    beaten=counted(Score(0, unseen.total)),
                )
            return tr(
                "never seen: {score}, above {beaten} ({name})",
                score=counted(unseen),
                name=facts.rival_name(rival.name),
                beaten=counted(rival.unseen),
            )
        case mk.ModelBroke():
            return _broke(found)
        case mk.DeckWasChanged():
            counts = (
                (found.n_added, tr("{n:,} new", n=found.n_added)),
                (found.n_changed, tr("{n:,} changed", n=found.n_changed)),
                (found.n_removed, tr("{n:,} gone", n=found.n_removed)),
            )
            return ", ".join(said for n, said in counts if n)
        case mk.ChapterWasBegun():
            return found.deck
        case mk.RateWasChanged():
            return rate_factor(found.factor)
        case mk.OrderWasChanged():
            return tr(found.order)
        case mk.Ended():
            return facts.verdict(found.verdict)
        case mk.Bookmark():
            return found.text or tr("bookmark")
        case mk.BetWasSettled():
            return bets.settled(found.placed, found.outcome)
        case _:
            assert_never(found)


def _broke(found: mk.ModelBroke) -> str:
    if found.loss_nats is None:
        return tr("the error stopped being a number")
    if found.broken.sign == "forgot":
        return tr(
            "its error rose from {before:.2f} to {nats:.2f}",
            before=found.broken.before_nats or 0.0,
            nats=found.loss_nats,
        )
    return tr(
        "its error is {nats:.2f}; a blind guess has {guess:.2f}",
        nats=found.loss_nats,
        guess=found.guessing_nats,
    )


def as_of(step: int) -> str:
    return tr("as it was at step {step}", step=count(step))


def signed_marker(found: mk.AnyMarker) -> str:
    """What happened there, with its sign."""
    match found:
        case mk.Parted(change=change):
            said = (
                tr("The two runs part here.") if change is None else race_title(found.step, change)
            )
        case mk.Differs():
            said = first_differs(found.answer)
        case _:
            said = marker(found)
    return f"{MARKER_SIGNS[found.kind]} {said}"


def race_title(step: int, change: BranchChange) -> str:
    return tr(
        "{title} from step {step}: the branch goes on {what}",
        title=tr("Race"),
        step=count(step),
        what=facts.branch(change),
    )


def first_differs(found: AnswerDiffers) -> str:
    if not found.one and not found.other:
        return tr(
            "First different answer: step {step}, {prompt} (right in one only)",
            step=count(found.step),
            prompt=found.prompt or tr("a card"),
        )
    return tr(
        "First different answer: step {step}, {prompt} → {one} | {other}",
        step=count(found.step),
        prompt=found.prompt,
        one=cut(found.one, MOST_ANSWER_CELLS) or "—",
        other=cut(found.other, MOST_ANSWER_CELLS) or "—",
    )
