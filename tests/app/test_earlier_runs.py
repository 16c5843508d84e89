"""The earlier run of the deck that is offered to go on with."""

import os
from pathlib import Path

from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.runs import events as ev
from tests.app.lesson import started
from tests.app.saved_run import a_run
from tests.app.script import on_stage


async def test_the_last_run_of_the_deck_is_offered_and_opened(tmp_path: Path) -> None:
    path = a_run(tmp_path)
    a_run(tmp_path, deck="another", step=9)
    async with on_stage([started()], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.line.startswith("g goes on with step 1,284"))
        assert stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(path)
        assert not stage.app.check_action("do", ("go_on",))


async def test_the_run_taught_last_is_gone_on_with_not_one_that_hardly_began(
    tmp_path: Path,
) -> None:
    older, taught_last = a_run(tmp_path, step=300), a_run(tmp_path, step=200)
    stub = a_run(tmp_path, step=2)
    for path, at_s in ((older, 100.0), (taught_last, 300.0), (stub, 400.0)):
        os.utime(path / "events.jsonl", (at_s, at_s))  # when something was last logged
    async with on_stage([started()], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.line.startswith("g goes on with step 200"))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(taught_last)


async def test_going_on_leaves_no_run_that_hardly_began_behind(tmp_path: Path) -> None:
    older, begun = a_run(tmp_path, step=300), a_run(tmp_path, step=1)
    start = started(run=begun.name, folder=str(begun))
    async with on_stage([start, ev.StateSaved(step=1, file="x")], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.kept(EarlierRuns).runs))
        await stage.press("g")
        await stage.until(lambda: not begun.exists())
        assert older.exists()


async def test_a_run_that_hardly_began_but_was_taught_a_card_by_hand_is_kept(
    tmp_path: Path,
) -> None:
    older, begun = a_run(tmp_path, step=300), a_run(tmp_path, step=1)
    start = started(run=begun.name, folder=str(begun))
    pinned = ev.PromptPinned(step=1, prompt="go")
    async with on_stage([start, pinned, ev.StateSaved(step=1, file="x")], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.kept(EarlierRuns).runs))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(older)
        await stage.until(lambda: bool(stage.teachers[0].stopped))
        await stage.settle()
        assert begun.exists()


async def test_a_lesson_that_failed_at_its_beginning_is_kept_when_it_is_gone_on_with(
    tmp_path: Path,
) -> None:
    begun = a_run(tmp_path, step=3)
    start = started(run=begun.name, folder=str(begun))
    failed = ev.TrainerFailed(step=3, text="the trainer ended (signal 9)")
    happened: list[ev.AnyEvent] = [start, ev.StateSaved(step=3, file="x"), failed]
    async with on_stage(happened, runs=tmp_path) as stage:
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(begun)
        await stage.settle()
        assert begun.exists()


async def test_the_run_that_is_being_taught_is_not_its_own_last_one(tmp_path: Path) -> None:
    path = a_run(tmp_path)
    async with on_stage([started(run=path.name)], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.kept(EarlierRuns).runs))
        assert "goes on" not in stage.app.line
