"""The shuffled twin: what it is asked, how it follows, how it ends, and that nobody minds it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from flashcards.app.memory.beside import Twin
from flashcards.app.memory.memory_view import MemoryTitle
from flashcards.app.run.follower import DUTY
from flashcards.app.run.run import Run
from flashcards.runs import catalog, commands as cmd, events as ev, pruning
from flashcards.runs.folder import RunFolder, RunInfo
from flashcards.runs.log import LogWriter
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest
from tests import told
from tests.app.lesson import folded, lesson, started
from tests.app.saved_run import a_run
from tests.app.script import ScriptedTeacher, Stage, on_stage
from tests.golden import check_words, words

N_STEPS = 1284


def led_by(state: RunState) -> Run:
    request = LessonRequest(deck="")
    run = Run(request, ScriptedTeacher(request, ()), lambda: 0.0)
    run.state = state
    return run


def main_lesson(root: Path) -> list[ev.AnyEvent]:
    run = a_run(root)
    start = started(folder=str(run), chosen={"size": "medium"})
    return [start if isinstance(event, ev.RunStarted) else event for event in lesson()]


async def with_twin(stage: Stage) -> ScriptedTeacher:
    await stage.press(":twin")
    twin = stage.app.session.run.followers.get("twin")
    assert twin is not None
    await stage.until(lambda: len(stage.teachers) > 1 and twin.state.start is not None)
    return stage.teachers[-1]


@asynccontextmanager
async def twinned(root: Path) -> AsyncIterator[tuple[Stage, ScriptedTeacher]]:
    async with on_stage(main_lesson(root)) as stage:
        yield stage, await with_twin(stage)


def title_line(stage: Stage) -> str:
    line = stage.app.screen.query_one(MemoryTitle)
    return line.render_line(0).text.strip()


async def test_a_twin_is_taught_the_runs_deck_shuffled_in_its_folder(tmp_path: Path) -> None:
    happened = main_lesson(tmp_path)
    (run,) = tmp_path.iterdir()
    async with on_stage(happened, deck="elsewhere/past-tense.deck") as stage:
        twin = await with_twin(stage)
        assert twin.request == LessonRequest(
            deck=str(run / "deck" / "0000-past-tense.deck"),
            seed=7,
            speed="full",
            runs=str(run / "twin"),
            is_shuffled=True,
            duty=DUTY,
            is_following=True,
            settings={"size": "medium"},
        )


async def test_the_twin_is_told_how_far_it_may_go_and_catches_up(tmp_path: Path) -> None:
    async with twinned(tmp_path) as (stage, teacher):
        assert teacher.sent == [cmd.FollowTo(limit_step=N_STEPS)]
        later = told.steps(1300, cards_taught=1300 * 32 + 31, train_seconds=22.0, loss_nats=0.1)
        stage.teachers[0].say(later, ev.RunPaused(step=1300), ev.RunPlayed(step=1300))
        await stage.settle()
        assert teacher.sent[1:] == [cmd.FollowTo(limit_step=1300), cmd.Pause(), cmd.Play()]
        twin = stage.app.session.run.followers["twin"]
        stage.teachers[0].say(ev.RunPaused(step=1300))
        await stage.settle()
        twin.catch_up()
        assert teacher.sent[4:] == [cmd.Pause(), cmd.Play()]
        stage.teachers[0].say(ev.RunPlayed(step=1300), ev.RunPaused(step=1300))
        await stage.settle()
        assert teacher.sent[6:] == [cmd.Pause()]


def test_cards_taught_alone_do_not_let_the_twin_run_ahead() -> None:
    state = folded([started(), told.exam(60, (1, 2), (1, 2), cards_taught=15 + 45 * 32)])
    twin = Twin(led_by(state), lambda request: ScriptedTeacher(request, ()))
    assert twin.limit_step == 45
    # its batches are still growing: 400 cards in 40 steps, and so more steps to go
    twin.state.fold(told.steps(40, cards_taught=400, train_seconds=1.0, loss_nats=0.1))
    assert twin.is_behind_steps == (15 + 45 * 32 - 400) // 32 == 32
    assert twin.limit_step == 40 + 32


async def test_a_changed_rate_is_the_twins_too_which_may_catch_up(tmp_path: Path) -> None:
    ended = told.ended("memorised", (50, 50), (0, 20), reason="no_progress")
    async with twinned(tmp_path) as (stage, teacher):
        stage.teachers[0].say(ev.LearningRateChanged(step=1284, factor=2.0))
        await stage.settle()
        assert teacher.sent[-1] == cmd.SetLearningRate(factor=2.0)
        stage.teachers[0].say(ended)
        await stage.settle()
        assert cmd.Pause() not in teacher.sent


async def test_its_key_opens_its_view_and_tells_the_lesson_nothing(tmp_path: Path) -> None:
    async with on_stage(main_lesson(tmp_path)) as stage:
        await with_twin(stage)
        await stage.settle()
        assert title_line(stage).startswith("Memory or understanding? ")
        await stage.press(":twin")
        assert stage.teachers[0].sent == []
        assert stage.teachers[0].stopped == []


async def test_the_key_ends_it_saved_and_starts_another_after_it(tmp_path: Path) -> None:
    async with twinned(tmp_path) as (stage, teacher):
        await stage.press(":twin")
        assert stage.app.session.run.followers.get("twin") is None
        assert teacher.stopped == [True]
        await stage.press(":twin")
        await stage.until(lambda: len(stage.teachers) == 3)
        assert teacher.stopped == [True, True]
        assert stage.teachers[2].stopped == []


async def test_the_twin_ends_with_its_lesson(tmp_path: Path) -> None:
    async with twinned(tmp_path) as (stage, teacher):
        stage.app.session.open_deck("capitals")
        await stage.until(lambda: teacher.stopped == [True])
        assert stage.app.session.run.followers.get("twin") is None
        assert stage.teachers[0].stopped == [True]


async def test_a_twin_that_fails_says_so_and_the_lesson_goes_on(tmp_path: Path) -> None:
    async with twinned(tmp_path) as (stage, teacher):
        teacher.say(ev.TrainerFailed(step=3, text="no room left"))
        teacher.leave()
        await stage.settle()
        await stage.settle()
        (said,) = stage.said
        check_words("screen: twin stopped", said, reason="no room left")
        assert stage.app.session.state.liveness == "learning"
        assert stage.teachers[0].stopped == []


async def test_a_run_folder_that_is_gone_fails_the_twin_alone() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(":twin")
        twin = stage.app.session.run.followers.get("twin")
        assert twin is not None
        await stage.until(lambda: twin.state.liveness == "failed")
        assert "is not a run" in twin.state.failure
        assert len(stage.teachers) == 1
        assert stage.app.session.state.liveness == "learning"


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        ([started(is_shuffled=True)], words("screen: shuffled already")),
        ([started(n_taught=1, n_held_out=0)], words("screen: one card")),
    ],
)
async def test_a_lesson_without_a_twin_says_why(happened: list[ev.AnyEvent], why: str) -> None:
    async with on_stage(happened) as stage:
        await stage.press(":twin")
        assert stage.app.session.run.followers.get("twin") is None
        assert stage.said == [why]


def an_earlier_twin(run: Path, deck_bytes: bytes, seed: int) -> Path:
    main = RunFolder.open(run).info
    info: RunInfo = msgspec.structs.replace(main, seed=seed, is_shuffled=True)
    folder = RunFolder.create(
        run / "twin",
        info,
        deck_file="0000-past-tense.deck",
        deck_bytes=deck_bytes,
        tokenizer_model=b"",
        now=datetime(2026, 11, 24, 10, tzinfo=UTC),
    )
    log: LogWriter = folder.open_log()
    log.append(started())
    log.append(ev.RunPaused(step=64))
    log.close()
    folder.save_keyframe(64, b"state")
    folder.release()
    return folder.path


@pytest.mark.parametrize(
    ("deck", "seed", "goes_on"),
    [(b"a :: b\n", 7, True), (b"a :: c\n", 7, False), (b"a :: b\n", 8, False)],
)
async def test_an_old_twin_goes_on(tmp_path: Path, deck: bytes, seed: int, goes_on: bool) -> None:
    happened = main_lesson(tmp_path)
    (run,) = tmp_path.iterdir()
    path = an_earlier_twin(run, deck, seed)
    async with on_stage(happened) as stage:
        teacher = await with_twin(stage)
        assert teacher.request.resume == (str(path) if goes_on else None)


def test_a_twins_run_is_counted_and_deleted_with_the_main_run(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    size_bytes = catalog.size_of(run)
    twin = an_earlier_twin(run, b"a :: b\n", 1)
    assert [entry.path for entry in catalog.list_runs(tmp_path)] == [run]
    assert catalog.list_runs(tmp_path)[0].size_bytes == size_bytes + catalog.size_of(twin)
    pruning.delete_run(run)
    assert not twin.exists()


async def test_runs_with_shuffled_answers_are_not_offered_to_go_on_with(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    info = RunFolder.open(run).info
    shuffled: RunInfo = msgspec.structs.replace(info, is_shuffled=True)
    (run / "run.json").write_bytes(msgspec.json.encode(shuffled))
    async with on_stage(lesson(), runs=tmp_path) as stage:
        await stage.settle()
        await asyncio.sleep(0.1)
        await stage.settle()
        assert stage.app.check_action("do", ("go_on",)) is False
