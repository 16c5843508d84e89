"""One update of a real lesson, walked, as it was told: the recording `lead`."""

from functools import cache

from flashcards.runs import events as ev
from flashcards.runs.values import Phase
from tests.app import recordings

NAME = "lead"


@cache
def events() -> tuple[ev.AnyEvent, ...]:
    return (*recordings.told(NAME), inside())


def before_walking() -> list[ev.AnyEvent]:
    """The lesson up to the update."""
    first = next(i for i, event in enumerate(events()) if isinstance(event, ev.PhaseEntered))
    return [*events()[:first]]


def in_phase(phase: Phase) -> list[ev.AnyEvent]:
    """What is told when the update comes to this phase."""
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
    """The model as it was seen after the update."""
    answers = (one for one in recordings.read(NAME) if isinstance(one, recordings.Answered))
    return next(e for one in answers for e in one.events if isinstance(e, ev.InsideSeen))
