"""A list of words or a text is pasted, seen as cards, named and taught."""

from pathlib import Path

from textual.widgets import Input, TextArea

from flashcards.app.decks.pasting import PasteScreen, PasteSheet
from flashcards.app.help.search import best_first, commands
from flashcards.app.widgets.dialog import LineDialog
from tests.app.edited import lesson_on
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage

LIST = "dog - chien\ncat - chat\ncow - vache\nUnit 3\npig - cochon\nsheep - mouton\nhen - poule\n"


async def pasting(stage: Stage) -> PasteScreen:
    await stage.press(":paste")
    await stage.until(lambda: isinstance(stage.app.screen, PasteScreen))
    screen = stage.app.screen
    assert isinstance(screen, PasteScreen)
    return screen


def found(stage: Stage, words: str) -> list[str]:
    return [entry.name for entry in best_first(commands(stage.app.session), words)]


async def test_it_is_found_by_plain_words_of_three_languages(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        for words in ("list of words", "paste", "wortliste", "lista de palabras"):
            assert "paste" in found(stage, words)


async def paste(stage: Stage, screen: PasteScreen, text: str, expected: str) -> None:
    screen.query_one(TextArea).text = text
    await stage.until(lambda: expected in str(screen.query_one(PasteSheet).render()))


async def test_a_list_that_is_pasted_is_seen_as_cards_named_and_taught(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        await stage.press("ctrl+s")
        assert stage.app.screen is screen, "there is nothing to take"
        await paste(stage, screen, LIST, "6 to teach, 0 never seen, 1 left out")
        await check_pictures(stage, "paste")
        await stage.press("ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))
        await stage.press(*"animals", "enter")
        await stage.until(lambda: len(stage.teachers) == 2)
        path = places / "own" / "decks" / "animals.deck"
        assert stage.teachers[-1].request.deck == str(path)
        assert "dog :: chien\ncat :: chat\n" in path.read_text("utf-8")


async def test_a_text_of_a_file_is_read_and_too_short_a_one_is_not_taken(places: Path) -> None:
    story = places / "here" / "story.txt"
    story.write_text("Once there was a cat, old, grey and glad of the sun.\n" * 50, "utf-8")
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        await paste(stage, screen, "Once there was a cat.", "this one 21")
        await stage.press("ctrl+s")
        assert stage.app.screen is screen
        await paste(stage, screen, str(story), "2,650 characters: the model reads it")
        await stage.press("f2")
        await stage.until(lambda: "1 to teach" in str(screen.query_one(PasteSheet).render()))
        await stage.press("f2")
        await stage.until(lambda: "reads it" in str(screen.query_one(PasteSheet).render()))
        await stage.press("ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))
        assert stage.app.screen.query_one(Input).value == "story"
        await stage.press("enter")
        await stage.until(lambda: len(stage.teachers) == 2)
        written = places / "own" / "decks" / "texts" / "story.deck"
        assert stage.teachers[-1].request.deck == str(written)
        assert written.read_text("utf-8").endswith(story.read_text("utf-8"))


async def test_what_was_pasted_and_not_taken_is_there_the_next_time(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await paste(stage, await pasting(stage), LIST, "6 to teach")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.play)
        screen = await pasting(stage)
        await stage.until(lambda: "6 to teach" in str(screen.query_one(PasteSheet).render()))
        await stage.press("escape")
