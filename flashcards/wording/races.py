"""Races in words: two saved runs; one model that learned something before, one new."""

import math
import re
from pathlib import Path

from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.runs.values import BranchChange, Score
from flashcards.runs.verdict import is_better
from flashcards.wording import facts
from flashcards.wording.before import Before, learned_before
from flashcards.wording.comparison import Comparison, Side
from flashcards.wording.numbers import count, n_of, percent_right

MOST_NAME_CHARS = 16

CAUGHT_UP = 0.9  # share of the cards from which on two models are compared

_RUN_NAME = re.compile(r"\d{4}-\d\d-\d\d-.*-([0-9a-f]{4})")


def before_of(state: RunState) -> Before | None:
    """Return what was taught last before the deck of the moment; None where nothing was."""
    if not state.life.earlier:
        return None
    chapter = state.life.earlier[-1]
    return learned_before(chapter.name, is_text=chapter.is_text)


# Two saved runs


def names(first_folder: Path, second_folder: Path) -> tuple[str, str]:
    """Name two runs by the ends of their folders' names, as commands take them; A and B if
    alike."""
    first, second = (_short(path.resolve().name) for path in (first_folder, second_folder))
    return (first, second) if first != second else ("A", "B")


def _short(name: str) -> str:
    match = _RUN_NAME.fullmatch(name)
    name = printable(name if match is None else match[1])
    return name if len(name) <= MOST_NAME_CHARS else f"{name[: MOST_NAME_CHARS - 1]}…"


def is_due(n_cards: int, of: int) -> bool:
    """Tell whether a model taught `n_cards` can be compared with one that was taught `of`."""
    return n_cards >= CAUGHT_UP * of


def catches_up(n_cards: int, of: int) -> str:
    """Say behind a model's name that it cannot be compared yet; "" where it can."""
    return "" if is_due(n_cards, of) else tr("still catching up")


def share_after(state: RunState, rates: History, n_cards: int) -> float | None:
    """The share right at the last exam before more than `n_cards` of this chapter were taught."""
    taught = dict(state.exams.cards.points)
    by_then = [share for step, share in rates.points if taught.get(step, math.inf) <= n_cards]
    return by_then[-1] if by_then else None


def shared(comparison: Comparison) -> list[str]:
    first, second = comparison.first, comparison.second
    deck = tr("the deck {deck}, to the byte", deck=first.deck)
    same = [deck] if first.deck_sha256 == second.deck_sha256 else []
    return [*same, tr("seed {seed}", seed=first.seed)] if first.seed == second.seed else same


def different(comparison: Comparison) -> list[str]:
    first, second = comparison.first, comparison.second
    differs = [f"{a} | {b}" for a, b in zip(*_set_up(first, second), strict=True)]
    if comparison.is_of_newcomer:
        return [*differs, title(comparison, (first.run, second.run))]
    return differs + [
        _left(side, side.run, side.parent)
        for side in (first, second)
        if side.branch_step is not None
    ]


def _left(branch: Side, name: str, parent: str) -> str:
    return tr(
        "{branch} left {run} at step {step}, {what}",
        branch=name,
        run=parent,
        step=count(branch.branch_step or 0),
        what=facts.branch(branch.change),
    )


def _branch(comparison: Comparison) -> tuple[int, Side] | None:
    """Return which of the two left the other, by its place; None when neither did."""
    pairs = enumerate(
        ((comparison.first, comparison.second), (comparison.second, comparison.first))
    )
    left = ((i, a) for i, (a, b) in pairs if a.branch_step is not None and a.parent == b.run)
    return next(left, None)


def change(comparison: Comparison) -> BranchChange | None:
    """Return what is different from where one left the other; None when neither did."""
    branch = _branch(comparison)
    return None if branch is None else branch[1].change


