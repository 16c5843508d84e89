"""Predictions of a class or whoever sits here, and how they came out. Rooms that ask share this."""

import asyncio
from collections.abc import Collection

import msgspec

from flashcards.app.session import OnStage, Session
from flashcards.app.widgets.ballot import Ballot, BallotScreen, BetScreen, OutcomeMark
from flashcards.runs import commands, values
from flashcards.runs.bets import Bet
from flashcards.wording import bets

AGAIN_S = 0.2


async def predict(session: Session, question: values.BetQuestion) -> commands.PlaceBet | None:
    """Ask the phones to predict, or else whoever sits here; None when that was passed over."""
    placed = await _placed(session, question)
    if placed is not None:
        session.class_mode.close_bet(session.run, question)
    return placed


async def _placed(session: Session, question: values.BetQuestion) -> commands.PlaceBet | None:
    stage = session.singleton(OnStage)
    n_cards = session.state.n_of_side(question)
    question_text = bets.question(question, n_cards, session.state.step)
    if stage.poll is None:
        return await session.dialog(BetScreen(question_text, question, n_cards))
    ballot = await stage.poll(question_text, bets.places(question, n_cards))
    if ballot is None or not any(ballot.hands):
        return None
    placed = bets.of_hands(question, ballot.hands, n_cards)
    ballot.placed = msgspec.structs.replace(placed, hands_before=ballot.hands_before)
    stage.ballots.append(ballot)
    return ballot.placed


def settle(session: Session, bet: Bet) -> None:
    stage = session.singleton(OnStage)
    for ballot in stage.ballots:
        was = ballot.placed
        is_this = was is not None and (was.bet, was.hands) == (bet.placed.bet, bet.placed.hands)
        if is_this and bet.outcome is not None:
            stage.ballots.remove(ballot)
            texts = bets.of_each_place(bet.placed, bet.outcome, ballot.hands)
            mark = bets.came_out(bet.placed, bet.outcome)
            ballot.tell(texts, mark)
            rows = bets.outcome_rows(bet.placed, bet.outcome, len(ballot.places))
            session.spawn(show_outcome(session, ballot, rows, mark), "outcome")
            return


async def show_outcome(session: Session, ballot: Ballot, rows: Collection[int], mark: str) -> None:
    """The histogram with a mark at these places, after another one that is shown."""
    run = session.run
    while isinstance(session.shell.screen, BallotScreen):
        await asyncio.sleep(AGAIN_S)
    if run is session.run:
        await session.dialog(BallotScreen(ballot, outcome=OutcomeMark(frozenset(rows), mark)))
