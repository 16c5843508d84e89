"""A real lesson with one update walked (the recording `lead`), and real chapters of rewards."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from textual.widget import Widget

from flashcards.app.update.candidate_bars import error_rows
from flashcards.runs import details as det, events as ev
from flashcards.runs.state import RunState
from flashcards.runs.values import PHASES, Phase
from tests.app import recordings
from tests.app.drawn import plain
from tests.app.lesson import folded
from tests.app.script import Stage, on_stage

NAME = "lead"


@cache
def events() -> tuple[ev.AnyEvent, ...]:
    return (*recordings.told(NAME), inside())


def before_walking() -> list[ev.AnyEvent]:
    first = next(i for i, event in enumerate(events()) if isinstance(event, ev.PhaseEntered))
    return [*events()[:first]]


def in_phase(phase: Phase) -> list[ev.AnyEvent]:
    told: list[ev.AnyEvent] = []
    at: Phase | None = None
    for event in events():
        if isinstance(event, ev.PhaseEntered):
            at = event.phase
        if at == phase and isinstance(
            event, ev.PhaseEntered | ev.UpdateDetails | ev.CorrectionMeasured
        ):
            told.append(event)
    return told


@cache
def inside() -> ev.InsideSeen:
    answers = (one for one in recordings.read(NAME) if isinstance(one, recordings.Answered))
    return next(e for answer in answers for e in answer.events if isinstance(e, ev.InsideSeen))


SIZES = ((80, 24), (120, 40))


def at(phase: Phase) -> RunState:
    happened = before_walking()
    for earlier in PHASES[: PHASES.index(phase) + 1]:
        happened += in_phase(earlier)
    return folded(happened)


def details_at(phase: Phase) -> ev.UpdateDetails:
    details = at(phase).card.details
    assert details is not None
    return details


@asynccontextmanager
async def walking(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    async with on_stage(before_walking(), size) as stage:
        await stage.press("full_stop")
        await stage.say(*in_phase("data"))
        yield stage


async def walk_on(stage: Stage, phase: Phase) -> None:
    await stage.press("full_stop")
    await stage.say(*in_phase(phase))


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


def rewarded(name: str) -> list[ev.AnyEvent]:
    """A real chapter of rewards on `sorting` (`reward-NAME.jsonl`), less what is not shown."""
    lines = Path(__file__).with_name(f"reward-{name}.jsonl").read_bytes().splitlines()
    return [*map(ev.decode, lines)]
