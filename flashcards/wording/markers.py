"""Moments of a run in words (`runs/markers.py`), for a slider of the past and for lines of text."""

from typing import assert_never

from flashcards.base.columns import cut
from flashcards.base.keyed_text import sentences
from flashcards.base.language import capital, format_number, tr
from flashcards.runs import markers as mk
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.values import BranchChange, Score
from flashcards.runs.verdict import percent
from flashcards.wording import bets, facts
from flashcards.wording.numbers import count, rate_factor

MOST_ANSWER_CELLS = 18  # of each of two answers, so that both are on the line

MARKER_SIGNS: dict[mk.MarkerKind, str] = {  # each one cell wide, and in DejaVu Sans Mono
    "first_right": "✓",
    "all_right": "★",
    "forgotten": "▼",
    "recovered": "↺",
    "overtook": "▲",
    "diverged": "∞",
    "healed": "+",
    "deck": "≡",
    "chapter": "→",
    "learning_rate": "~",
    "order": "↕",
    "went_back": "◂",
    "ended": "■",
    "bookmark": "⚑",
    "bet": "◎",
    "branch": "├",
    "differs": "≠",
}


MARKER_WORDS: dict[mk.MarkerKind, str] = {  # in English, behind the sign where there is room
    "first_right": "first card right",
    "all_right": "all taught right",
    "forgotten": "forgotten",
    "recovered": "it came back",
    "overtook": "beats copying",
    "diverged": "broke",
    "healed": "no longer broken",
    "deck": "deck changed",
    "chapter": "another deck",
    "learning_rate": "learning rate",
    "order": "order of cards",
    "went_back": "taken back",
    "ended": "end",
    "bookmark": "bookmark",
    "bet": "bet",
    "branch": "branch",
    "differs": "answers differ",
}


def marker(mark: mk.AnyMarker) -> str:
    """Say what happened in a sentence."""
    match mark:
        case mk.FirstRight(seen=seen):
            if seen is None:
                card = f"{mark.prompt} → {mark.answer}"
                return tr("first right answer: {facts}", facts=card)
            text = "first right answers: {n:,} of the {total:,} cards taught by then"
            if seen.right == 1:
                text = "first right answer: 1 of the {total:,} cards taught by then"
            return tr(text, n=seen.right, total=seen.total)
        case mk.AllRight():
            return tr("all {n:,} cards taught by then are right", n=mark.seen.total)
        case mk.Forgotten(seen=seen, best=best):
            shares = {"now": _share(seen), "before": _share(best)}
            if mark.deck:
                text = "half forgotten: {deck}, {before} → {now} right"
                if not seen.right:
                    text = "all forgotten: {deck}, {before} → {now} right"
                return tr(text, deck=mark.deck, **shares)
            return tr("forgotten: {before} of the taught cards were right, then {now}", **shares)
        case mk.Recovered(seen=seen):
            return tr("it came back: {deck}, {now} right again", deck=mark.deck, now=_share(seen))
        case mk.Overtook(unseen=unseen, rival=rival):
            text = "never taught: {share} right, more than programs that copy ({beaten})"
            if mark.is_text:
                text = (
                    "beats counting letters, where it never read: {share} then, counting {beaten}"
                )
            return tr(
                text,
                share=_share(unseen),
                beaten=_share(Score(0, 0) if rival is None else rival.unseen),
            )
        case mk.ModelBroke():
            if mark.loss_nats is None:
                return tr("broke down: the error stopped being a number")
            factor = rate_factor(mark.broken.factor)
            return tr(
                "broke at learning rate {factor}: {facts}",
                factor=factor,
                facts=_rose(mark, mark.loss_nats),
            )
        case mk.Healed(loss_nats=loss_nats):
            return tr("no longer broken: its error fell to {nats:.2f}", nats=loss_nats)
        case mk.DeckWasChanged():
            counts = (
                (mark.n_added, tr("{n:,} new", n=mark.n_added)),
                (mark.n_changed, tr("{n:,} changed", n=mark.n_changed)),
                (mark.n_removed, tr("{n:,} gone", n=mark.n_removed)),
            )
            changes = ", ".join(text for n, text in counts if n)
            return ": ".join(filter(None, (tr("deck changed"), changes)))
        case mk.ChapterWasBegun():
            text = "another deck: {deck}" if mark.step else "the first deck: {deck}"
            if mark.is_text:
                text = "another text: {deck}" if mark.step else "the first text: {deck}"
            return tr(text, deck=mark.deck)
        case mk.RateWasChanged():
            return _rate(mark.factor)
        case mk.OrderWasChanged():
            return tr("order of cards: {order}", order=tr(mark.order))
        case mk.WentBack():
            return tr("taken back from step {step}", step=count(mark.from_step))
        case mk.Ended(broken_since=since):
            verdict = facts.verdict(mark.verdict)
            if since is None:
                return sentences(tr("The lesson is over."), verdict)
            text = "The lesson ended broken, noticed at step {step:,}. {verdict}"
            return tr(text, step=since, verdict=verdict)
        case mk.Bookmark():
            return mark.text or tr("bookmark")
        case mk.BetWasSettled():
            return bets.settled(mark.placed, mark.outcome)
        case mk.Parted(change=change):
            if change is None:
                return tr("The two runs part here.")
            return race_title(mark.step, change)
        case mk.Differs():
            return first_differs(mark.answer)
        case _:
            assert_never(mark)


