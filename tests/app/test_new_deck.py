"""New decks, copies of shipped ones, and the trash."""

import asyncio
import threading
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from flashcards.app.decks import picker
from flashcards.app.decks.editor import DeckText, EditScreen
from flashcards.app.decks.library import DeckRow, Library
from flashcards.app.decks.picker import DecksScreen
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.widgets.dialog import ChoiceScreen, LineDialog
from tests.app.edited import lesson_on, read, title
from tests.app.pictures import check_picture
from tests.app.script import on_stage
from tests.golden import check_words, words


async def test_of_a_shipped_deck_a_copy_is_edited_and_taught(places: Path) -> None:
    shipped = places / "shipped" / "capitals.deck"
    copy = places / "own" / "decks" / "my-capitals.deck"
    async with on_stage(lesson_on(shipped)) as stage:
        await stage.press(":edit")
        assert isinstance(stage.app.screen, ChoiceScreen)
        await stage.press("2")
        assert not copy.exists()
        await stage.press(":edit", "1")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        await stage.press("ctrl+home", "x", "ctrl+s", "escape")
        await stage.until(lambda: len(stage.teachers) == 2)
        assert stage.teachers[-1].request.deck == str(copy)
        assert copy.read_text("utf-8") == "xFrance :: Paris\n"
        assert shipped.read_text("utf-8") == "France :: Paris\n"


async def test_a_copy_that_was_not_changed_is_not_kept(places: Path) -> None:
    async with on_stage(lesson_on(places / "shipped" / "capitals.deck")) as stage:
        await stage.press("e", "1")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.play)
        assert list((places / "own" / "decks").iterdir()) == []
        assert len(stage.teachers) == 1


async def test_a_new_deck_is_named_written_edited_and_taught(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await stage.press("n")
        assert isinstance(stage.app.screen, LineDialog)
        await stage.press(*"capitals", "enter")
        await stage.until(
            lambda: "already" in str(stage.app.screen.query_one(".dialog-hint").render())
        )
        stage.app.screen.query_one(Input).value = "verbs"
        await stage.until(lambda: stage.app.session.singleton(EarlierRuns).is_first)
        await check_picture(stage.app, "new-80x24")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        screen = await read(stage)
        assert words("screen: to teach", n=5, n_unseen=0) in title(screen)
        await stage.press("escape")
        await stage.until(lambda: len(stage.teachers) == 2)
        assert stage.teachers[-1].request.deck == str(places / "own" / "decks" / "verbs.deck")


async def test_a_new_deck_that_can_not_be_taught_leaves_the_lesson(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await stage.press("n", *"verbs", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        screen = await read(stage)
        screen.query_one(DeckText).text = "nothing\n"
        await stage.press("ctrl+s", "escape")
        await stage.until(lambda: stage.app.screen is stage.app.play)
        await stage.until(lambda: len(stage.said) > 0)
        (said,) = stage.said
        check_words("screen: no deck", said)
        assert len(stage.teachers) == 1


async def test_a_deck_goes_to_the_trash_only_when_that_is_meant(places: Path) -> None:
    own = places / "own" / "decks" / "verbs.deck"
    own.parent.mkdir()
    own.write_text("go :: went\n", "utf-8")
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await stage.press("d")
        screen = stage.app.screen
        assert isinstance(screen, DecksScreen)
        await stage.until(lambda: screen.query_one(OptionList).option_count == 3)
        await stage.press("down", "delete", "2")
        assert own.exists()
        await stage.press("delete", "1")
        await stage.until(lambda: screen.query_one(OptionList).option_count == 2)
        assert not own.exists()
        assert (places / "own" / "trash" / "verbs.deck").read_text("utf-8") == "go :: went\n"
        await stage.press("delete")
        chosen = screen.query_one(OptionList).highlighted_option
        assert chosen is not None
        assert chosen.id == str(places / "shipped" / "capitals.deck")
        assert stage.app.screen is screen, "a shipped deck is not asked about"
        assert (places / "shipped" / "capitals.deck").exists()
        await stage.press("escape")


async def test_a_deck_may_be_deleted_while_the_others_are_still_looked_at(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = places / "own" / "decks" / "verbs.deck"
    own.parent.mkdir()
    own.write_text("go :: went\n", "utf-8")
    is_deleted = threading.Event()
    examine = Library.examine

    def examine_later(library: Library, row: DeckRow) -> DeckRow:
        if row.entry.path.name == "capitals.deck":  # the last one
            assert is_deleted.wait(20.0)
        return examine(library, row)

    monkeypatch.setattr(Library, "examine", examine_later)
    monkeypatch.setattr(picker, "PAINTED_S", 0.5)  # all three are shown again at once
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await stage.press("d")
        screen = stage.app.screen
        deck_list = screen.query_one(OptionList)
        await stage.until(lambda: deck_list.option_count == 3)
        await asyncio.sleep(0.6)
        await stage.press("down", "delete", "1")
        await stage.until(lambda: deck_list.option_count == 2)
        is_deleted.set()
        await asyncio.sleep(0.2)
        await stage.settle()
        assert stage.app.screen is screen
        await stage.press("escape")


async def test_a_deck_of_the_picker_is_edited_and_taught_when_it_was_saved(places: Path) -> None:
    own = places / "own" / "decks" / "verbs.deck"
    own.parent.mkdir()
    own.write_text("go went\n", "utf-8")
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await stage.press("d")
        screen = stage.app.screen
        assert isinstance(screen, DecksScreen)
        await stage.until(lambda: screen.query_one(OptionList).option_count == 3)
        await stage.press("down", "f4")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        editor = await read(stage)
        editor.query_one(DeckText).text = "go :: went\n"
        await stage.press("ctrl+s", "escape")
        await stage.until(lambda: len(stage.teachers) == 2)
        assert stage.teachers[-1].request.deck == str(own)
