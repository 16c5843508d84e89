"""Leaving the lesson and starting it over: what is asked, and what is kept."""

import msgspec
import pytest

from flashcards.app.lesson.actions import QuitScreen
from flashcards.runs import events as ev
from tests.app.lesson import lesson
from tests.app.script import on_stage


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
        assert any("Keeps all up to step 1,284" in row for row in stage.rows())
        await stage.say(ev.StateSaved(step=3200, file="x"), ev.RunPaused(step=3257))
        rows = "\n".join(stage.rows())
        assert "Keeps all up to step 3,257" in rows
        assert "Keeps what is saved, step 3,200" in rows
        await stage.press("enter")
        assert stage.teachers[-1].stopped == [False]


async def test_quitting_can_be_called_off_and_the_usual_quit_keys_ask_as_well() -> None:
    async with on_stage(lesson()) as stage:
        for key, way_back in (("q", "3"), ("q", "escape"), ("ctrl+c", "3"), ("ctrl+q", "3")):
            await stage.press(key)
            asking = stage.app.screen
            assert isinstance(asking, QuitScreen), key
            await stage.press(way_back)
            assert stage.app.screen is stage.app.play, way_back
            assert stage.teachers[-1].stopped == []


async def test_ctrl_c_asks_to_quit_while_typing_and_twice_saves() -> None:
    async with on_stage(lesson()) as stage:
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
async def test_starting_over_takes_the_chosen_seed(key: str, seed: int) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("r")
        await stage.press(key)
        first, second = stage.teachers
        assert first.stopped == [True]
        assert second.request == msgspec.structs.replace(first.request, seed=seed)


async def test_starting_over_can_be_called_off() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("r", "escape")
        assert len(stage.teachers) == 1
