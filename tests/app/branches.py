"""Branches of a lesson with scripted teachers, for the tests of branching and racing."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path

from flashcards.app.app import FlashcardsApp
from flashcards.app.race.race_branch import BRANCH_DUTY, Branch
from flashcards.runs import events as ev
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.folder import RunFolder
from flashcards.runs.history import History
from flashcards.trainer.request import LessonRequest
from tests import told
from tests.app.lesson import started, worse
from tests.app.raced import answered as guessed
from tests.app.script import ScriptedTeacher, Stage
from tests.app.test_travel import LIVE, back


def differing(app: FlashcardsApp) -> AnswerDiffers | None:
    made = app.session.run.followers.get("branch")
    return made.differs if isinstance(made, Branch) else None


def branched(folder: str, step: int, **changes: object) -> LessonRequest:
    fields: dict[str, object] = {
        "deck": "past-tense.deck",
        "seed": 7,
        "speed": "full",
        "runs": "no-such-folder",
        "duty": BRANCH_DUTY,
        "is_following": True,
        "branch_of": folder,
        "branch_step": step,
    }
    return LessonRequest(**{**fields, **changes})  # type: ignore[arg-type]


async def with_branch(stage: Stage, number: str) -> ScriptedTeacher:
    """Choose what is different; the branch's teacher, once it has begun."""
    n_before = len(stage.teachers)
    await stage.press("b", number)
    await stage.until(lambda: len(stage.teachers) > n_before)
    branch = stage.app.session.run.followers.get("branch")
    assert branch is not None
    await stage.until(lambda: branch.state.start is not None)
    return stage.teachers[-1]


def _log_guess(
    run: Path, guess: str, change: Callable[[ev.AnyEvent], ev.AnyEvent] = lambda event: event
) -> None:
    """Put a guess of step 434 into a run's log; change the others."""
    happened = [change(event) for event in [*RunFolder.open(run).events(), guessed(guess)]]
    happened.sort(key=lambda event: event.step)
    (run / "events.jsonl").write_bytes(b"".join(map(ev.encode, happened)))


async def race(stage: Stage, root: Path) -> None:
    """A branch from step 410 with half the rate that has caught up and knows less."""
    stage.app.session.travel.go(410)
    await back(stage)
    (run,) = root.iterdir()
    other = root / "other"
    shutil.copytree(run, other)
    _log_guess(run, "sanged")
    await stage.press("b", "1")
    await stage.until(lambda: len(stage.teachers) > 1)
    branch = stage.app.session.run.followers.get("branch")
    assert branch is not None
    await stage.until(lambda: branch.state.start is not None)
    branch.state.start = started(folder=str(other))
    _log_guess(other, "singed", worse)
    exam = told.exam(LIVE, (2510, 2880), (611, 800), seen_loss_nats=0.21, unseen_loss_nats=0.5)
    for rates in (branch.state.exams.seen_rates, branch.state.exams.unseen_rates):
        points = rates.points
        rates.thinned = History().thinned
        for step, share in points[:-1]:
            rates.append(step, share * min(1.0, 0.9 + 0.1 * math.exp((410 - step) / 200)))
    stage.teachers[-1].say(exam, guessed("singed"))
    await stage.until(lambda: differing(stage.app) is not None)
