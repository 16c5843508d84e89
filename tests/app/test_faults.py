"""A fault of the screen closes what failed: the lesson, another process, goes on."""

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static

from flashcards.app import faults
from flashcards.app.app import FlashcardsApp
from flashcards.app.asking.ask_screen import AskScreen
from flashcards.app.decks.library import Library
from flashcards.app.decks.picker import DecksScreen
from flashcards.app.faults import is_late
from flashcards.app.help.search import SearchScreen
from flashcards.app.lesson import lesson_actions
from flashcards.app.lesson.lesson_actions import QuitScreen
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.memory.memory_view import MemoryView
from flashcards.app.widgets.dialog import LineDialog
from flashcards.app.widgets.frame import RunHeader
from flashcards.cli import arguments, main
from flashcards.runs import events as ev
from tests.app.lesson import lesson
from tests.app.script import Stage, on_stage
from tests.waiting import PATIENCE_S

TALK = Path(__file__).parents[2] / "docs" / "talks" / "what-training-means.md"


@pytest.fixture(autouse=True)
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "flashcards" / "log"


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("on purpose")


def pressed_at(x: int, y: int) -> events.MouseDown:
    return events.MouseDown(
        None, x=x, y=y, delta_x=0, delta_y=0, button=1, shift=False, meta=False, ctrl=False
    )


async def recovered(stage: Stage) -> None:
    """Wait for the notice, without waiting for a screen that may be about to go."""
    async with asyncio.timeout(PATIENCE_S):
        while not any("A report:" in notice for notice in stage.said):
            await asyncio.sleep(0.01)
        while not (stage.app.play is not None and stage.app.play.is_there):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await stage.settle()


def text_of(reports: Path) -> str:
    (report,) = reports.iterdir()
    return report.read_text()


