"""Races in words: two saved runs; one model that learned something before, one new."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs.state import RunState
from flashcards.runs.values import BranchChange
from flashcards.wording import facts
from flashcards.wording.comparison import Comparison, Side
from flashcards.wording.numbers import count, percent_right

MOST_NAME_CHARS = 16

_RUN_NAME = re.compile(r"\d{4}-\d\d-\d\d-.*-([0-9a-f]{4})")


def names(one: Path, other: Path) -> tuple[str, str]:
    """What to call the two: the ends of their names, as commands take them; A and B if alike."""
    first, second = (_short(path.resolve().name) for path in (one, other))
    return (first, second) if first != second else ("A", "B")


def _short(name: str) -> str:
    found = _RUN_NAME.fullmatch(name)
    name = printable(name if found is None else found[1])
    return name if len(name) <= MOST_NAME_CHARS else f"{name[: MOST_NAME_CHARS - 1]}…"


def side(name: str) -> tuple[str, str, str]:
    return name, tr("{run} seen", run=name), tr("{run} never seen", run=name)


def change(found: Comparison) -> BranchChange | None:
    """What is different from where one of them left the other; None when neither did."""
    for branch, parent in ((found.one, found.other), (found.other, found.one)):
        if branch.branch_step is not None and branch.parent == parent.run:
            return branch.change
    return None


def title(found: Comparison, names: tuple[str, str]) -> str:
    sides = found.one, found.other
    if found.is_of_newcomer:
        i = 0 if found.one.before else 1
        before = Before(sides[i].before[-1], is_text=sides[i].has_read)
        return newcomer_title(before, names[i])
    for i in (0, 1):
        branch, parent = sides[1 - i], sides[i]
        if branch.branch_step is not None and branch.parent == parent.run:
            return tr(
                "{branch} left {run} at step {step} and went on {what}",
                branch=names[1 - i],
                run=names[i],
                step=count(branch.branch_step),
                what=facts.branch(branch.change),
            )
    if found.one.parent and found.one.parent == found.other.parent:
        one, other = (
            f"{n} {facts.branch(side.change)}" for n, side in zip(names, sides, strict=True)
        )
        run = _short(found.one.parent)
        return tr("Two branches of {run}: {one} | {other}", run=run, one=one, other=other)
    apart = [", ".join(_facts(found.one, found.other)), ", ".join(_facts(found.other, found.one))]
    step = fork_step(found)
    if step is None and not any(apart):
        apart = [_origin(found.one), _origin(found.other)]
    if any(apart):
        one, other = (f"{n} ({fact})" if fact else n for n, fact in zip(names, apart, strict=True))
        return tr("{one} against {other}", one=one, other=other)
    if step is None:
        return tr("{one} against {other}, set up alike", one=names[0], other=names[1])
    return tr(
        "{one} against {other}: the same until step {step}",
        one=names[0],
        other=names[1],
        step=count(step),
    )


def fork_step(found: Comparison) -> int | None:
    """The last step up to which the two are one; None where they share nothing, or never part."""
    if found.is_of_newcomer:
        return None
    one, other = found.one, found.other
    left = [s.branch_step for s, rest in ((one, other), (other, one)) if s.parent == rest.run]
    if one.parent and one.parent == other.parent:
        left = [one.branch_step, other.branch_step]
    steps = [step for step in left if step is not None]
    if steps:
        return min(steps)
    return found.same_until_step or None if found.parted_step is not None else None


def no_answer(found: Comparison, *, is_all: bool) -> str:
    """There is none that differs, of all there is or so far; "" where answers aren't compared."""
    if found.is_of_newcomer:
        return ""
    if found.one.deck_sha256 != found.other.deck_sha256:
        return tr("Their decks differ, so no answer of one is held against one of the other.")
    if is_all and found.answer is None:
        return tr("No answer is different, as far as both were recorded.")
    return same_so_far()


def same_so_far() -> str:
    return tr("No answer was different so far.")


def _origin(side: Side) -> str:
    if side.branch_step is None:
        return ""
    return tr("from step {step} of {run}", step=count(side.branch_step), run=_short(side.parent))


def _facts(one: Side, other: Side) -> list[str]:
    said = []
    if one.deck != other.deck:
        said.append(tr("deck {deck}", deck=printable(one.deck)))
    elif one.deck_sha256 != other.deck_sha256:
        said.append(tr("deck as of {sha}", sha=printable(one.deck_sha256[:4])))
    if one.seed != other.seed:
        said.append(tr("seed {seed}", seed=one.seed))
    if one.learning_rate != other.learning_rate and one.learning_rate is not None:
        said.append(tr("learning rate {rate:g}", rate=one.learning_rate))
    if one.order != other.order:
        said.append(tr("order {order}", order=tr(one.order)))
    if one.is_shuffled != other.is_shuffled:
        said.append(tr("answers shuffled") if one.is_shuffled else tr("answers as they are"))
    return said


CAUGHT_UP = 0.9
"""Share of the cards from which on both are held against each other."""


@dataclass(frozen=True, slots=True)
class Before:
    """What one of the two learned before: the name of a deck, or of a text that it read."""

    name: str
    is_text: bool


def before_of(state: RunState) -> Before | None:
    """What was taught last before the deck of the moment; None where nothing was."""
    if not state.life.earlier:
        return None
    return Before(state.life.earlier[-1].name, is_text=state.life.earlier[-1].is_text)


def newcomer_names(before: Before) -> tuple[str, str]:
    if before.is_text:
        return tr("has read"), tr("has not read")
    return tr("taught before"), tr("new")


def newcomer_title(before: Before, learned: str = "") -> str:
    """What they differ in; `learned` is what the one that learned something before is called."""
    facts = {"one": learned or tr("one"), "deck": before.name}
    if before.is_text:
        return tr("The same cards for both; only {one} read {deck} before.", **facts)
    return tr("The same cards for both; only {one} was taught {deck} before.", **facts)


def outcome(before: Before, learned: RunState, new: RunState | None) -> str:
    """How many cards each took until 80 % of those it is taught were right, as far as is known."""
    what = tr("with reading") if before.is_text else tr("with {deck} first", deck=before.name)
    ready = [None if state is None else state.exams.known_seen for state in (learned, new)]
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
    n_cards = [0 if s is None else s.cards_taught - s.life.since_cards for s in (learned, new)]
    if new is not None and n_cards[1] < CAUGHT_UP * n_cards[0]:
        return tr(
            "The new one was taught {n} of these {of} cards so far.",
            n=count(n_cards[1]),
            of=count(n_cards[0]),
        )
    exams = [None if state is None else state.exams.last for state in (learned, new)]
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
    if state is None or state.exams.last is None:
        return "–"
    n_cards = count(state.cards_taught - state.life.since_cards)
    share = percent_right(state.exams.last.seen)
    return tr("{share} after {n_cards}", share=share, n_cards=n_cards)
