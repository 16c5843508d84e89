"""Runs a talk once without a screen and without waiting for keys, and measures it.

The talk, the app and the trainers are the real ones; what is measured is when their events came.
"""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from flashcards.app.run.sources import Teacher
from flashcards.app.session import Session
from flashcards.app.signals import left_by
from flashcards.app.stage.actions import StageState
from flashcards.app.stage.talking import Talking
from flashcards.base.errors import Terminated
from flashcards.runs import events as ev
from flashcards.runs.commands import AnyCommand, PlaceBet
from flashcards.runs.events import AnyEvent
from flashcards.runs.state import RunState
from flashcards.runs.values import BetQuestion
from flashcards.runs.verdict import best_of, is_better
from flashcards.talks.rehearsal import WORDS_PER_S, RehearsedCue, RehearsedLesson
from flashcards.talks.talk import Cue, Talk
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest

Clock = Callable[[], float]


class TimedTeacher:
    def __init__(self, request: LessonRequest, teacher: Teacher, clock: Clock) -> None:
        self.request = request
        self._teacher = teacher
        self._clock = clock
        self._state = RunState()
        self._began_s: float | None = None
        self._first_right_s: float | None = None
        self._aha_s: float | None = None
        self._aha = ""

    async def events(self) -> AsyncIterator[AnyEvent]:
        async for event in self._teacher.events():
            self._hear(event)
            yield event

    def send(self, command: AnyCommand) -> None:
        self._teacher.send(command)

    async def stop(self, is_saved: bool = True) -> None:
        await self._teacher.stop(is_saved)

    def _hear(self, event: AnyEvent) -> None:
        self._state.fold(event)
        if self._began_s is None:
            if event.step == 0:
                return
            self._began_s = self._clock()
        since_s = self._clock() - self._began_s
        if isinstance(event, ev.CorrectionMeasured) and self._first_right_s is None:
            self._first_right_s = since_s if event.correction.mark == "right" else None
        if isinstance(event, ev.ExamTaken) and self._aha_s is None:
            self._aha = _aha_of(event, self._state)
            self._aha_s = since_s if self._aha else None

    @property
    def measured(self) -> RehearsedLesson | None:
        start = self._state.start
        if start is None or self.request.is_shuffled:
            return None
        return RehearsedLesson(
            deck=self.request.deck,
            seed=self.request.seed,
            run=start.run,
            first_right_s=self._first_right_s,
            aha_s=self._aha_s,
            aha=self._aha,
        )


def _aha_of(exam: ev.ExamTaken, state: RunState) -> str:
    best = best_of(state.rivals)
    if exam.unseen.right and (best is None or is_better(exam.unseen, best.unseen)):
        return "never seen"
    return "seen" if exam.seen.total and exam.seen.right == exam.seen.total else ""


class Rehearsing(Talking):
    """A talk that goes on by itself, and ends the session."""

    def __init__(
        self, session: Session, sheet: Talk, say: Callable[[str], None], clock: Clock
    ) -> None:
        super().__init__(session, sheet)
        self.cues: list[RehearsedCue] = []
        self.problem = ""
        self.is_over = False
        self._say = say
        self._clock = clock

    async def _asked_for(self, question: BetQuestion) -> PlaceBet | None:
        """Nobody is there to predict anything."""
        return None

    async def run(self) -> None:
        session = self._session
        for index, cue in enumerate(self.sheet.cues):
            began_s = self._clock()
            await self._go_to(index, is_back=False)
            if session.is_leaving:
                return
            n_words = sum(len(text.split()) for text in (cue.title, *cue.text))
            measured = RehearsedCue(
                line=cue.line,
                seconds=self._clock() - began_s,
                reading_s=n_words / WORDS_PER_S,
                step=session.state.step,
            )
            self.cues.append(measured)
            self._say(_line_of(measured, cue, len(self.sheet.cues), index))
            if session.state.liveness == "failed":
                self.problem = session.state.failure
                break
        self.is_over = True
        self._checkpoints.clear()
        await session.leave(is_saved=True)


def _line_of(measured: RehearsedCue, cue: Cue, n_cues: int, index: int) -> str:
    place = f"{index + 1:>3}/{n_cues}  line {measured.line:>3}"
    if cue.is_slide:
        return f"{place}  slide  {measured.reading_s:5.1f} s to read   {cue.title}"
    return f"{place}  cue    {measured.seconds:5.1f} s, to step {measured.step:,}"


def rehearse(
    sheet: Talk, runs: Path, device: str, say: Callable[[str], None], clock: Clock = time.monotonic
) -> tuple[list[RehearsedCue], list[RehearsedLesson], str]:
    """Run the talk; its cues, its lessons, and what went wrong ("" when nothing did).

    `say` is told a line for each cue.
    Raises KeyboardInterrupt: Ctrl-C was pressed, or SIGTERM came; the trainer has ended.
    """
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.stage.talking import first_request

    heard: list[TimedTeacher] = []

    def teach(request: LessonRequest) -> TimedTeacher:
        heard.append(TimedTeacher(request, TrainerClient(request), clock))
        return heard[-1]

    like = LessonRequest(deck="apple", runs=str(runs), device=device)
    app = FlashcardsApp(first_request(sheet, like), teach)
    rehearsing = Rehearsing(app.session, sheet, say, clock)
    app.session.kept(StageState).talking = rehearsing
    with left_by(app, signal.SIGINT, signal.SIGTERM) as came:
        app.run(headless=True, size=(80, 24))
    if not rehearsing.is_over:
        raise Terminated if signal.SIGTERM in came else KeyboardInterrupt
    lessons = [one.measured for one in heard]
    return rehearsing.cues, [one for one in lessons if one is not None], rehearsing.problem
