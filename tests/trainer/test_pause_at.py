"""A lesson with a screen pauses where it was asked to, once, and may be played beyond it."""

from pathlib import Path

from flashcards.runs.commands import Play, Stop
from flashcards.runs.events import AnyEvent, LessonEnded
from flashcards.runs.goal import Goal
from tests.trainer.lessons import Clock, ScriptedInbox, run_lesson


def test_it_pauses_at_the_step_with_its_verdict_and_goes_on_when_played(deck: Path) -> None:
    inbox = ScriptedInbox(Clock(), [(21, Stop())])

    def react(event: AnyEvent) -> None:
        if isinstance(event, LessonEnded):
            inbox.put(Play())

    opened, watched = run_lesson(deck, inbox=inbox, react=react, until=Goal(step=7))
    assert [(end.step, end.reason) for end in watched.of(LessonEnded)] == [(7, "limit")]
    assert opened.training.learner.step > 7
