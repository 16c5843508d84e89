"""Runs a talk once without a screen and without waiting for keys, and measures it."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from flashcards.app.faults import left_by
from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.stage import stage_actions, talking
from flashcards.base.errors import Terminated
from flashcards.runs import commands, events as ev, values, verdict
from flashcards.runs.state import RunState
from flashcards.talks.rehearsal import WORDS_PER_S, RehearsedCue, RehearsedLesson
from flashcards.talks.talk import Cue, Talk
from flashcards.trainer.request import LessonRequest

Clock = Callable[[], float]


class LessonTimes:
    def __init__(self, run: Run, clock: Clock) -> None:
        self._run = run
        self._clock = clock
        self._began_s: float | None = None
        self._first_right_s: float | None = None
        self._aha_s: float | None = None
        self._aha = ""
        run.on_event(self._hear)

    def _hear(self, event: ev.AnyEvent) -> None:
        if self._began_s is None:
            if event.step == 0:
                return
            self._began_s = self._clock()
        since_s = self._clock() - self._began_s
        if isinstance(event, ev.CorrectionMeasured) and self._first_right_s is None:
            self._first_right_s = since_s if event.correction.mark == "right" else None
        if isinstance(event, ev.ExamTaken) and self._aha_s is None:
            self._aha = _aha_of(event, self._run.state)
            self._aha_s = since_s if self._aha else None

    @property
    def measured(self) -> RehearsedLesson | None:
        start, request = self._run.state.start, self._run.request
        if start is None:
            return None
        return RehearsedLesson(
            deck=request.deck,
            seed=request.seed,
            run=start.run,
            first_right_s=self._first_right_s,
            aha_s=self._aha_s,
            aha=self._aha,
        )


def _aha_of(exam: ev.ExamTaken, state: RunState) -> str:
    best = verdict.best_of(state.rivals)
    if exam.unseen.right and (best is None or verdict.is_better(exam.unseen, best.unseen)):
        return "never seen"
    return "seen" if exam.seen.total and exam.seen.right == exam.seen.total else ""


class Rehearsing(talking.Talking):
    def __init__(
        self, session: Session, sheet: Talk, say: Callable[[str], None], clock: Clock
    ) -> None:
        super().__init__(session, sheet)
        self.cues: list[RehearsedCue] = []
        self.lessons: list[LessonTimes] = []
        self.problem = ""
        self.is_over = False
        self._say = say
        self._clock = clock

    async def opened(self, run: Run) -> None:
        await super().opened(run)
        self.lessons.append(LessonTimes(run, self._clock))

    async def _asked_for(self, question: values.BetQuestion) -> commands.PlaceBet | None:
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
    Raises KeyboardInterrupt: Ctrl-C was pressed, or SIGTERM came; the trainer has ended."""
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.stage.talking import first_request

    like = LessonRequest(deck="apple", runs=str(runs), device=device)
    app = FlashcardsApp(first_request(sheet, like))
    rehearsing = Rehearsing(app.session, sheet, say, clock)
    app.session.singleton(stage_actions.StageState).talking = rehearsing
    with left_by(app.end_with_terminal, signal.SIGINT, signal.SIGTERM) as signals:
        app.run(headless=True, size=(80, 24))
    if not rehearsing.is_over:
        raise Terminated if signal.SIGTERM in signals else KeyboardInterrupt
    lessons = [lesson.measured for lesson in rehearsing.lessons]
    return rehearsing.cues, [lesson for lesson in lessons if lesson is not None], rehearsing.problem
