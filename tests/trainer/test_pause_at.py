"""A lesson with a screen pauses where it was asked to, once, and may be played beyond it."""

from pathlib import Path

import pytest

from flashcards.cli.arguments import until
from flashcards.runs.commands import Play, Stop
from flashcards.runs.events import AnyEvent, LessonEnded, StepsTaken
from flashcards.runs.goal import Goal
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals


def test_it_pauses_at_the_step_with_its_verdict_and_goes_on_when_played(tmp_path: Path) -> None:
    inbox, told = Inbox(), list[AnyEvent]()

    def watch(event: AnyEvent) -> None:
        told.append(event)
        if isinstance(event, LessonEnded):
            inbox.put(Play())
        if isinstance(event, StepsTaken) and event.step > 20:
            inbox.put(Stop())

    request = LessonRequest(
        deck=str(write_capitals(tmp_path)),
        speed="full",
        runs=str(tmp_path / "runs"),
        until=Goal(step=7),
    )
    opened = open_lesson(request, inbox=inbox, watch=watch, on_stage=lambda _: None)
    assert opened.lesson.run() is None
    opened.keeper.close()
    ends = [event for event in told if isinstance(event, LessonEnded)]
    assert [(end.step, end.reason) for end in ends] == [(7, "limit")]
    assert opened.training.learner.step > 7


def test_the_step_it_pauses_at_has_the_weights_of_the_same_run_without_a_screen(
    tmp_path: Path,
) -> None:
    deck, weights = str(write_capitals(tmp_path)), []
    for until_step, goal in ((Goal(step=9), None), (None, Goal(step=9))):
        inbox = Inbox()

        def watch(event: AnyEvent, inbox: Inbox = inbox) -> None:
            if isinstance(event, LessonEnded):
                inbox.put(Stop())

        request = LessonRequest(
            deck=deck, seed=7, speed="full", runs=str(tmp_path / "runs"), until=until_step
        )
        opened = open_lesson(request, inbox=inbox, watch=watch, on_stage=lambda _: None, goal=goal)
        opened.lesson.run()
        opened.keeper.close()
        assert opened.training.learner.step == 9
        weights.append(opened.training.learner.weights_sha256())
    assert weights[0] == weights[1]


def test_until_is_a_share_of_a_score_or_a_step() -> None:
    assert until("seen=1.0") == ("seen", 1.0)
    assert until("step=469") == ("step", 469.0)
    for wrong in ("step=0", "step=-1", "step=x", "seen=2", "unseen=0", "seen"):
        with pytest.raises(Exception, match="is not seen=SHARE, unseen=SHARE"):
            until(wrong)
