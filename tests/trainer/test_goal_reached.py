"""A lesson that is told where to pause: at a step, a share or a time, the same every time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from flashcards.runs.commands import AnyCommand, PauseAt, Stop
from flashcards.runs.events import AnyEvent, ExamTaken, GoalReached, RunPaused, StateSaved
from flashcards.runs.goal import Goal
from flashcards.runs.values import Score
from flashcards.trainer.ending import Ending
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.memory import LessonMemory
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


class Sampled:
    """A lesson of which 1,000 cards are never seen, as an ending sees it: exams ask 400."""

    def __init__(self, sampled_right: int, all_right: int) -> None:
        self.memory = LessonMemory(nominal_s=10.0, next_exam_s=11.0, best_at_s=9.0)
        self.learner = SimpleNamespace(step=5, is_finite=True)
        self.examiner = SimpleNamespace(
            taught=range(1000),
            never_seen=range(1000),
            unseen_exam_s=0.1,
            unseen_score=lambda: Score(all_right, 1000),
        )
        self.exam = self._exam(Score(sampled_right, 400))
        self._all = Score(all_right, 1000)

    def _exam(self, unseen: Score) -> ExamTaken:
        return ExamTaken(
            step=5,
            cards_taught=160,
            is_full=unseen.total == 1000,
            seen=Score(1000, 1000),
            unseen=unseen,
            seen_loss_nats=0.1,
            unseen_loss_nats=0.1,
        )

    def take_exam(self, *, is_full: bool) -> ExamTaken:
        assert is_full
        return self._exam(self._all)


@pytest.mark.parametrize(
    ("sampled_right", "all_right", "reason", "next_exam_s"),
    [
        (396, 990, "until", None),
        (390, 990, "until", None),  # 97.5 % of the sample: all may have more
        (390, 989, None, 10.2),  # they have not, and are asked again soon
        (396, 989, None, 10.2),
        (387, 990, None, 11.0),  # further off than the sample's error
    ],
)
def test_near_the_goal_all_never_seen_cards_are_asked(
    sampled_right: int, all_right: int, reason: str | None, next_exam_s: float | None
) -> None:
    teaching = Sampled(sampled_right, all_right)
    ending = Ending(
        cast(Any, teaching),
        cast(Any, None),
        cast(Any, None),
        Goal(unseen=0.99),
        is_pausing_there=False,
    )
    assert ending.find() == reason
    if next_exam_s is not None:
        assert teaching.memory.next_exam_s == pytest.approx(next_exam_s)
