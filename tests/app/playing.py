"""The play screen alone, and the presenter's, painted with one state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from textual.pilot import Pilot
from textual.widget import Widget

from flashcards.app.room import NO_LINE, StatusLine
from flashcards.app.session import OnStage
from flashcards.app.stage.presenter import PresenterView
from flashcards.runs import events as ev, values as val
from flashcards.runs.state import RunState
from tests.app.lesson import Host, PlayHost, correction, lesson

PARTS = ("guess", "piece_mark", "pieces", "error_nats", "change")
SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]


def text_of(app: PlayHost, kind: type[Widget]) -> str:
    widget = app.play.query_one(kind)
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


@asynccontextmanager
async def showing(
    state: RunState,
    size: tuple[int, int] = (80, 24),
    theme: str = "textual-dark",
    *,
    is_stalled: bool = False,
    notice: StatusLine = NO_LINE,
) -> AsyncIterator[PlayHost]:
    app = PlayHost(theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await show(app, state, is_stalled=is_stalled, notice=notice)
        yield app


async def show(
    app: PlayHost, state: RunState, *, is_stalled: bool = False, notice: StatusLine = NO_LINE
) -> None:
    app.play.paint(state, is_stalled=is_stalled, notice=notice)
    await settled(Pilot(app))


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await asyncio.sleep(0)


def explaining(phase: val.Phase, *known: str) -> list[ev.AnyEvent]:
    """A lesson in which one card is explained, up to a phase; of `PARTS` so many are known."""
    unknown = dict.fromkeys(part for part in PARTS if part not in known)
    card = msgspec.structs.replace(correction(n_cards=1), **unknown)
    return [
        *lesson(),
        ev.SpeedChanged(step=1284, speed="explain"),
        ev.PhaseEntered(step=1284, phase=phase, correction=card),
    ]


@asynccontextmanager
async def presented(
    state: RunState, size: tuple[int, int] = (80, 24), theme: str = "stage-dark"
) -> AsyncIterator[Host]:
    app = Host(PresenterView("past-tense", OnStage()), theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.view.paint(state)
        await pilot.pause()
        yield app