async def test_a_view_that_fails_is_closed(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


async def test_a_lesson_that_fails_is_back(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        before = stage.app.play
        with monkeypatch.context() as broken:
            broken.setattr(PlayScreen, "paint", fail)
            stage.teachers[-1].say(ev.RunPaused(step=1284))
            while not reports.is_dir():
                await asyncio.sleep(0.01)
        await recovered(stage)
        assert stage.app.play is not before
        assert stage.app.session.state.step == 1284
        assert stage.teachers[-1].stopped == []
        assert "1,284" in "".join(stage.rows())


async def test_a_key_fails_on_its_own(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        monkeypatch.setattr(lesson_actions, "toggle_play", fail)
        await stage.pilot.press("space")
        await recovered(stage)
        assert stage.app.screen is stage.app.play
        assert "on purpose" in text_of(reports)


@pytest.mark.slow
async def test_what_always_fails_ends_it(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        monkeypatch.setattr(lesson_actions, "toggle_play", fail)
        monkeypatch.setattr(faults, "WITHIN_S", 600.0)  # so that a loaded machine is quick enough
        for _ in range(6):
            await stage.pilot.press("space")
        await stage.pilot.pause()
        assert stage.app.return_code == 1


@pytest.mark.slow
async def test_a_second_key_on_a_closing_dialog_does_nothing() -> None:
    async with on_stage(lesson()) as stage:
        for keys in (
            "q33",
            "r11",
            (":run_cards", "enter", "enter"),
            (":bookmark", "enter", "enter"),
        ):
            await stage.press(keys[0])
            for key in keys[1:]:
                stage.app.simulate_key(key)
            await stage.settle()
            await stage.settle()
            assert stage.app.screen is stage.app.play, keys
            await stage.press("2")
            assert stage.app.view_name == "cards", keys
            await stage.press("1")


@pytest.mark.slow
@pytest.mark.parametrize("opens", ["palette", "theme"])
async def test_a_key_in_a_search_that_was_just_opened_does_no_harm(opens: str) -> None:
    async with on_stage(lesson()) as stage:
        for key in ("pageup", "pagedown", "down", "end", "enter", "escape"):
            stage.app.action_do(opens)
            stage.app.simulate_key(key)
            await stage.settle()
            await stage.press("escape", "escape")
            await stage.settle()
            assert stage.app.session.state.step == 1284, key
            assert stage.app.screen is stage.app.play, key


async def test_a_dialog_is_not_painted_nor_its_keys_obeyed_before_its_widgets_are_there() -> None:
    async with on_stage(lesson()) as stage:
        stage.app.action_do("ask")
        while not isinstance(stage.app.screen, AskScreen):
            await asyncio.sleep(0)
        assert not stage.app.screen.is_mounted
        stage.app.paint()
        assert not await stage.app.run_action("past", stage.app.screen)
        await stage.settle()
        assert isinstance(stage.app.screen, AskScreen)
        assert stage.app.screen.check_action("past", ())


async def test_a_widget_that_fails_before_it_is_there_is_a_fault() -> None:
    class Failing(Static):
        def __init__(self) -> None:
            super().__init__()
            fail()

    async with on_stage(lesson()) as stage:
        with pytest.raises(RuntimeError) as raised:
            Failing()
        assert not is_late(raised.value, stage.app.screen_stack)


async def test_a_click_on_a_widget_that_was_just_removed_does_no_harm() -> None:
    async with on_stage(lesson()) as stage:
        header = stage.app.screen.query_one(RunHeader)
        parent = header.parent
        header._detach()
        stage.app.post_message(pressed_at(4, 0))
        await stage.pilot.pause()
        assert stage.app.is_running
        assert parent is not None
        header._attach(parent)


async def test_a_search_is_dismissed_once_and_a_worker_of_it_is_late() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("ctrl+p")
        search = stage.app.screen
        assert isinstance(search, SearchScreen)
        search.dismiss()
        search.dismiss()
        await stage.settle()
        assert stage.app.screen is stage.app.play
        with pytest.raises(KeyError) as raised:
            search.get_component_styles("no-such-part")
        assert is_late(raised.value, stage.app.screen_stack)


async def no_dialog_was_opened_twice(stage: Stage, what: object) -> None:
    await stage.settle()
    await stage.settle()
    kinds = [type(screen) for screen in stage.app.screen_stack]
    assert len(kinds) == len(set(kinds)), what
    for _ in range(3):
        if stage.app.screen is not stage.app.play:
            await stage.press("escape")
    assert stage.app.screen_stack[1:] == [stage.app.play]


@pytest.mark.slow
async def test_a_key_pressed_twice_opens_one_dialog(tmp_path: Path) -> None:
    async with on_stage(lesson(), runs=tmp_path) as stage:
        for key in ("a", "N", "m", "b", "r", "d", "n", "q", "question_mark"):
            stage.app.simulate_key(key)
            stage.app.simulate_key(key)
            await no_dialog_was_opened_twice(stage, key)


async def test_a_dialog_below_another_closes_neither() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(":bookmark")
        bookmark = stage.app.screen
        assert isinstance(bookmark, LineDialog)
        await stage.press("ctrl+c")
        bookmark.dismiss("a key that came late")
        await stage.settle()
        kinds = [type(screen) for screen in stage.app.screen_stack[1:]]
        assert kinds == [PlayScreen, LineDialog, QuitScreen]
        await stage.press("3", "escape")
        assert stage.app.screen_stack[1:] == [stage.app.play]


async def test_a_dialog_left_before_its_widgets_are_there_is_no_fault(tmp_path: Path) -> None:
    async with on_stage(lesson()) as stage:
        screen = DecksScreen(Library(), tmp_path)
        stage.app.push_screen(screen)
        screen.dismiss(None)
        await stage.settle()
        await stage.until(lambda: not screen.is_running)
        assert stage.app.screen is stage.app.play


async def test_work_that_outlives_its_screen_is_no_fault_and_any_other_is(reports: Path) -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        stage.app.show_view("memory")
        await stage.settle()
        view = stage.app.screen
        stage.app.show_view("lesson")
        await stage.settle()

        async def late(screen: Screen[object]) -> None:
            screen.query_one("#nothing")

        stage.app.begin(late(view), "late")
        await stage.settle()
        assert not reports.exists()
        stage.app.begin(late(stage.app.screen), "not late")
        await recovered(stage)
        assert "in late" in text_of(reports)


async def test_what_comes_after_the_program_was_left_is_no_fault() -> None:
    async with on_stage(lesson()) as stage:
        assert stage.app.play is not None
        with pytest.raises(NoMatches) as raised:
            stage.app.play.query_one("#nothing")
        assert not is_late(raised.value, stage.app.screen_stack)
        stage.app.exit()
        assert is_late(raised.value, stage.app.screen_stack)


async def test_input_after_the_program_was_left_is_dropped() -> None:
    keys = ("comma", "escape", "2", "enter", "ctrl+p", "q", "x")
    async with on_stage(lesson()) as stage:
        app, seen = stage.app, list[str]()
        app.session.before_doing = seen.append
        app.exit()
        for key in keys:
            app.simulate_key(key)
            app.post_message(events.MouseDown(None, 3, 3, 0, 0, 1, False, False, False, 3, 3))
            app.post_message(events.Paste("text"))
            for _ in range(50):
                await asyncio.sleep(0)
        await stage.app._shutdown()
        for key in keys:
            app.simulate_key(key)
            await app.on_event(events.Key(key, None))
            app.paint()
        assert seen == []


async def test_the_lesson_comes_back_when_no_screen_of_it_is_left() -> None:
    async with on_stage(lesson(), is_debugging=False) as stage:
        stage.app.pop_screen()
        stage.app.recover("")
        await recovered(stage)
        assert stage.app.screen is stage.app.play
        assert "1,284" in "".join(stage.rows())


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
