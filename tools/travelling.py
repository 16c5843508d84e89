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
N_ROWS = 200


def rows_at(run: Path, step: int, sort: CardSort) -> tuple[CardRow, ...]:
    """The first cards of the list as it was at this step; none where that step isn't reached."""
    try:
        return asyncio.run(asyncio.wait_for(_rows(run, step, sort), PATIENCE_S))
    except TimeoutError:
        return ()


async def _rows(run: Path, step: int, sort: CardSort) -> tuple[CardRow, ...]:
    client = TimeMachineClient(TravelRequest(run=str(run), duty=1.0))
    rows: tuple[CardRow, ...] = ()
    is_asked = False
    try:
        async for event in client.events():
            if not is_asked:  # it is up
                client.send(GoTo(step=step))
                client.send(ListCards(sort=sort, n_rows=N_ROWS, request=1))
                is_asked = True
            match event:
                case CardsListed():
                    rows = event.rows
                    break
                case StepReached(text=text) if text:
                    break
                case TrainerFailed():
                    break
    finally:
        await client.stop(is_saved=False)
    return rows
