"""Moments of a run that a film shows, and for how long: slow at first, then fast, then the end. All
come from the log. The first cards taught alone are shown phase by phase, as they were computed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from flashcards.runs import events as ev
from flashcards.runs.values import PHASES, Phase

END_SHARE, OPENING_SHARE = 0.17, 0.35
N_EXPLAINED = 2
N_SLOW = 4
PHASE_WEIGHTS: dict[Phase, float] = {
    "data": 1.0,
    "model": 1.0,
    "prediction": 1.6,
    "error": 1.6,
    "adjustment": 2.0,
    "repeat": 0.8,
}
UNKNOWN: dict[Phase, tuple[str, ...]] = {  # what of a correction is not known yet
    **dict.fromkeys(("data", "model"), ("guess", "piece_mark", "pieces", "error_nats", "change")),
    "prediction": ("pieces", "error_nats", "change"),
    "error": ("change",),
}

FRAMES_A_SECOND = 6.0


@dataclass(frozen=True, slots=True)
class TimedEvents:
    """Fold `events`, then show the screen for `seconds`; 0 only folds."""

    events: tuple[ev.AnyEvent, ...]
    seconds: float


def moments(
    happened: Sequence[ev.AnyEvent], seconds: float, end_share: float = END_SHARE
) -> Iterator[TimedEvents]:
    """The run, or a stretch of one, in that many seconds; the last moment is its end."""
    explained, slow = _opening(happened)
    n_opening = len(explained) + len(slow)
    end_s = end_share * seconds
    at = (*explained, *slow)[-1] + 1 if n_opening else 0
    if not any(isinstance(event, ev.CorrectionMeasured) for event in happened[at:]):
        opening_s = seconds - end_s if n_opening else 0.0
    else:
        opening_s = OPENING_SHARE * seconds if n_opening else 0.0
    explained_s = opening_s * (0.75 if slow else 1.0) / max(1, len(explained))
    slow_s = opening_s * (0.25 if explained else 1.0) / max(1, len(slow))
    done = 0
    for i in explained:
        event = happened[i]
        assert isinstance(event, ev.CorrectionMeasured)
        yield TimedEvents(tuple(happened[done:i]), 0.0)
        yield from _phases(event, explained_s)
        done = i + 1
    for i in slow:
        yield TimedEvents(tuple(happened[done : i + 1]), slow_s)
        done = i + 1
    rest_s = seconds - opening_s - end_s
    yield from _fast(happened[at:], rest_s)
    yield TimedEvents((), end_s)


def _opening(happened: Sequence[ev.AnyEvent]) -> tuple[list[int], list[int]]:
    """Indices of the first cards taught alone: the ones explained, then the ones shown slowly."""
    alone: list[int] = []
    for i, event in enumerate(happened):
        if isinstance(event, ev.CorrectionMeasured):
            if event.correction.n_cards > 1 or len(alone) == N_EXPLAINED + N_SLOW:
                break
            alone.append(i)
    return alone[:N_EXPLAINED], alone[N_EXPLAINED:]


def _phases(event: ev.CorrectionMeasured, seconds: float) -> Iterator[TimedEvents]:
    whole = sum(PHASE_WEIGHTS.values())
    for phase in PHASES:
        if phase == "adjustment":
            yield TimedEvents((event,), 0.0)
        unknown = dict.fromkeys(UNKNOWN.get(phase, ()))
        known = msgspec.structs.replace(event.correction, **unknown)
        entered = ev.PhaseEntered(step=event.step - 1, phase=phase, correction=known)
        yield TimedEvents((entered,), seconds * PHASE_WEIGHTS[phase] / whole)


def _fast(happened: Sequence[ev.AnyEvent], seconds: float) -> Iterator[TimedEvents]:
    """The rest in frames of equal length: more of them where more was recorded."""
    frame_kinds = (ev.CorrectionMeasured, ev.StepsTaken, ev.DeckMarked, ev.LessonEnded)
    places = [i for i, event in enumerate(happened) if isinstance(event, frame_kinds)]
    n_frames = min(len(places), max(1, round(seconds * FRAMES_A_SECOND)))
    done = 0
    for frame in range(n_frames):
        end = places[(frame + 1) * len(places) // n_frames - 1] + 1
        yield TimedEvents(tuple(happened[done:end]), seconds / n_frames)
        done = end
    yield TimedEvents(tuple(happened[done:]), 0.0)
