"""What view 5 is given: a lesson and its branch, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app import travel_words
from flashcards.app.screens.race import Race, Side

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

NO_RACE = Race(problem=travel_words.NO_BRANCH)


def race_of(app: FlashcardsApp) -> Race:
    """The race there is."""
    words, branch = travel_words, app.lesson.branch
    if branch is None:
        return NO_RACE
    state, travel = branch.state, app.travel
    return Race(
        branch,
        (
            Side(words.MAIN, *words.RACE_LINES["lesson"]),
            Side(words.BRANCH, *words.RACE_LINES["branch"]),
        ),
        title=words.race_title(branch.step, branch.wish.what),
        note="" if state.start is None else words.behind(branch.is_behind_steps),
        problem=words.branch_failed(state.failure) if state.liveness == "failed" else "",
        curves=words.RACE_CURVES,
        fork_step=branch.step,
        differs=app.lesson.first_difference,
        no_answer=words.RACE_STARTING if state.start is None else words.SAME_SO_FAR,
        cards_taught=travel.cards_taught,
        falls_short=words.NOT_SO_FAR if travel.step is not None else "",
    )
