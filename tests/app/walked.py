"""View 4 in a phase of the real update of `tests/app/recorded.py`."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.widget import Widget

from flashcards.app.update.candidate_bars import error_rows
from flashcards.runs import details as det
from flashcards.runs import events as ev
from flashcards.runs.state import RunState
from flashcards.runs.values import PHASES, Phase
from tests.app import recorded
from tests.app.drawn import plain
from tests.app.lesson import folded
from tests.app.script import Stage, on_stage

SIZES = ((80, 24), (120, 40))


def at(phase: Phase) -> RunState:
    """The recorded lesson with the update in this phase."""
    happened = recorded.before_walking()
    for earlier in PHASES[: PHASES.index(phase) + 1]:
        happened += recorded.in_phase(earlier)
    return folded(happened)


def details_at(phase: Phase) -> ev.UpdateDetails:
    """What is known from within when the update is in this phase."""
    details = at(phase).card.details
    assert details is not None
    return details


@asynccontextmanager
async def walking(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    """The app on the recorded lesson, walked to DATA."""
    async with on_stage(recorded.before_walking(), size) as stage:
        await stage.press("full_stop")
        await stage.say(*recorded.in_phase("data"))
        yield stage


async def walk_on(stage: Stage, phase: Phase) -> None:
    await stage.press("full_stop")
    await stage.say(*recorded.in_phase(phase))


def text_of(stage: Stage, kind: type[Widget]) -> str:
    return str(stage.app.screen.query_one(kind).render())


def expected(
    *probabilities: float, pieces: Sequence[str] = "abcdefgh"
) -> tuple[det.Expectation, ...]:
    """What the model expects at each piece of an answer, the right one the likeliest everywhere."""
    return tuple(
        det.Expectation(
            position=i,
            right=pieces[i],
            probability=p,
            rank=1,
            error_nats=-math.log(p),
            candidates=(det.Candidate(pieces[i], p, True),),
        )
        for i, p in enumerate(probabilities)
    )


def errors(places: tuple[det.Expectation, ...], width: int, height: int) -> list[str]:
    """The rows of ERROR one level deeper, of 27 pieces."""
    total = sum(place.error_nats for place in places)
    return plain(error_rows(places, total, width, height, n_choices=27, is_deep=True))
