"""Branching and racing: what is asked, that it follows, what the race shows, how it ends."""

from __future__ import annotations

import asyncio
import math
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.app.race.branch import BRANCH_DUTY, Branch
from flashcards.app.race.branching import Differing
from flashcards.app.race.past import RacePast
from flashcards.app.race.view import RaceView
from flashcards.app.run.saved_run import SavedRun
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.folder import RunFolder
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest
from tests.app.lesson import correction, started, worse
from tests.app.pictures import check_picture
from tests.app.script import ScriptedTeacher, Stage, on_stage
from tests.app.test_travel import LIVE, back, recorded
from tests.waiting import PATIENCE_S


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
    branch = stage.app.session.run.followers.get("branch")
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
        assert stage.app.session.travel.step is None


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
        assert stage.app.session.run.followers.get("branch") is None
        assert len(stage.teachers) == 1


async def test_the_key_asks_before_it_ends_the_branch(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        teacher = await with_branch(stage, "h")
        await stage.press("b", "k")
        assert stage.app.session.run.followers.get("branch") is not None
        await stage.press("b", "e")
        await stage.until(lambda: teacher.stopped == [True])
        assert stage.app.session.run.followers.get("branch") is None


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
        assert stage.app.session.state.liveness == "learning"


def _guessed(guess: str) -> ev.CorrectionMeasured:
    return ev.CorrectionMeasured(step=434, correction=correction(guess=guess))


def _log_guess(
    run: Path, guess: str, change: Callable[[ev.AnyEvent], ev.AnyEvent] = lambda event: event
) -> None:
    """Put a guess of step 434 into a run's log; change the others."""
    happened = [change(event) for event in [*RunFolder.open(run).events(), _guessed(guess)]]
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
    await stage.press("b", "h")
    await stage.until(lambda: len(stage.teachers) > 1)
    branch = stage.app.session.run.followers.get("branch")
    assert branch is not None
    await stage.until(lambda: branch.state.start is not None)
    branch.state.start = started(folder=str(other))
    _log_guess(other, "singed", worse)
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
    stage.teachers[-1].say(exam, _guessed("singed"))
    await stage.until(lambda: stage.app.session.kept(Differing).found is not None)


async def test_pictures_of_a_race(tmp_path: Path) -> None:
    for size in ((80, 24), (120, 40)):
        root = tmp_path / f"{size[0]}"
        root.mkdir()
        async with on_stage(recorded(root), size) as stage:
            await race(stage, root)
            screen = "\n".join(stage.rows())
            assert "First different answer: step 434, sing → sanged | singed" in screen
            assert "learning rate ×0.5" in screen
            assert "87 % 2,510/2,880" in screen
            await check_picture(stage.app, f"race-{size[0]}x{size[1]}")


async def test_a_race_of_the_past_shows_both_as_they_were(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await race(stage, tmp_path)
        await looking_at(stage, 420)
        (main, branch), screen = table_rows(stage), "\n".join(stage.rows())
        assert "420   13,440   61 % 1,777/2,880" in main
        assert "420   13,440   61 % 1,768/2,880" in branch
        assert "No answer was different so far." in screen
        assert "step 420 ⋎" in axis_row(stage)
        await looking_at(stage, 434)
        assert "≠ First different answer: step 434" in "\n".join(stage.rows())
        assert "step 434 ⋎ ≠" in axis_row(stage)
        await looking_at(stage, 200)
        assert "they are one run until step 410" in "\n".join(stage.rows())
        assert "⋎" not in axis_row(stage)
        main, branch = (row.removeprefix(row[:15]) for row in table_rows(stage))
        assert main == branch
        await back(stage, "end")
        assert "87 % 2,510/2,880" in "".join(stage.rows())
        assert stage.sent[1:] == []


async def test_brackets_go_to_where_they_part_and_to_the_first_different_answer(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await race(stage, tmp_path)
        await looking_at(stage, 500)
        await back(stage, "left_square_bracket")
        assert stage.app.session.travel.step == 434
        assert "≠ First different answer" in stage.app.line
        await back(stage, "left_square_bracket")
        assert stage.app.session.travel.step == 410
        assert "⋎ Race from step 410" in stage.app.line


async def test_a_branch_that_has_not_come_so_far_says_so_in_the_past(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await race(stage, tmp_path)
        branch = stage.app.session.run.followers.get("branch")
        assert branch is not None
        branch.state.cards_taught = 500 * 32
        await looking_at(stage, 600)
        assert "the branch has not come so far" in "\n".join(stage.rows())


async def test_a_branch_whose_log_cannot_be_read_says_so_and_the_lesson_is_shown(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await race(stage, tmp_path)
        shutil.rmtree(tmp_path / "other")
        stage.app.session.travel.go(600)
        await stage.until(lambda: "The run's log can't be read" in "".join(stage.rows()))
        assert "this lesson" in "".join(stage.rows())


async def test_the_newest_wish_is_read_and_the_pair_before_stays_until_then() -> None:
    class Slow(SavedRun):
        cards_taught = 100

        def __init__(self) -> None:
            super().__init__(Path())
            self.asked: list[int] = []
            self.may_go = threading.Event()

        def state_by(self, n_cards: int) -> RunState:
            self.asked.append(n_cards)
            self.may_go.wait(PATIENCE_S)
            return RunState(cards_taught=n_cards)

    other, n_changes = Slow(), []
    past = RacePast(lambda: n_changes.append(past.version))
    wished = [RunState(step=1, cards_taught=n) for n in (10, 20, 30)]
    for state in wished:
        assert past.at(state, 1, state.cards_taught, other) == (state, None)
        await asyncio.sleep(0.01)
    other.may_go.set()
    async with asyncio.timeout(PATIENCE_S):
        while past.version < 2:
            await asyncio.sleep(0.01)
    assert other.asked == [10, 30]
    main, beside = past.at(wished[-1], 1, 30, other)
    assert beside is not None
    assert (main.step, main.cards_taught, beside.cards_taught) == (1, 30, 30)
    assert n_changes == [1, 2]


async def test_what_the_branch_had_not_come_to_is_read_when_it_has() -> None:
    class Behind(SavedRun):
        cards_taught = 20

        def state_by(self, n_cards: int) -> RunState:
            return RunState(cards_taught=min(n_cards, self.cards_taught))

    other, then = Behind(Path()), RunState()
    past = RacePast(lambda: None)

    async def beside(version: int) -> int:
        past.at(then, 1, 30, other)
        async with asyncio.timeout(PATIENCE_S):
            while past.version < version:
                await asyncio.sleep(0.01)
        _, read = past.at(then, 1, 30, other)
        assert read is not None
        return read.cards_taught

    assert await beside(1) == 20
    other.cards_taught = 40
    assert await beside(2) == 30


async def test_a_branch_that_is_still_being_made_has_no_past_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Branch, "listen", lambda self: asyncio.sleep(3600))
    async with on_stage(recorded(tmp_path)) as stage:
        stage.app.session.travel.go(1000)
        await back(stage)
        await stage.press("b", "h")
        await stage.until(lambda: stage.app.session.run.followers.get("branch") is not None)
        await back(stage, "left")
        await stage.settle()
        (main,), screen = table_rows(stage), "\n".join(stage.rows())
        assert f"{LIVE - 1:,}" in main
        assert "the branch is being made…" in screen
        assert "can't be read" not in screen
        branch = stage.app.session.run.followers.get("branch")
        assert branch is not None
        (run,) = tmp_path.iterdir()
        branch.state.start = started(folder=str(run))
        branch.state.cards_taught = LIVE * 32
        await stage.settle()
        await stage.until(lambda: len(table_rows(stage)) == 2)


@pytest.mark.parametrize(("step", "n_branched"), [(500, 1), (400, 0)])
async def test_a_lesson_that_goes_back_keeps_the_sign_of_its_branch(
    tmp_path: Path, step: int, n_branched: int
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        stage.app.session.travel.go(410)
        await back(stage)
        await with_branch(stage, "h")
        (run,) = tmp_path.iterdir()
        differs = AnswerDiffers(step=434, card_index=1, prompt="sing")
        stage.app.session.kept(Differing).found = differs
        stage.teachers[0].say(ev.RunResumed(step=step, start=started(folder=str(run))))
        await stage.until(lambda: stage.app.session.state.step == step)
        assert stage.app.session.kept(Differing).found == (differs if n_branched else None)
        kinds = [marker.kind for marker in stage.app.session.run.markers]
        assert kinds.count("branch") == n_branched
        assert kinds.count("first_right") == 1


async def test_without_a_branch_the_row_is_of_the_step_that_is_shown(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "5", "left", "left")
        (main,) = table_rows(stage)
        assert f"{LIVE - 2:,}" in main


async def looking_at(stage: Stage, step: int) -> None:
    """Go to a step, and wait until both runs were read."""
    view = stage.app.screen
    assert isinstance(view, RaceView)
    stage.app.session.travel.go(step)
    await back(stage)
    await stage.until(lambda: view._then._shown is not None and view._then._is_read)


def table_rows(stage: Stage) -> list[str]:
    """The rows of the two runs."""
    return [row for row in stage.rows() if row.strip().startswith(("━ this", "╍ the"))]


def axis_row(stage: Stage) -> str:
    """The steps under the curves."""
    chart = stage.app.screen.query_one("#race-curves").region
    return stage.rows()[chart.bottom - 1]


async def test_pictures_of_a_race_of_the_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ((80, 24), (120, 40)):
        root = tmp_path / f"{size[0]}"
        root.mkdir()
        async with on_stage(recorded(root), size) as stage:
            await race(stage, root)
            await looking_at(stage, 600)
            await check_picture(stage.app, f"race-past-{size[0]}x{size[1]}")


async def test_a_long_line_of_a_choice_is_indented_below_its_name(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("b")
        (row,) = (row for row in stage.rows() if "kept?" in row)
        assert "│      kept?" in row


async def test_the_picture_of_branching(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("b")
        await asyncio.sleep(0)
        await check_picture(stage.app, "branch-80x24")
