"""Predictions of a class or whoever sits here, and how they came out. Rooms that ask share this."""

import asyncio
from collections.abc import Collection, Mapping

import msgspec

from flashcards.app.session import OnStage, Session
from flashcards.app.widgets.ballot import Ballot, BallotScreen, BetScreen, OutcomeMark
from flashcards.runs import commands, values
from flashcards.runs.bets import Bet
from flashcards.wording import bets

AGAIN_S = 0.2


async def predict(session: Session, question: values.BetQuestion) -> commands.PlaceBet | None:
    """Ask the phones to predict, or else whoever sits here; None when that was passed over."""
    stage = session.singleton(OnStage)
    n_cards = session.state.n_of_side(question)
    question_text = bets.question(question, n_cards)
    if stage.poll is None:
        is_of_class = session.class_mode.is_on
        screen = BetScreen(question_text, question, n_cards, is_of_class=is_of_class)
        return await session.dialog(screen)
    ballot = await stage.poll(question_text, bets.places(question, n_cards))
    if ballot is None or not any(ballot.hands):
        return None
    placed = bets.of_hands(question, ballot.hands, n_cards)
    ballot.placed = msgspec.structs.replace(placed, hands_before=ballot.hands_before)
    stage.ballots.append(ballot)
    return ballot.placed


def recall(session: Session, bet: Bet) -> None:
    """Take up an open bet of the class that only the run's log knows: it was placed before the
    program was started again."""
    stage, placed, n_cards = (
        session.singleton(OnStage),
        bet.placed,
        session.state.n_of_side(bet.placed.bet),
    )
    if not placed.hands or not bet.is_open or any(_is_of(ballot, bet) for ballot in stage.ballots):
        return
    question_text = bets.question(placed.bet, n_cards)

    def tell(_: Mapping[int, str], outcome: str) -> None:
        if stage.tell_outcome is not None:
            stage.tell_outcome(question_text, outcome)

    ballot = Ballot(0, question_text, bets.places(placed.bet, n_cards), 0.0, tell)
    ballot.hands, ballot.hands_before = placed.hands, placed.hands_before
    ballot.placed = commands.PlaceBet(
        bet=placed.bet,
        share=placed.share,
        choice=placed.choice,
        hands=placed.hands,
        hands_before=placed.hands_before,
        is_of_class=placed.is_of_class,
    )
    stage.ballots.append(ballot)


def _is_of(ballot: Ballot, bet: Bet) -> bool:
    was = ballot.placed
    return was is not None and (was.bet, was.hands) == (bet.placed.bet, bet.placed.hands)


def settle(session: Session, bet: Bet) -> None:
    stage = session.singleton(OnStage)
    for ballot in stage.ballots:
        if _is_of(ballot, bet) and bet.outcome is not None:
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
