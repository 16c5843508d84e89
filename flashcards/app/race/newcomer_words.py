"""What is said of a race between a model that learned something before and one that is new."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.base.language import tr
from flashcards.runs.state import RunState
from flashcards.wording.numbers import count, percent_right

CAUGHT_UP = 0.9
"""Share of the cards from which on both are held against each other."""


@dataclass(frozen=True, slots=True)
class Before:
    """What one of the two learned before: the name of a deck, or of a text that it read."""

    name: str
    is_text: bool


def before_of(state: RunState) -> Before | None:
    """What was taught last before the deck of the moment; None where nothing was."""
    if not state.chapters:
        return None
    return Before(state.chapters[-1].name, is_text=state.chapters[-1].is_text)


def names(before: Before) -> tuple[str, str]:
    if before.is_text:
        return tr("has read"), tr("has not read")
    return tr("taught before"), tr("new")


def title(before: Before, learned: str = "") -> str:
    """What they differ in; `learned` is what the one that learned something before is called."""
    facts = {"one": learned or tr("one"), "deck": before.name}
    if before.is_text:
        return tr("The same cards for both; only {one} read {deck} before.", **facts)
    return tr("The same cards for both; only {one} was taught {deck} before.", **facts)


def outcome(before: Before, learned: RunState, new: RunState | None) -> str:
    """How many cards each took until 80 % of those it is taught were right, as far as is known."""
    what = tr("with reading") if before.is_text else tr("with {deck} first", deck=before.name)
    ready = [None if state is None else state.known_seen for state in (learned, new)]
    one, other = (None if known is None else count(known[1]) for known in ready)
    facts = {"one": one, "other": other, "what": what}
    if one is not None and other is not None:
        return tr("To 80 % right: {one} cards {what}, {other} without.", **facts)
    if one is not None:
        now = _so_far(new)
        return tr("To 80 % right: {one} cards {what}; without, not yet ({now}).", now=now, **facts)
    if other is not None:
        now = _so_far(learned)
        return tr(
            "To 80 % right: {other} cards without; {what}, not yet ({now}).", now=now, **facts
        )
    if before.is_text:
        return tr("Does reading pay? How many cards does each need until 80 % are right?")
    return tr("Does it pay? How many cards does each need until 80 % are right?")


def unseen(before: Before, learned: RunState, new: RunState | None) -> str:
    """What each knows of the cards that neither is taught; "" before it was asked.

    Where the new one has not caught up yet, only that is said: it would not be a fair comparison.
    """
    n_cards = [0 if s is None else s.cards_taught - s.chapter_cards for s in (learned, new)]
    if new is not None and n_cards[1] < CAUGHT_UP * n_cards[0]:
        return tr(
            "The new one was taught {n} of these {of} cards so far.",
            n=count(n_cards[1]),
            of=count(n_cards[0]),
        )
    exams = [None if state is None else state.exam for state in (learned, new)]
    if exams[0] is None or exams[1] is None or not exams[0].unseen.total:
        return ""
    what = tr("with reading") if before.is_text else tr("with {deck} first", deck=before.name)
    return tr(
        "Cards that neither is taught: {one} right {what}, {other} without.",
        one=percent_right(exams[0].unseen),
        other=percent_right(exams[1].unseen),
        what=what,
    )


def _so_far(state: RunState | None) -> str:
    if state is None or state.exam is None:
        return "–"
    n_cards = count(state.cards_taught - state.chapter_cards)
    share = percent_right(state.exam.seen)
    return tr("{share} after {n_cards}", share=share, n_cards=n_cards)
