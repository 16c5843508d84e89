"""Moments of a run in words (`runs/markers.py`): what a slider of the past and a log of lines say.

Like `sentences.py`: nothing said here is stored, sent or read back.
"""

from __future__ import annotations

from typing import assert_never

from flashcards.base.language import tr
from flashcards.runs import markers as mk
from flashcards.runs.values import Score
from flashcards.runs.verdict import counted
from flashcards.wording import bets
from flashcards.wording.facts import rival_name, verdict
from flashcards.wording.numbers import rate_factor


def marker(found: mk.FoundMarker) -> str:
    """What happened there, in a few words."""
    facts = marker_facts(found)
    match found:
        case mk.FirstRight():
            return tr("first right: {facts}", facts=facts)
        case mk.AllRight():
            return tr("all right: {facts}", facts=facts)
        case mk.Forgotten():
            return tr("forgotten: {facts}", facts=facts)
        case mk.Broke(loss_nats=None):
            return tr("broke down: {facts}", facts=facts)
        case mk.Broke():
            factor = rate_factor(found.broken.factor)
            return tr("broke at learning rate {factor}: {facts}", factor=factor, facts=facts)
        case mk.DeckWasChanged():
            return tr("deck changed: {facts}", facts=facts) if facts else tr("deck changed")
        case mk.ChapterWasBegun():
            return tr("another deck: {facts}", facts=facts)
        case mk.RateWasChanged():
            return tr("learning rate {factor}", factor=facts)
        case mk.OrderWasChanged():
            return tr("order of cards: {order}", order=facts)
        case mk.Ended(broken_since=int(step)):
            return tr("broken since step {step:,}; {verdict}", step=step, verdict=facts)
        case mk.Ended() | mk.Overtook() | mk.Bookmark() | mk.BetWasSettled():
            return facts
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
                name=rival_name(rival.name),
                beaten=counted(rival.unseen),
            )
        case mk.Broke():
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
            return verdict(found.verdict)
        case mk.Bookmark():
            return found.text or tr("bookmark")
        case mk.BetWasSettled():
            return bets.settled(found.placed, found.outcome)
        case _:
            assert_never(found)


def _broke(found: mk.Broke) -> str:
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