def title(comparison: Comparison, names: tuple[str, str]) -> str:
    sides = comparison.first, comparison.second
    if comparison.is_of_newcomer:
        i = 0 if comparison.first.before else 1
        return learned_before(sides[i].before[-1], is_text=sides[i].has_read).title(names[i])
    if (branch := _branch(comparison)) is not None:
        return _left(branch[1], names[branch[0]], names[1 - branch[0]])
    if comparison.first.parent and comparison.first.parent == comparison.second.parent:
        changes = (facts.branch(side.change) for side in sides)
        first, second = (f"{name} {what}" for name, what in zip(names, changes, strict=True))
        run = _short(comparison.first.parent)
        return tr("Two branches of {run}: {one} | {other}", run=run, one=first, other=second)
    apart = tuple(map(", ".join, _set_up(*sides)))
    step = fork_step(comparison)
    if step is None and not any(apart):
        apart = _origin(comparison.first), _origin(comparison.second)
    first, second = (f"{n} ({fact})" if fact else n for n, fact in zip(names, apart, strict=True))
    if any(apart):
        return tr("{one} against {other}", one=first, other=second)
    if step is None:
        return tr("{one} against {other}, set up alike", one=first, other=second)
    text = "{one} against {other}: the same until step {step}"
    return tr(text, one=first, other=second, step=count(step))


def fork_step(comparison: Comparison) -> int | None:
    """The last step up to which the two are one; None where they share nothing, or never part."""
    if comparison.is_of_newcomer:
        return None
    first, second = comparison.first, comparison.second
    left = [s.branch_step for s, rest in ((first, second), (second, first)) if s.parent == rest.run]
    if first.parent and first.parent == second.parent:
        left = [first.branch_step, second.branch_step]
    steps = [step for step in left if step is not None]
    if steps:
        return min(steps)
    return comparison.same_until_step or None if comparison.parted_step is not None else None


def no_answer(comparison: Comparison, *, is_all: bool) -> str:
    """There is none that differs, of all there is or so far; "" where answers aren't compared."""
    if comparison.is_of_newcomer:
        return ""
    if comparison.first.deck_sha256 != comparison.second.deck_sha256:
        return tr("Their decks differ, so their answers are not compared.")
    if is_all and comparison.answer is None:
        return tr("No answer is different, as far as both were recorded.")
    return same_so_far()


def same_so_far() -> str:
    return tr("Both give the same answer to every card they were taught.")


def _origin(side: Side) -> str:
    if side.branch_step is None:
        return ""
    return tr("from step {step} of {run}", step=count(side.branch_step), run=_short(side.parent))


def _set_up(first: Side, second: Side) -> tuple[list[str], list[str]]:
    differ: list[tuple[str, str]] = []

    def apart(text: str, name: str, a: str | float | None, b: str | float | None) -> None:
        if a is not None and b is not None and a != b:
            differ.append((tr(text, **{name: a}), tr(text, **{name: b})))

    apart("deck {deck}", "deck", printable(first.deck), printable(second.deck))
    if first.deck == second.deck:
        versions = (printable(side.deck_sha256[:4]) for side in (first, second))
        apart("deck as of {sha}", "sha", *versions)
    apart("seed {seed}", "seed", first.seed, second.seed)
    apart("learning rate {rate:g}", "rate", first.learning_rate, second.learning_rate)
    apart("order {order}", "order", tr(first.order), tr(second.order))
    answers = [
        tr("answers shuffled") if side.is_shuffled else tr("answers as they are")
        for side in (first, second)
    ]
    apart("{answers}", "answers", *answers)
    return [a for a, _ in differ], [b for _, b in differ]


# One model that learned something before, and one that is new


MANY = 100  # of fewer cards it is said how many are right, and no share


def right(score: Score) -> str:
    return percent_right(score) if score.total >= MANY else n_of(score.right, score.total)


def outcome(before: Before, learned: RunState, new: RunState | None) -> str:
    """Say whether it helps: by the cards that neither is taught; "" before they were asked. Where
    the new one has not caught up, only that is said: it would not be a fair comparison."""
    n_cards = [0 if s is None else s.cards_taught - s.life.since_cards for s in (learned, new)]
    if new is not None and not is_due(n_cards[1], n_cards[0]):
        text = "The new one was taught {n} of these {of} cards so far."
        return tr(text, n=count(n_cards[1]), of=count(n_cards[0]))
    exams = [None if state is None else state.exams.last for state in (learned, new)]
    if exams[0] is None or exams[1] is None or not exams[0].unseen.total:
        return ""
    learned_score, new_score = exams[0].unseen, exams[1].unseen
    answer = tr("Perhaps, but with {n:,} cards asked that can be luck.", n=learned_score.total)
    if is_better(learned_score, new_score):
        answer = tr("It helps.")
    elif is_better(new_score, learned_score):
        answer = tr("It does harm.")
    score = tr(
        "Never taught and right: {one} {what}, {other} without.",
        one=right(learned_score),
        other=right(new_score),
        what=before.with_it(),
    )
    return f"{answer} {score}"
