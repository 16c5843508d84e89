"""What view 5 is given: a lesson and its branch, or two saved runs, and what is said of them.

The sentences are in `travel_words.py` and `saved_race_words.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flashcards.app.past import words as travel_words
from flashcards.app.race import saved_words as saved_race_words
from flashcards.app.race.replay import RaceReplay
from flashcards.app.race.view import Race, Side
from flashcards.app.run import viewer_words

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

NO_RACE = Race(problem=travel_words.NO_BRANCH)
NO_RACE_IN_REPLAY = Race(problem=travel_words.NO_RACE)


def race_of(app: FlashcardsApp) -> Race:
    """The race there is."""
    viewer = app.lesson.viewer
    if isinstance(viewer, RaceReplay):
        return _saved(viewer, app)
    if viewer is not None:
        return replace(NO_RACE_IN_REPLAY, cards_taught=app.travel.cards_taught)
    return _branched(app)


def _branched(app: FlashcardsApp) -> Race:
    words, branch = travel_words, app.lesson.branch
    travel = app.travel
    if branch is None:
        return replace(NO_RACE, cards_taught=travel.cards_taught)
    state = branch.state
    return Race(
        branch,
        (
            Side(words.MAIN, *words.RACE_LINES["lesson"]),
            Side(words.BRANCH, *words.RACE_LINES["branch"]),
        ),
        title=words.race_title(branch.step, branch.change),
        note="" if state.start is None else words.behind(branch.is_behind_steps),
        problem=words.branch_failed(state.failure) if state.liveness == "failed" else "",
        curves=words.RACE_CURVES,
        fork_step=branch.step,
        differs=app.lesson.first_difference,
        no_answer=words.RACE_STARTING if state.start is None else words.SAME_SO_FAR,
        cards_taught=travel.cards_taught,
        falls_short=words.NOT_SO_FAR if travel.step is not None else "",
    )


def _saved(viewer: RaceReplay, app: FlashcardsApp) -> Race:
    words, found, other, travel = saved_race_words, viewer.comparison, viewer.beside, app.travel
    if found is None:
        is_reading = app.state.liveness != "failed"
        return Race(title=viewer_words.READING_BOTH if is_reading else "")
    paths = viewer.folder.path, other.path
    names = words.names(*paths)
    is_at_end = viewer.is_at_end and travel.step is None
    is_one_run = paths[0].resolve() == paths[1].resolve()
    return Race(
        other,
        (Side(names[0], *words.lines(names[0])), Side(names[1], *words.lines(names[1]))),
        title=words.ONE_RUN if is_one_run else words.title(found, names),
        curves=words.CURVES,
        fork_step=words.fork_step(found),
        differs=found.answer,
        no_answer=words.no_answer(found, is_all=is_at_end),
        falls_short=words.ends_at(names[1], other.last_step),
        cards_taught=travel.cards_taught,
        goes_on=words.goes_on_to(names[1], other.last_step) if is_at_end else "",
    )
