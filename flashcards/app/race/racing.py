"""What view 5 is given: a lesson and its branch, or two saved runs, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

from flashcards.app.kit.numbers import count
from flashcards.app.kit.past_words import race_title
from flashcards.app.race import saved_words as saved_race_words
from flashcards.app.race import words as travel_words
from flashcards.app.race.branch import Branch
from flashcards.app.race.branching import BRANCH, Differing
from flashcards.app.race.past import RacePast
from flashcards.app.race.replay import RaceReplay
from flashcards.app.race.view import Race, RaceView, Side
from flashcards.app.run import words as run_words
from flashcards.app.session import Session
from flashcards.language import tr

NO_RACE = Race(problem=travel_words.NO_BRANCH)
NO_RACE_IN_REPLAY = Race(problem=travel_words.NO_RACE)


def race_of(session: Session) -> Race:
    viewer = session.run.viewer
    if isinstance(viewer, RaceReplay):
        return _saved(viewer, session)
    if viewer is not None:
        return replace(NO_RACE_IN_REPLAY, cards_taught=session.travel.cards_taught)
    return _branched(session)


def _branched(session: Session) -> Race:
    words, branch = travel_words, session.run.followers.get(BRANCH)
    travel = session.travel
    if not isinstance(branch, Branch):
        return replace(NO_RACE, cards_taught=travel.cards_taught)
    state = branch.state
    return Race(
        branch,
        (
            Side(words.MAIN, *words.RACE_LINES["lesson"]),
            Side(words.BRANCH, *words.RACE_LINES["branch"]),
        ),
        title=race_title(branch.step, branch.change),
        note="" if state.start is None else words.behind(branch.is_behind_steps),
        problem=words.branch_failed(state.failure) if state.liveness == "failed" else "",
        curves=words.RACE_CURVES,
        fork_step=branch.step,
        differs=session.kept(Differing).found,
        no_answer=words.RACE_STARTING if state.start is None else words.SAME_SO_FAR,
        cards_taught=travel.cards_taught,
        falls_short=words.NOT_SO_FAR if travel.step is not None else "",
    )


def _saved(viewer: RaceReplay, session: Session) -> Race:
    words, found, other, travel = saved_race_words, viewer.comparison, viewer.beside, session.travel
    if found is None:
        is_reading = session.state.liveness != "failed"
        return Race(title=run_words.READING_BOTH if is_reading else "")
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
        falls_short=tr("{run} ends at step {step}", run=names[1], step=count(other.last_step)),
        cards_taught=travel.cards_taught,
        goes_on=tr("{run} goes on to step {step}", run=names[1], step=count(other.last_step))
        if is_at_end
        else "",
    )


def make(session: Session) -> RaceView:
    return RaceView(session.run.deck, lambda: race_of(session), RacePast(session.paint))
