"""The app's own line under a lesson: what is wrong with its deck, what is offered.

And what it says for a moment in a corner, one notice of a kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.notifications import Notification

from flashcards.app.lesson import dialog_words as words
from flashcards.app.lesson import regime_words
from flashcards.app.past.words import marker as marker_words
from flashcards.app.past.words import past
from flashcards.app.run import viewer_words
from flashcards.runs.regime import regime

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.run.viewer import Viewer

TOLD_SILENT_AFTER_S = 10.0
OFFER_FOR_S = 10.0
"""Training time after which the last run is no longer offered in words; its key still works."""


def notice_of(app: FlashcardsApp) -> str:
    """The sentence, "" where there is nothing to say."""
    lesson, earlier = app.lesson, app.earlier
    state, deck_file = lesson.state, lesson.deck_file
    if app.is_leaving:
        return words.SAVING
    if lesson.viewer is not None and app.travel.step is None:
        if state.steps.broken is not None:
            return regime_words.broken(regime(state))
        return viewer_notice(app, lesson.viewer)
    if app.travel.problem:
        return app.travel.problem
    if app.travel.step is not None and app.front_shows_past:
        marker = app.travel.marker_here()
        if marker is not None:
            return marker_words(marker)
        if lesson.viewer is not None and lesson.viewer.beside is not None:
            return viewer_words.race_past(app.travel.step, app.key_of("play"))
        broken = app.shown.steps.broken
        since = None if broken is None else broken.step
        return past(app.travel.step, app.key_of("follow_live"), broken_since=since)
    if state.liveness == "failed":
        target = earlier.to_go_on(lesson)
        step = None if target is None else target[1]
        return words.failed_offer(
            app.key_of("go_on"), step, app.key_of("restart"), app.key_of("decks")
        )
    if deck_file is not None and deck_file.problem:
        return words.deck_broken(deck_file.problem)
    rewound = state.rewound
    is_as_rewound = (
        rewound is not None
        and rewound.step == state.step
        and rewound.factor == state.learning_rate_factor
    )
    if rewound is not None and is_as_rewound:
        return regime_words.rewound(rewound.from_step, rewound.step, rewound.factor)
    if state.steps.broken is not None:
        ended = None if state.ended is None else state.ended.reason
        return regime_words.broken(regime(state), app.key_of("rewind"), ended)
    if state.learning_rate_factor != 1.0:
        return regime_words.sentence(regime(state))
    start, exam = state.start, state.exam_under_way
    if exam is not None:
        return words.asking_all(exam.n_asked, exam.n_cards)
    if start is not None and start.problem is not None:
        return words.deck_problem(start.problem, start.n_problems)
    is_offered = lesson.request.resume is None and app.stage.talking is None
    if is_offered and state.train_seconds < OFFER_FOR_S:
        run = earlier.newest(lesson)
        if run is not None:
            return words.goes_on(app.key_of("go_on"), run.summary.step, run.summary.seen)
        if earlier.is_first:
            return words.first_run(*map(app.key_of, ("ask", "view_memory", "new_deck")))
    return ""


@dataclass
class Notice(Notification):
    """Something said in a corner for a while; `kind` is what it is about."""

    kind: str = ""


def replaced(said: Notification, shown: Iterable[Notification]) -> list[Notification]:
    """Those of the notices shown that this one takes the place of."""
    if not isinstance(said, Notice):
        return []
    return [one for one in shown if isinstance(one, Notice) and one.kind == said.kind]


def viewer_notice(app: FlashcardsApp, viewer: Viewer) -> str:
    """How a recorded run is shown, and for how long nothing came."""
    state = app.lesson.state
    run = viewer.folder.path.name
    if viewer.kind == "replay":
        if viewer.is_at_end and viewer.beside is not None:
            return viewer_words.race_ends(app.key_of("play"), app.key_of("back"))
        if viewer.is_at_end:
            return viewer_words.RECORDING_ENDS
        keys = map(app.key_of, ("faster", "slower", "play", "step"))
        return viewer_words.replaying(viewer.pace, *keys)
    if state.start is None:
        return viewer_words.NOTHING_YET
    if state.liveness == "learning" and app.lesson.silent_s >= TOLD_SILENT_AFTER_S:
        return viewer_words.silent(int(app.lesson.silent_s))
    return viewer_words.watching(run)
