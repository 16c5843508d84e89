"""A lesson that is told where to pause: at a step, a share or a time, the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashcards.runs.commands import AnyCommand, PauseAt, Stop
from flashcards.runs.events import AnyEvent, ExamTaken, GoalReached, RunPaused, StateSaved
from flashcards.runs.goal import Goal
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals


class Impatient(Inbox):
    """Gives the next command each time the lesson has nothing to do."""

    def __init__(self, turns: list[AnyCommand]) -> None:
        super().__init__()
        self.turns = turns

    def wait(self, timeout_s: float) -> None:
        self.put(self.turns.pop(0))


def taught(folder: Path, *turns: AnyCommand) -> list[AnyEvent]:
    """What happens when these commands come, each as soon as the lesson waits."""
    happened: list[AnyEvent] = []
    folder.mkdir(exist_ok=True)
    request = LessonRequest(
        deck=str(write_capitals(folder)), speed="full", is_paused=True, runs=str(folder / "runs")
    )
    inbox = Impatient([*turns, Stop()])
    opened = open_lesson(request, inbox=inbox, watch=happened.append, on_stage=lambda _: None)
    opened.lesson.run()
    opened.keeper.close()
    return happened


def goals(happened: list[AnyEvent]) -> list[tuple[int, int]]:
    return [(e.request, e.step) for e in happened if isinstance(e, GoalReached)]


def test_a_lesson_that_begins_paused_makes_no_update(tmp_path: Path) -> None:
    happened = taught(tmp_path)
    assert max(event.step for event in happened) == 0
    assert any(isinstance(event, RunPaused) for event in happened)


def test_it_pauses_at_exactly_this_step_and_goes_on_to_the_next(tmp_path: Path) -> None:
    happened = taught(
        tmp_path, PauseAt(request=1, goal=Goal(step=7)), PauseAt(request=2, goal=Goal(step=9))
    )
    assert goals(happened) == [(1, 7), (2, 9)]
    assert max(event.step for event in happened) == 9
    saved = [event.step for event in happened if isinstance(event, StateSaved)]
    assert {7, 9} <= set(saved)


def test_it_pauses_at_the_exam_with_this_share(tmp_path: Path) -> None:
    happened = taught(tmp_path, PauseAt(request=3, goal=Goal(seen=0.5)))
    ((request, step),) = goals(happened)
    exams = [event for event in happened if isinstance(event, ExamTaken)]
    assert request == 3
    assert exams[-1].step == step
    assert (exams[-1].seen.rate or 0) >= 0.5
    assert all((exam.seen.rate or 0) < 0.5 for exam in exams[:-1])


def test_seconds_are_the_same_steps_each_time(tmp_path: Path) -> None:
    ends = [
        goals(taught(tmp_path / str(i), PauseAt(request=1, goal=Goal(seconds=0.3))))
        for i in range(2)
    ]
    assert ends[0] == ends[1]
    assert ends[0][0][1] > 5


@pytest.mark.parametrize("seen", [None, 0.01])
def test_what_holds_already_pauses_at_once(tmp_path: Path, seen: float | None) -> None:
    happened = taught(
        tmp_path,
        PauseAt(request=1, goal=Goal(step=30)),
        PauseAt(request=2, goal=Goal(step=30, seen=seen)),
    )
    assert goals(happened) == [(1, 30), (2, 30)]
