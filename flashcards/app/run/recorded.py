"""What a recording holds from a step on, up to where the run paused: for the net under a talk."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.run.replay_teacher import timed
from flashcards.runs import events as ev
from flashcards.runs.commands import PauseAt
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunFolder

ASKED_FOR = (
    ev.RunPaused,
    ev.RunPlayed,
    ev.SpeedChanged,
    ev.LearningRateChanged,
    ev.RunResumed,
    ev.StateSaved,
)
"""Answers to commands of then: those of now have answers of their own."""

FASTEST = 0.2
"""A goal of nominal seconds was met in this share of them at least, on a fast machine."""

Moments = list[tuple[float, list[AnyEvent]]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Moments, each with the second from the first one's at which it is due.

    `stop_step` is the step at which the run paused or ended, `seconds` how long that took.
    """

    moments: Moments
    stop_step: int

    @property
    def seconds(self) -> float:
        return self.moments[-1][0] if self.moments else 0.0


def stretch_after(folder: RunFolder, step: int, goal: PauseAt | None = None) -> Stretch:
    """What happened beyond `step`, up to the next pause; with a goal, up to the pause that met it.

    A cue that was cut short leaves pauses behind that are of no goal of now.
    Raises OSError: the log can't be read.
    """
    moments: Moments = []
    began_s, stop_step = 0.0, step
    exam: ev.ExamTaken | None = None
    for due_s, moment in timed(iter(folder.events())):
        at = moment[0].step
        exam = next((e for e in reversed(moment) if isinstance(e, ev.ExamTaken)), exam)
        if at <= step:
            began_s = due_s
            continue
        stop_step = at
        is_pause = any(isinstance(event, ev.RunPaused) for event in moment)
        is_end = any(isinstance(event, ev.LessonEnded) for event in moment) or (
            is_pause
            and (goal is None or goal.goal.is_reached(at, (due_s - began_s) / FASTEST, exam))
        )
        shown: list[AnyEvent] = [e for e in moment if not isinstance(e, ASKED_FOR)]
        moments.append((max(0.0, due_s - began_s), shown))
        if is_end:
            break
    return Stretch(moments, stop_step)


def is_same_run(folder: RunFolder, start: ev.RunStarted, exam: ev.ExamTaken | None) -> bool:
    """Whether the recording is of the very run that is going on, as far as can be known.

    Deck, seed and size are the same, and so is the latest exam.
    """
    is_exam_same = exam is None
    for event in folder.events():
        if isinstance(event, ev.RunStarted) and _identity(event) != _identity(start):
            return False
        if exam is not None and isinstance(event, ev.ExamTaken) and event.step == exam.step:
            is_exam_same = (event.seen, event.unseen) == (exam.seen, exam.unseen)
    return is_exam_same


def _identity(start: ev.RunStarted) -> tuple[object, ...]:
    return (
        start.deck,
        start.seed,
        start.n_taught,
        start.n_held_out,
        start.n_parameters,
        start.held_out,
        start.guessing_nats,
    )
