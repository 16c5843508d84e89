"""Leaving a lesson, starting it over and going on with an earlier run: what is asked and kept."""

import os
from pathlib import Path

import msgspec
import pytest

from flashcards.app.lesson.lesson_actions import QuitScreen
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.runs import events as ev
from flashcards.runs.values import BetQuestion
from tests import told
from tests.app.lesson import lesson, started
from tests.app.saved_run import a_run
from tests.app.script import on_stage
from tests.golden import check_words, words
from tests.written_run import written_run


@pytest.mark.parametrize(("keys", "is_saved"), [(["1"], True), (["enter"], True), (["2"], False)])
async def test_quitting_saves_or_not_as_it_is_told(keys: list[str], is_saved: bool) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("q")
        assert isinstance(stage.app.screen, QuitScreen)
        await stage.press(*keys)
        assert stage.teachers[-1].stopped == [is_saved]
        assert not stage.app.is_running or stage.app._exit


async def test_what_leaving_keeps_is_what_it_would_keep_by_now() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("q", "down")
        assert words("screen: keeps all", step="1,284") in "\n".join(stage.rows())
        await stage.say(ev.StateSaved(step=3200, file="x"), ev.RunPaused(step=3257))
        rows = "\n".join(stage.rows())
        assert words("screen: keeps all", step="3,257") in rows
        assert words("screen: keeps saved", step="3,200") in rows
        await stage.press("enter")
        assert stage.teachers[-1].stopped == [False]


async def test_quitting_is_called_off_and_ctrl_c_asks_while_typing_and_twice_saves() -> None:
    async with on_stage(lesson()) as stage:
        for key, way_back in (("q", "3"), ("q", "escape"), ("ctrl+c", "3"), ("ctrl+q", "3")):
            await stage.press(key)
            asking = stage.app.screen
            assert isinstance(asking, QuitScreen), key
            await stage.press(way_back)
            assert stage.app.screen is stage.app.play, way_back
            assert stage.teachers[-1].stopped == []
        await stage.press("a")
        await stage.press("ctrl+c")
        assert isinstance(stage.app.screen, QuitScreen)
        await stage.press("ctrl+c")
        assert stage.teachers[-1].stopped == [True]


async def test_before_anything_was_taught_quitting_asks_nothing() -> None:
    async with on_stage([ev.TrainerWoke(step=0, stage="loading")]) as stage:
        await stage.press("q")
        assert stage.teachers[-1].stopped == [False]


@pytest.mark.parametrize(("key", "seed"), [("1", 7), ("2", 8)])
async def test_starting_over_is_called_off_or_takes_the_chosen_seed(key: str, seed: int) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("r", "escape")
        assert len(stage.teachers) == 1
        await stage.press("r")
        await stage.press(key)
        first, second = stage.teachers
        assert first.stopped == [True]
        assert second.request == msgspec.structs.replace(first.request, seed=seed)


async def test_the_last_run_of_the_deck_is_offered_and_opened(tmp_path: Path) -> None:
    path = a_run(tmp_path)
    a_run(tmp_path, deck="another", step=9)
    async with on_stage([started(), ev.RunPaused(step=0)], runs=tmp_path) as stage:
        line = words("screen: last time", step="1,284")  # how far it came is no score
        await stage.until(lambda: stage.app.status_line.text == line)
        assert stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(path)
        assert not stage.app.check_action("do", ("go_on",))


async def test_the_last_run_is_offered_for_a_while_and_under_every_better_hint(
    tmp_path: Path,
) -> None:
    a_run(tmp_path)
    now_s = 0.0
    async with on_stage([started()], runs=tmp_path, clock=lambda: now_s) as stage:
        session = stage.app.session
        await stage.until(lambda: bool(session.singleton(EarlierRuns).runs))
        assert stage.app.status_line.key == "bet"
        await stage.say(told.steps(100), ev.RunPaused(step=100))
        assert stage.app.status_line.key == "go_on"
        bet = BetQuestion(kind="score", side="seen", at_step=200)
        await stage.say(ev.BetPlaced(step=100, bet=bet, share=0.5))
        assert "Your bet" in stage.app.status_line.text
        await stage.say(told.exam(250, (9, 50), (0, 20)))
        now_s = 60.0
        assert stage.app.status_line.key != "go_on"
        assert stage.app.check_action("do", ("go_on",))


