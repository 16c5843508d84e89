"""The search: what it lists, in what order keys reach it, and what Enter does."""

import asyncio
import threading
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from flashcards.app.help import search as search_module
from flashcards.app.help.search import SearchEntry, SearchScreen, best_first
from flashcards.app.session import Session
from flashcards.runs import commands as cmd
from tests.app.lesson import lesson
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage, pressed
from tests.golden import words
from tests.waiting import PATIENCE_S


def search_of(stage: Stage) -> SearchScreen:
    assert isinstance(stage.app.screen, SearchScreen)
    return stage.app.screen


async def typed_at_once(stage: Stage, keys: str) -> None:
    """Hand all keys to the app before it has handled the first."""
    for key in keys:
        stage.app.post_message(pressed("enter" if key == "\r" else key))
    await stage.settle()


async def test_what_is_typed_at_once_is_found_and_done() -> None:
    async with on_stage(lesson()) as stage:
        await typed_at_once(stage, ":double\r")
        await stage.until(lambda: cmd.SetLearningRate(factor=2.0) in stage.sent)
        assert stage.app.screen is stage.app.play


async def test_letters_behind_a_key_that_opens_a_dialog_are_typed_in_that_dialog() -> None:
    async with on_stage(lesson()) as stage:
        await typed_at_once(stage, "ardn")
        await stage.until(lambda: bool(stage.app.screen.query(Input)))
        await stage.until(lambda: stage.app.screen.query_one(Input).value == "rdn")


async def test_the_list_is_there_before_the_decks_are_read_and_enter_waits_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    listed = search_module.decks

    def slow(session: Session) -> list[SearchEntry]:
        asyncio.run_coroutine_threadsafe(is_readable.wait(), loop).result(30)
        return listed(session)

    monkeypatch.setattr(search_module, "decks", slow)
    async with on_stage(lesson()) as stage:
        opened: list[str] = []
        monkeypatch.setattr(stage.app.session, "open_deck", opened.append)
        await stage.press(":")
        assert search_of(stage).query_one(OptionList).option_count > 40, "not only what is in sight"
        await typed_at_once(stage, "two-digit\r")
        assert not opened
        is_readable.set()
        await stage.until(lambda: [Path(path).stem for path in opened] == ["addition"])


@pytest.mark.slow
async def test_the_arrows_choose_and_what_nothing_has_is_said() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(":", *"learning rate")
        await stage.until(search_of(stage)._is_complete.is_set)
        options = search_of(stage).query_one(OptionList)
        await stage.press("down")
        assert options.highlighted == 1
        await stage.press("up", "pagedown", "pageup")
        assert options.highlighted == 0
        await check_pictures(stage, "search")
        await stage.press(*"xyzzy")
        assert words("screen: nothing found") in str(options.get_option_at_index(0).prompt)
        await stage.press("enter")
        assert search_of(stage).is_open
        await stage.press("escape")
        assert stage.app.screen is stage.app.play


async def test_a_theme_is_found_and_worn() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(":theme")
        await typed_at_once(stage, "gruvbox\r")
        await stage.until(lambda: stage.app.theme == "gruvbox")


def test_the_whole_name_of_a_command_finds_it_before_a_lesson_that_begins_with_it() -> None:
    def entry(name: str, *, is_lesson: bool = False) -> SearchEntry:
        return SearchEntry(name, "", "", f" {name.lower()}", lambda: None, is_lesson)

    command, word = entry("adapter"), entry("Adapter (LoRA)", is_lesson=True)
    assert best_first([command, word], "adapter") == [command, word]
    assert best_first([command, word], "adap") == [word, command]
    lesson_of_that_name = entry("Adapter", is_lesson=True)
    assert best_first([command, lesson_of_that_name], "adapter")[0] is lesson_of_that_name


async def test_the_list_is_whole_at_once_and_decks_come_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    are_read, decks = threading.Event(), search_module.decks

    def decks_later(session: Session) -> list[SearchEntry]:
        are_read.wait(PATIENCE_S)
        return decks(session)

    monkeypatch.setattr(search_module, "decks", decks_later)
    async with on_stage(lesson()) as stage:
        await stage.press(":")
        screen = search_of(stage)
        options = screen.query_one(OptionList)
        listed = list(options.options)
        assert len(listed) > 40
        are_read.set()
        await stage.until(lambda: options.option_count > len(listed))
        assert all(a is b for a, b in zip(options.options, listed, strict=False))
        screen.action_list("cursor_up")
        assert options.highlighted == options.option_count - 1
