"""Branching and racing: what is asked, that it follows, what the race shows, how it ends."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from flashcards.app import branch_keys
from flashcards.app.branch import BRANCH_DUTY
from flashcards.app.screens.race import RaceView
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.trainer.request import LessonRequest
from tests.app.lesson import correction, started
from tests.app.pictures import check_picture
from tests.app.script import ScriptedTeacher, Stage, on_stage
from tests.app.test_travel import LIVE, back, recorded


def branched(folder: str, step: int, **changes: object) -> LessonRequest:
    """What is asked of the branch's trainer."""
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


async def with_branch(stage: Stage, letter: str) -> ScriptedTeacher:
    """Choose what is different; the branch's teacher, once it has begun."""
    await stage.press("b", letter)
    await stage.until(lambda: len(stage.teachers) > 1)
    branch = stage.app.lesson.branch
    assert branch is not None
    await stage.until(lambda: branch.state.start is not None)
    return stage.teachers[-1]


@pytest.mark.parametrize(
    ("letter", "changes"),
    [
        ("h", {"learning_rate_factor": 0.5}),
        ("d", {"learning_rate_factor": 2.0}),
        ("w", {"without_prompt": "sing"}),
        ("s", {"branch_seed": 8}),
        ("o", {"order": "hardest"}),
    ],
)
async def test_a_branch_is_the_run_from_a_step_on_with_one_thing_different(
    tmp_path: Path, letter: str, changes: dict[str, object]
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        teacher = await with_branch(stage, letter)
        (run,) = tmp_path.iterdir()
        assert teacher.request == branched(str(run), LIVE, **changes)
        assert stage.teachers[0].sent == []
        assert isinstance(stage.app.screen, RaceView)


async def test_a_branch_of_the_past_leaves_at_the_step_that_is_shown(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "shift+left")
        teacher = await with_branch(stage, "w")
        (run,) = tmp_path.iterdir()
        assert teacher.request == branched(str(run), LIVE - 10, without_prompt="ring")
        assert stage.app.travel.step is None


async def test_a_branch_is_taught_no_more_cards_than_the_lesson(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        teacher = await with_branch(stage, "h")
        assert teacher.sent == [cmd.FollowTo(limit_step=LIVE)]
        later = ev.StepsTaken(
            step=1300,
            cards_taught=1300 * 32 + 31,
            train_seconds=22.0,
            loss_nats=0.1,
            gradient_norm=0.1,
            relative_change=0.1,
        )
        stage.teachers[0].say(later, ev.RunPaused(step=1300))
        await stage.settle()
        assert teacher.sent[1:] == [cmd.FollowTo(limit_step=1300), cmd.Pause()]


async def test_cancelling_branches_nothing(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("b", "escape")
        assert stage.app.lesson.branch is None
        assert len(stage.teachers) == 1


async def test_the_key_asks_before_it_ends_the_branch(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        teacher = await with_branch(stage, "h")
        await stage.press("b", "k")
        assert stage.app.lesson.branch is not None
        await stage.press("b", "e")
        await stage.until(lambda: teacher.stopped == [True])
        assert stage.app.lesson.branch is None


async def test_enter_goes_on_with_the_branch_as_the_lesson(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await with_branch(stage, "h")
        (run,) = tmp_path.iterdir()
        await stage.press("enter")
        await stage.until(lambda: len(stage.teachers) == 3)
        assert stage.teachers[-1].request.resume == str(run)
        assert stage.teachers[1].stopped == [True]
        await stage.until(lambda: stage.teachers[0].stopped == [True])


async def test_a_branch_that_fails_says_so_and_the_lesson_goes_on(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        teacher = await with_branch(stage, "h")
        teacher.say(ev.TrainerFailed(step=3, text="no room left"))
        teacher.leave()
        await stage.until(lambda: "no room left" in "".join(stage.rows()))
        assert stage.app.state.liveness == "learning"


async def race(stage: Stage, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A branch from step 410 with half the rate that has caught up and knows less."""
    monkeypatch.setattr(branch_keys, "LOOK_EVERY_S", 0.01)
    stage.app.travel.go(410)
    await back(stage)
    (run,) = root.iterdir()
    other = root / "other"
    other.mkdir()
    (other / "events.jsonl").write_bytes((run / "events.jsonl").read_bytes())
    await stage.press("b", "h")
    await stage.until(lambda: len(stage.teachers) > 1)
    branch = stage.app.lesson.branch
    assert branch is not None
    await stage.until(lambda: branch.state.start is not None)
    branch.state.start = started(folder=str(other))
    for folder, guess in ((run, "sanged"), (other, "singed")):
        log = folder / "events.jsonl"
        measured = ev.CorrectionMeasured(step=434, correction=correction(guess=guess))
        with log.open("ab") as file:
            file.write(ev.encode(measured))
    exam = ev.ExamTaken(
        step=LIVE,
        cards_taught=LIVE * 32,
        is_full=True,
        seen=val.Score(2510, 2880),
        unseen=val.Score(611, 800),
        seen_loss_nats=0.21,
        unseen_loss_nats=0.5,
    )
    for rates in (branch.state.seen_rates, branch.state.unseen_rates):
        points = rates.points
        rates.__init__()  # type: ignore[misc]
        for step, share in points[:-1]:
            rates.append(step, share * min(1.0, 0.9 + 0.1 * math.exp((410 - step) / 200)))
    stage.teachers[-1].say(exam)
    await stage.until(lambda: stage.app.lesson.first_difference is not None)


async def test_pictures_of_a_race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ((80, 24), (120, 40)):
        root = tmp_path / f"{size[0]}"
        root.mkdir()
        async with on_stage(recorded(root), size) as stage:
            await race(stage, root, monkeypatch)
            screen = "\n".join(stage.rows())
            assert "First different answer: step 434, sing → sanged | singed" in screen
            assert "learning rate ×0.5" in screen
            assert "87 % 2,510/2,880" in screen
            check_picture(stage.app, f"race-{size[0]}x{size[1]}")


async def test_the_picture_of_branching(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("b")
        await asyncio.sleep(0)
        check_picture(stage.app, "branch-80x24")
