"""The line under the lesson: how a recording is shown, what is wrong, what is offered."""

from __future__ import annotations

from flashcards.app.lesson import dialog_words as words
from flashcards.app.lesson import regime_words
from flashcards.app.room import Line, LineRank
from flashcards.app.run import words as run_words
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.run.viewer import Viewer
from flashcards.app.session import Session
from flashcards.runs.regime import regime

TOLD_SILENT_AFTER_S = 10.0
OFFER_FOR_S = 10.0
"""Training time after which the last run is no longer offered in words; its key still works."""


def line(session: Session) -> Line | None:
    """The most pressing of what there is to say of the lesson itself; None when it is nothing."""
    run, state = session.run, session.state
    if session.is_leaving:
        return Line(LineRank.LEAVING, words.SAVING)
    if run.viewer is not None and session.travel.step is None:
        if state.steps.broken is not None:
            return Line(LineRank.VIEWING, regime_words.broken(regime(state)))
        return Line(LineRank.VIEWING, _viewed(session, run.viewer))
    if state.liveness == "failed":
        target = session.kept(EarlierRuns).to_go_on(run)
        step = None if target is None else target[1]
        keys = session.key("go_on"), step, session.key("restart"), session.key("decks")
        return Line(LineRank.FAILED, words.failed_offer(*keys))
    text = _regime(session)
    if text:
        return Line(LineRank.REGIME, text)
    if state.exam_under_way is not None:
        exam = state.exam_under_way
        return Line(LineRank.EXAM, words.asking_all(exam.n_asked, exam.n_cards))
    if state.start is not None and state.start.n_problems:
        text = words.deck_problem(state.start.problem, state.start.n_problems)
        return Line(LineRank.PROBLEM, text)
    text = _offer(session)
    return Line(LineRank.OFFER, text) if text else None


def _regime(session: Session) -> str:
    """What the steps do to the model, where that is not as it should be."""
    state = session.state
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
        return regime_words.broken(regime(state), session.key("rewind"), ended)
    if state.learning_rate_factor != 1.0:
        return regime_words.sentence(regime(state))
    return ""


def _offer(session: Session) -> str:
    """What one can do: go on with the last run, or what a first lesson should be told."""
    run, earlier = session.run, session.kept(EarlierRuns)
    if run.request.resume is not None or not session.is_offering:
        return ""
    if run.state.train_seconds >= OFFER_FOR_S:
        return ""
    newest = earlier.newest(run)
    if newest is not None:
        return words.goes_on(session.key("go_on"), newest.summary.step, newest.summary.seen)
    if earlier.is_first:
        return words.first_run(*map(session.key, ("ask", "view_memory", "new_deck")))
    return ""


def _viewed(session: Session, viewer: Viewer) -> str:
    """How a recorded run is shown, and for how long nothing came."""
    run = session.run
    if viewer.kind == "replay":
        if viewer.is_at_end and viewer.beside is not None:
            return run_words.race_ends(session.key("play"), session.key("back"))
        if viewer.is_at_end:
            return run_words.RECORDING_ENDS
        keys = map(session.key, ("faster", "slower", "play", "step"))
        return run_words.replaying(viewer.pace, *keys)
    if run.state.start is None:
        return run_words.NOTHING_YET
    if run.state.liveness == "learning" and run.silent_s >= TOLD_SILENT_AFTER_S:
        return run_words.silent(int(run.silent_s))
    return run_words.watching(viewer.folder.path.name)
