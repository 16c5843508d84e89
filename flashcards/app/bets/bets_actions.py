"""Questions to whoever watches a lesson, and what is said when they are settled."""

import itertools
from typing import Literal

from msgspec.structs import replace

from flashcards.app.predicting import predict, recall, settle
from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.run import Run
from flashcards.app.session import OnStage, Session
from flashcards.app.widgets.bars import SIGN
from flashcards.base.language import tr
from flashcards.runs import commands, events, values
from flashcards.runs.bets import Bet
from flashcards.runs.state import RunState
from flashcards.wording import bets, numbers
from flashcards.wording.run_kinds import kind_of

AHEAD_S, AHEAD_AT_ONCE_S = 10.0, 3.0
"""About so many seconds are from a bet to its moment; fewer where training may break down."""

FEW_STEPS = 100

SAID_FOR_S = 20.0
OFFERED_STEPS = 15  # a bet is offered in words while the first cards are shown slowly
BEFORE_ADJUSTMENT: tuple[values.Phase, ...] = ("data", "model", "prediction", "error")


def questions(state: RunState, n_in_minute: int = 0) -> tuple[values.BetQuestion, ...]:
    """Return what can be asked now; `n_in_minute` steps are spread over a minute, if they are."""
    start = state.start
    is_over = state.liveness in ("failed", "diverged")
    if start is None or is_over or "bet" in kind_of(state).lacks:
        return ()
    correction = state.card.now
    is_sound = state.steps.broken is None and state.exams.last is not None
    if is_sound and state.learning_rate_factor > 1:
        at_step = state.step + _steps_in(AHEAD_AT_ONCE_S, state, n_in_minute)
        factor = state.learning_rate_factor
        return (values.BetQuestion(kind="rate", factor=factor, at_step=at_step),)
    is_open = correction is not None and correction.mark != "right"  # else nothing is at stake
    if correction is not None and is_open and state.card.phase in BEFORE_ADJUSTMENT:
        return (values.BetQuestion(kind="correction", prompt=correction.prompt),)
    at_step = state.step + _steps_in(AHEAD_S, state, n_in_minute)
    score = values.BetQuestion(kind="score", at_step=at_step)
    return tuple(replace(score, side=side) for side in _open_sides(state))


def _open_sides(state: RunState) -> list[Literal["seen", "unseen"]]:
    """The sides of the deck whose score can be bet on: not one of which all cards were right."""
    exam = state.exams.last
    scores: dict[Literal["seen", "unseen"], values.Score | None] = {
        "seen": None if exam is None else exam.seen,
        "unseen": None if exam is None else exam.unseen,
    }
    if state.start is None or not state.start.n_held_out:
        del scores["unseen"]
    return [side for side, score in scores.items() if score is None or score.rate != 1.0]


def _steps_in(seconds: float, state: RunState, n_in_minute: int) -> int:
    """A round number of steps that take about so long at the pace of the lesson; `FEW_STEPS` while
    cards are shown one by one, or where no pace is known yet."""
    steps_a_second = 0.0
    if n_in_minute:
        steps_a_second = n_in_minute / 60
    elif state.speed == "full" and state.step > OFFERED_STEPS and state.lesson_seconds > 0:
        steps_a_second = state.step / state.lesson_seconds
    return numbers.round_number(steps_a_second * seconds) or FEW_STEPS


async def bet(session: Session) -> None:
    if session.travel.step is not None:
        session.travel.follow_live()
    run = session.run
    if run.state.liveness == "starting":
        session.notify(tr("The lesson is still starting."), timeout=4)
    if is_running := run.state.liveness == "learning":
        run.send(commands.Pause())
        await run.until(lambda: run.state.liveness != "learning")
    open_questions = questions(run.state, run.n_in_minute)
    if not open_questions and run.state.start is not None and not _open_sides(run.state):
        session.notify(tr("Every card is right already: there is nothing to bet on."), timeout=6)
    all_placed = []
    for question in open_questions:
        placed = await predict(session, question)
        if placed is None:
            break
        all_placed.append(placed)
    for placed in all_placed:  # only now: the first one would show what the second is about
        run.send(placed)
    if is_running:
        run.send(commands.Play())


def toggle_class_mode(session: Session) -> None:
    mode = session.class_mode
    mode.is_on = not mode.is_on
    text = tr("Class mode is off: results are shown as they come.")
    if mode.is_on:
        text = tr("Class mode: no result is shown before the class has bet on it.")
    session.notify(text, kind="class mode")
    if session.hides_outcomes:
        session.show("lesson")  # other views show how it comes out
    session.paint()


def is_hiding(session: Session) -> bool:
    return session.hides_outcomes


def show_without_bet(session: Session) -> None:
    session.class_mode.show(session.run)
    session.paint()


class Settled:
    """The last text about a settled bet, and until when it stands under the lesson."""

    text = ""
    until_s = 0.0


async def announce(session: Session, run: Run) -> None:
    """Say what a bet comes to, as it does: under the lesson, or in a corner where that is taken."""
    last_settled = session.singleton(Settled)
    last_settled.text = ""
    session.singleton(OnStage).ballots.clear()

    def hear(_: events.AnyEvent) -> None:
        state = run.state
        for bet in state.bets if run.viewer is None else ():
            recall(session, bet)
        now = [bet for bet in state.bets if bet.settled_fold == state.n_folded]
        for bet in now:
            settle(session, bet)
        outcomes = [(bet.placed, bet.outcome) for bet in now if bet.outcome]
        if not outcomes:
            return
        last_settled.text = bets.settled_at_once(outcomes)
        last_settled.until_s = session.clock() + SAID_FOR_S
        if state.card.phase is not None or state.liveness not in ("learning", "paused"):
            session.notify(
                "\n".join(bets.settled(*outcome) for outcome in outcomes),
                title=f"{SIGN} {bets.is_settled(now[-1].placed)}",
                severity="information"
                if any(itertools.starmap(bets.is_won, outcomes))
                else "warning",
                timeout=SAID_FOR_S,
                kind="bet",
            )

    run.on_event(hear)


def line(session: Session) -> StatusLine | None:
    state = session.shown_state
    if session.hides_outcomes and state.liveness != "failed":
        text = tr(
            "No result is shown before the class has bet. {bet} to ask it; {no_bet} shows results "
            "without a bet.",
            bet=session.press("bet"),
            no_bet=session.key("no_bet"),
        )
        return StatusLine(LineRank.COURSE, text, "bet")
    settled = session.singleton(Settled)
    if settled.text and session.is_offering and session.clock() < settled.until_s:
        text = f"{SIGN} {tr('Your bet is settled.')} {settled.text}"
        return StatusLine(LineRank.COURSE, text, about="bet")
    is_open = [bet for bet in state.bets if bet.is_open]
    if is_open and state.liveness in ("learning", "paused"):
        return StatusLine(LineRank.OFFER, _open(is_open, state), about="bet")
    if state.bets or not session.is_offering or session.run.viewer is not None:
        return None
    if state.liveness != "learning" or state.step > OFFERED_STEPS or not questions(state):
        return None
    text = tr("Press {key} to bet on how many cards it will get right.", key=session.key("bet"))
    return StatusLine(LineRank.OFFER, text, "bet")


def _open(unsettled: list[Bet], state: RunState) -> str:
    placed = [bet.placed for bet in unsettled]
    scores = [bet for bet in placed if bet.share is not None]
    if not scores:
        question = placed[-1]
        return f"{SIGN} {bets.question_and_prediction(question, state.n_of_side(question.bet))}"
    return f"{SIGN} {bets.open_scores(scores[-2:], state.step)}"
