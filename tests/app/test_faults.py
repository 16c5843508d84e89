"""A fault of the screen closes what failed: the lesson, another process, goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flashcards.app.app import FlashcardsApp
from flashcards.app.asking.dialog import AskScreen
from flashcards.app.lesson import actions
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.memory.view import MemoryView
from flashcards.cli import arguments, main
from tests.app.lesson import lesson
from tests.app.script import Stage, on_stage

TALK = Path(__file__).parents[2] / "docs" / "talks" / "what-training-means.md"


@pytest.fixture(autouse=True)
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "flashcards" / "log"


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("on purpose")


async def recovered(stage: Stage) -> None:
    await stage.until(lambda: any("lesson goes on" in n.message for n in stage.app._notifications))


def text_of(reports: Path) -> str:
    (report,) = reports.iterdir()
    return report.read_text()


async def test_a_view_that_fails_is_closed_and_a_report_is_written(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        monkeypatch.setattr(MemoryView, "paint", fail)
        await stage.pilot.press("3")
        await stage.pilot.pause()
        stage.app.call_later(stage.app.paint)
        await recovered(stage)
        assert stage.app.view_name == "lesson"
        assert stage.app.screen is stage.app.play
        assert "RuntimeError: on purpose" in text_of(reports)
        assert "Traceback" not in "".join(stage.rows())
        await stage.press("2")
        assert stage.app.view_name == "cards"


async def test_the_lesson_itself_comes_back_when_its_screen_failed(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        before = stage.app.play
        with monkeypatch.context() as broken:
            broken.setattr(PlayScreen, "paint", fail)
            stage.app._painted = ()
            stage.app.call_later(stage.app.paint)
            while not reports.is_dir():
                await asyncio.sleep(0.01)
        await recovered(stage)
        assert stage.app.play is not before
        assert stage.app.session.state.step == 1284
        assert stage.teachers[-1].stopped == []
        assert "1,284" in "".join(stage.rows())


async def test_a_key_that_fails_does_nothing_else(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        monkeypatch.setattr(actions, "toggle_play", fail)
        await stage.pilot.press("space")
        await recovered(stage)
        assert stage.app.screen is stage.app.play
        assert "on purpose" in text_of(reports)


async def test_a_screen_that_always_fails_ends_with_one_sentence(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        monkeypatch.setattr(actions, "toggle_play", fail)
        for _ in range(6):
            await stage.pilot.press("space")
        await stage.pilot.pause()
        assert stage.app.return_code == 1


@pytest.mark.parametrize(
    "keys",
    [("q", "c", "c"), ("r", "s", "s"), ("N", "enter", "enter"), ("m", "enter", "enter")],
)
async def test_a_second_key_on_a_closing_dialog_does_nothing(keys: tuple[str, ...]) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(keys[0])
        for key in keys[1:]:
            stage.app.simulate_key(key)
        await stage.settle()
        await stage.settle()
        assert stage.app.screen is stage.app.play
        await stage.press("2")
        assert stage.app.view_name == "cards"


@pytest.mark.parametrize("key", ["pageup", "pagedown", "down", "end", "enter", "escape"])
async def test_a_key_in_a_palette_that_is_not_filled_yet_does_no_harm(key: str) -> None:
    async with on_stage(lesson()) as stage:
        stage.app.simulate_key("ctrl+p")
        stage.app.simulate_key(key)
        await stage.settle()
        await stage.press("escape", "escape")
        await stage.settle()
        assert stage.app.session.state.step == 1284


@pytest.mark.parametrize("key", ["escape", "enter", "f4", "delete", "down"])
async def test_a_key_in_the_list_of_decks_that_is_not_filled_yet_does_no_harm(
    key: str, tmp_path: Path
) -> None:
    async with on_stage(lesson(), runs=tmp_path) as stage:
        stage.app.simulate_key("d")
        stage.app.simulate_key(key)
        await stage.settle()
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.play)


async def test_a_dialog_is_not_painted_before_its_widgets_are_there() -> None:
    async with on_stage(lesson()) as stage:
        stage.app.action_do("ask")
        while not isinstance(stage.app.screen, AskScreen):
            await asyncio.sleep(0)
        stage.app.paint()
        await stage.settle()
        assert isinstance(stage.app.screen, AskScreen)


@pytest.mark.parametrize("words", [["play", "apple"], ["talk", str(TALK)]], ids=lambda w: w[0])
@pytest.mark.parametrize("is_debugging", [False, True])
def test_debug_shows_tracebacks(
    words: list[str], is_debugging: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[FlashcardsApp] = []

    def show(app: FlashcardsApp) -> int:
        opened.append(app)
        return 0

    monkeypatch.setattr(arguments, "require_terminal", lambda _: None)
    monkeypatch.setattr(arguments, "run_app", show)
    assert main([*words, *(["--debug"] if is_debugging else [])]) == 0
    (app,) = opened
    assert app._is_debugging is is_debugging
