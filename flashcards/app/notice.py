"""The app's own line under a lesson: what is wrong with its deck, what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app import dialog_words as words
from flashcards.app.travel_words import MARKER_SIGNS, past

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

OFFER_FOR_S = 10.0
"""Training time after which the last run is no longer offered in words; its key still works."""


def notice_of(app: FlashcardsApp) -> str:
    """The sentence, "" where there is nothing to say."""
    lesson, earlier = app.lesson, app.earlier
    state, deck_file = lesson.state, lesson.deck_file
    if app.is_leaving:
        return words.SAVING
    if app.travel.problem:
        return app.travel.problem
    if app.travel.step is not None:
        marker = app.travel.marker_here()
        sign = "" if marker is None else f"{MARKER_SIGNS[marker.kind]} {marker.text}"
        return sign or past(app.travel.step, app.key_of("follow_live"))
    if state.liveness == "failed":
        target = earlier.to_go_on(lesson)
        step = None if target is None else target[1]
        return words.failed_offer(
            app.key_of("go_on"), step, app.key_of("restart"), app.key_of("decks")
        )
    if deck_file is not None and deck_file.problem:
        return words.deck_broken(deck_file.problem)
    start, exam = state.start, state.exam_under_way
    if exam is not None:
        return words.asking_all(exam.n_asked, exam.n_cards)
    if start is not None and start.n_problems:
        return words.deck_problem(start.problem, start.n_problems)
    if lesson.request.resume is None and state.train_seconds < OFFER_FOR_S:
        run = earlier.newest(lesson)
        if run is not None:
            return words.goes_on(app.key_of("go_on"), run.summary.step, run.summary.seen)
        if earlier.is_first:
            return words.first_run(*map(app.key_of, ("ask", "view_memory", "new_deck")))
    return ""