async def test_the_run_taught_last_goes_on_not_one_that_hardly_began(tmp_path: Path) -> None:
    older, taught_last = a_run(tmp_path, step=300), a_run(tmp_path, step=200)
    stub = a_run(tmp_path, step=2)
    for path, at_s in ((older, 100.0), (taught_last, 300.0), (stub, 400.0)):
        os.utime(path / "events.jsonl", (at_s, at_s))  # when something was last logged
    async with on_stage([started(), ev.RunPaused(step=0)], runs=tmp_path) as stage:
        line = words("screen: last time", step=200)
        await stage.until(lambda: stage.app.status_line.text == line)
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(taught_last)


async def test_going_on_leaves_no_run_that_hardly_began_behind(tmp_path: Path) -> None:
    older, begun = a_run(tmp_path, step=300), a_run(tmp_path, step=1)
    start = started(run=begun.name, folder=str(begun))
    async with on_stage([start, ev.StateSaved(step=1, file="x")], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.singleton(EarlierRuns).runs))
        await stage.press("g")
        await stage.until(lambda: not begun.exists())
        assert older.exists()


async def test_a_run_that_was_taught_a_card_by_hand_is_kept(tmp_path: Path) -> None:
    older, begun = a_run(tmp_path, step=300), a_run(tmp_path, step=1)
    start = started(run=begun.name, folder=str(begun))
    pinned = ev.PromptPinned(step=1, prompt="go")
    async with on_stage([start, pinned, ev.StateSaved(step=1, file="x")], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.singleton(EarlierRuns).runs))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(older)
        await stage.until(lambda: bool(stage.teachers[0].stopped))
        await stage.settle()
        assert begun.exists()


async def test_a_lesson_that_failed_is_kept_when_it_goes_on(tmp_path: Path) -> None:
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
        await stage.until(lambda: bool(stage.app.session.singleton(EarlierRuns).runs))
        assert "goes on" not in stage.app.status_line.text


def saved_run(root: Path) -> tuple[ev.RunStarted, int]:
    folder = written_run(root, "past-tense")
    start = started(folder=str(folder.path))
    log = folder.open_log()
    pins: list[ev.AnyEvent] = [
        ev.PromptPinned(step=3, prompt="go"),
        ev.PinAnswered(step=3, prompt="go", answer="goed", probability=0.5),
    ]
    logged = [start if isinstance(e, ev.RunStarted) else e for e in lesson()[1:]]
    for event in [logged[0], *pins, *logged[1:], ev.RunResumed(step=700, start=start)]:
        log.append(event)
    log.close()
    folder.release()
    return start, sum(isinstance(e, ev.ExamTaken) and e.step <= 700 for e in logged)


@pytest.mark.slow
async def test_a_run_that_goes_on_shows_all_of_its_curves(tmp_path: Path) -> None:
    start, n_exams = saved_run(tmp_path)
    async with on_stage([ev.RunResumed(step=700, start=start)], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.state.start is not None)
        state = stage.app.session.state
        assert len(state.exams.seen_losses) == n_exams > 10
        assert state.step == 700
        assert state.liveness == "learning"
        said_again = ev.PinAnswered(step=3, prompt="go", answer="goed", probability=0.5)
        await stage.say(ev.PromptPinned(step=700, prompt="go"), said_again)
        assert [a.step for a in state.pins["go"].answers.items] == [3]


async def test_a_run_whose_log_can_not_be_read_goes_on_all_the_same(tmp_path: Path) -> None:
    start = msgspec.structs.replace(started(), folder=str(tmp_path / "gone"))
    async with on_stage([ev.RunResumed(step=700, start=start)], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.state.start is not None)
        assert len(stage.app.session.state.exams.seen_losses) == 0
        assert stage.app.session.state.liveness == "learning"


async def test_a_damaged_state_is_said_once(tmp_path: Path) -> None:
    start, _ = saved_run(tmp_path)
    file = "resume-00000760-0123456789abcdef.safetensors"
    damage = ev.DamageFound(step=700, file=file)
    async with on_stage([ev.RunResumed(step=700, start=start)], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.state.start is not None)
        await stage.say(damage)
        await stage.say(ev.RunPaused(step=700))
        check_words("screen: damaged", stage.said[0], step=760, taken=700)
        assert len(stage.said) == 1
        await stage.say(ev.RunResumed(step=700, start=start))
        await stage.until(lambda: stage.app.session.state.liveness == "learning")
