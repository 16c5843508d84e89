"""A saved run at one of its steps, made once more: what its cards were then."""

from __future__ import annotations

import asyncio
from pathlib import Path

from flashcards.runs.commands import GoTo, ListCards
from flashcards.runs.events import CardsListed, StepReached, TrainerFailed
from flashcards.runs.values import CardRow, CardSort
from flashcards.trainer.client import TimeMachineClient
from flashcards.trainer.request import TravelRequest

PATIENCE_S = 40.0
N_ROWS = 500  # that one answer holds


def rows_at(run: Path, step: int, sort: CardSort) -> list[CardRow]:
    """All cards as they were at this step; none where that step isn't reached."""
    try:
        return asyncio.run(asyncio.wait_for(_rows(run, step, sort), PATIENCE_S))
    except TimeoutError:
        return []


async def _rows(run: Path, step: int, sort: CardSort) -> list[CardRow]:
    client = TimeMachineClient(TravelRequest(run=str(run), duty=1.0))
    rows: list[CardRow] = []
    is_asked = False

    def ask_on() -> None:
        client.send(ListCards(sort=sort, offset=len(rows), n_rows=N_ROWS, request=len(rows) + 1))

    try:
        async for event in client.events():
            if not is_asked:  # it is up
                client.send(GoTo(step=step))
                ask_on()
                is_asked = True
            match event:
                case CardsListed():
                    rows += event.rows[len(rows) - event.offset :]
                    if len(rows) >= event.total:
                        break
                    ask_on()
                case StepReached(text=text) if text:
                    break
                case TrainerFailed():
                    break
    finally:
        await client.stop(is_saved=False)
    return rows
