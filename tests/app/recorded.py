"""One update of a real lesson, walked, as it was told: the numbers of the golden pictures.

Recorded from the real trainer, so that every number in the pictures is a model's; not a test.

    python -m tests.app.recorded past-tense 300 tests/app/update.jsonl

The first card that is answered wrongly after that many updates is the one.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from flashcards.app.run.run import Run, first_of
from flashcards.runs import events as ev
from flashcards.runs.commands import LookInside, NextPhase
from flashcards.runs.values import PHASES, Phase
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest

FILE = Path(__file__).with_name("update.jsonl")
MAX_CARDS, N_EXAMS = 60, 6
KEPT = (
    ev.ExamTaken,
    ev.DeckMarked,
    ev.PhaseEntered,
    ev.UpdateDetails,
    ev.CorrectionMeasured,
    ev.InsideSeen,
)


def before_walking() -> list[ev.AnyEvent]:
    """The lesson up to the update."""
    happened = events()
    first = next(i for i, event in enumerate(happened) if isinstance(event, ev.PhaseEntered))
    return happened[:first]


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


def inside() -> ev.InsideSeen:
    """The model as it was seen after the update."""
    return next(event for event in events() if isinstance(event, ev.InsideSeen))


def events() -> list[ev.AnyEvent]:
    return [ev.decode(line) for line in FILE.read_bytes().splitlines()]


class _Recorder(TrainerClient):
    """A teacher whose events are kept."""

    def __init__(self, request: LessonRequest) -> None:
        super().__init__(request)
        self.told: list[ev.AnyEvent] = []

    async def events(self) -> AsyncIterator[ev.AnyEvent]:
        async for event in super().events():
            self.told.append(event)
            yield event


async def _record(deck: str, step: int) -> list[ev.AnyEvent]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        request = LessonRequest(deck=deck, seed=1, speed="full", runs=runs)
        teacher = _Recorder(request)
        lesson = Run(request, teacher, lambda: 0.0)
        listening = asyncio.create_task(lesson.listen())
        while lesson.state.step < step:
            await asyncio.sleep(0.02)
        first = len(teacher.told)
        for _ in range(MAX_CARDS):
            begun = len(teacher.told)
            for phase in PHASES:
                lesson.send(NextPhase())
                while not (lesson.state.card.phase == phase and lesson.state.card.is_held):
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.3)
            correction = lesson.state.card.now
            if correction is not None and correction.mark != "right":
                break
        await first_of(lesson.replies(LookInside(), 20.0), ev.InsideSeen)
        await lesson.close(is_saved=False)
        await listening
    exams = [e for e in teacher.told[:first] if isinstance(e, ev.ExamTaken | ev.DeckMarked)]
    started = next(e for e in teacher.told if isinstance(e, ev.RunStarted))
    started = msgspec.structs.replace(started, run="r", folder="r", deck_path=f"{deck}.deck")
    walked = [e for e in teacher.told[begun:] if isinstance(e, KEPT)]
    told = teacher.told[:begun]
    steps = [e for e in told if isinstance(e, ev.StepsTaken)]
    paused = [e for e in told if isinstance(e, ev.RunPaused | ev.StepsAsked)]
    return [started, *exams[-N_EXAMS:], steps[-1], paused[-1], *walked]


def main() -> None:
    parser = argparse.ArgumentParser(description="Record one update, walked.")
    parser.add_argument("deck")
    parser.add_argument("step", type=int)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    happened = asyncio.run(_record(options.deck, options.step))
    options.file.write_bytes(b"".join(ev.encode(event) for event in happened))


if __name__ == "__main__":
    main()
