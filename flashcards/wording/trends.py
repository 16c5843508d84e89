"""Answers in a few words to what is asked of a lesson: is it getting better? Memory or
understanding?"""

import math

from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs.exam_history import Chapter
from flashcards.runs.state import RunState
from flashcards.runs.trend import trend
from flashcards.runs.verdict import shown_percent
from flashcards.wording import facts
from flashcards.wording.run_kinds import kind_of

ALL, NEARLY_ALL = 0.9995, 0.98
"""Shares right from which on hardly anything of what is taught is left to learn."""

NOTHING = 0.02  # a share right that is none yet
MUCH = 0.3  # of the share that it had at its best


def memory_or_understanding(state: RunState) -> str:
    """Ask that and answer it; "" while it is not known or spoiled, where no card is kept back, and
    of a model that was brought, which had read a lot before."""
    start, judged = state.start, state.latest_verdict
    if start is None or judged is None or not start.n_held_out or start.base:
        return ""
    if _is_spoiled(state):  # what it shows now is no sign of either
        return ""
    if state.steps.broken is not None:
        return sentences(tr("Memory or understanding?"), tr("Neither: it is broken."))
    answer = facts.memory_or_understanding(judged, is_over=state.ended is not None)
    return sentences(tr("Memory or understanding?"), answer) if answer else ""


def _is_spoiled(state: RunState) -> bool:
    """Tell whether a learning rate that was raised does harm, short of breaking it."""
    steps = state.steps
    return steps.factor > 1 and (steps.is_spoiling or steps.is_stuck) and steps.broken is None


def does_it_forget(chapter: Chapter) -> str:
    """Answer that of a deck that was taught earlier; "" where it was not asked since, or came
    back, or never was known."""
    now, before = chapter.seen, chapter.seen_before
    if now is None or before is None or not before.right:
        return ""
    if facts.is_kept(chapter):
        return tr("Not so far.")
    if not now.right:
        return tr("Yes, all of it.")
    is_lost = shown_percent(now.rate or 0.0) < shown_percent(before.rate or 0.0)
    return tr("Yes.") if is_lost else ""


def is_it_getting_better(state: RunState, *, is_past: bool = False) -> str:
    """Answer that from the exams of this deck, in the past tense where `is_past`; "" while there
    are too few, of a text, and where nothing was taught since it was taken back."""
    is_back = state.rewound is not None and state.rewound.step == state.step
    last = state.exams.last
    if is_back or last is None or not kind_of(state).share(last.seen):
        return ""
    since = state.life.since_step
    seen, unseen = (
        [(step, share) for step, share in rates.points if step >= since]
        for rates in (state.exams.seen_rates, state.exams.unseen_rates)
    )
    learning, understanding = trend(seen), trend(unseen)
    if learning is None:
        return ""
    shares = [share for _, share in seen if math.isfinite(share)]
    now = shares[-1]
    has_lost_much = max(shares) - now >= MUCH
    if has_lost_much and now <= NOTHING:
        return tr("No, it lost what it knew.")
    if _is_spoiled(state):
        return (
            tr("No: corrections were too large.")
            if is_past
            else tr("No: corrections are too large.")
        )
    if learning == "rising":
        return "" if state.steps.broken is not None else tr("Yes.")
    if learning == "falling":
        return tr("No: taught cards got worse.") if is_past else tr("No: taught cards get worse.")
    if understanding == "rising":
        return tr("Yes: on cards never taught.")
    if now >= NEARLY_ALL:
        if now < ALL:
            return tr("Hardly: nearly all right.")
        if is_past:
            return tr("No: all taught were right.")
        return tr("It can't: all taught right.")
    if has_lost_much:
        return tr("No, it knew more before.")
    if shown_percent(now) > shown_percent(max(shares[:-1])):
        return tr("It was never as good before.")
    if now > NOTHING:
        return tr("Hardly, of late.")
    return tr("Not by then.") if is_past else tr("Not yet.")