IS_SENTENCE = (mk.Ended, mk.BetWasSettled, mk.Bookmark)
"""Markers that are whole sentences, or somebody's own words."""


def sentence(mark: mk.FoundMarker) -> str:
    """The same as a sentence among others."""
    text = marker(mark)
    return text if isinstance(mark, IS_SENTENCE) else f"{capital(text)}."


def signed(mark: mk.AnyMarker) -> str:
    return f"{MARKER_SIGNS[mark.kind]} {marker(mark)}"


def _share(score: Score) -> str:
    return percent(score.rate or 0.0)


def _rate(factor: float) -> str:
    rate = rate_factor(factor)
    if factor > 1:
        text = "learning rate {rate}: each correction {n} times as large as usual"
        return tr(text, rate=rate, n=format_number(factor, "g"))
    if factor < 1:
        text = "learning rate {rate}: each correction only 1/{n} as large as usual"
        return tr(text, rate=rate, n=format_number(1 / factor, "g"))
    return tr("learning rate {rate}: each correction as large as usual again", rate=rate)


def _rose(break_mark: mk.ModelBroke, loss_nats: float) -> str:
    before = break_mark.broken.before_nats or 0.0
    if break_mark.broken.sign == "forgot":
        text = "its error rose from {before:.2f} to {nats:.2f}"
        return tr(text, before=before, nats=loss_nats)
    text = "error {nats:.2f}, a blind guess {guess:.2f}"
    return tr(text, nats=loss_nats, guess=break_mark.guessing_nats)


def as_of(step: int) -> str:
    return tr("as it was at step {step}", step=count(step))


def race_title(step: int, change: BranchChange, *, has_begun: bool = True) -> str:
    text = "From step {step} on the copy goes on {what}."
    if not has_begun:
        text = "From step {step} on the copy will go on {what}."
    return tr(text, step=count(step), what=facts.branch(change))


def first_differs(answer: AnswerDiffers, second: str = "") -> str:
    """Say what two runs first answered differently; `second` is the name of the other one, where
    both are on the screen."""
    if not answer.first_guess and not answer.second_guess:
        text = "Answers first differ: step {step}, {prompt}: wrong in both, in another way"
        if answer.is_first_right is not None:
            text = "Answers first differ: step {step}, {prompt}: right in one, wrong in the other"
            if second and answer.is_first_right:
                text = "Answers first differ: step {step}, {prompt}: only {second} has it wrong"
            elif second:
                text = "Answers first differ: step {step}, {prompt}: only {second} has it right"
        return tr(
            text,
            step=count(answer.step),
            prompt=facts.quoted(answer.prompt) if answer.prompt else tr("a card"),
            second=second,
        )
    text = "Answers first differ: step {step}, {prompt} → {one}, the other {other}"
    if second:
        text = "Answers first differ: step {step}, {prompt} → {one}; {second} says {other}"
    return tr(
        text,
        second=second,
        step=count(answer.step),
        prompt=facts.quoted(answer.prompt),
        one=cut(answer.first_guess, MOST_ANSWER_CELLS) or "—",
        other=cut(answer.second_guess, MOST_ANSWER_CELLS) or "—",
    )
