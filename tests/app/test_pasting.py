"""A list of words or a text is pasted, seen as cards, named and taught."""

from pathlib import Path

from textual.events import Paste
from textual.widgets import Input, TextArea

from flashcards.app.decks.paste_screen import PasteScreen, PasteSheet
from flashcards.app.help.search import best_first, commands
from flashcards.app.widgets.dialog import LineDialog
from tests.app.edited import lesson_on
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage
from tests.golden import words

LIST = "dog - chien\ncat - chat\ncow - vache\nUnit 3\npig - cochon\nsheep - mouton\nhen - poule\n"


async def pasting(stage: Stage) -> PasteScreen:
    await stage.press(":paste")
    await stage.until(lambda: isinstance(stage.app.screen, PasteScreen))
    screen = stage.app.screen
    assert isinstance(screen, PasteScreen)
    screen.query_one(TextArea).cursor_blink = False
    return screen


def found(stage: Stage, words: str) -> list[str]:
    return [entry.name for entry in best_first(commands(stage.app.session), words)]


async def test_it_is_found_by_plain_words_of_three_languages(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        for words in ("list of words", "paste", "wortliste", "lista de palabras"):
            assert "paste" in found(stage, words)


def sheet(screen: PasteScreen) -> str:
    return " ".join(str(screen.query_one(PasteSheet).render()).split())


async def paste(stage: Stage, screen: PasteScreen, text: str, expected: str) -> None:
    screen.query_one(TextArea).text = text
    await stage.until(lambda: expected in sheet(screen))


async def test_a_list_that_is_pasted_is_seen_as_cards_named_and_taught(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        await stage.press("ctrl+s")
        assert stage.app.screen is screen, "there is nothing to take"
        await paste(stage, screen, LIST, "6 to teach, 0 never taught, 1 left out")
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
        await paste(stage, screen, str(story), words("screen: pasted text", n="2,650"))
        await stage.press("f2")
        await stage.until(lambda: "1 to teach" in sheet(screen))
        await stage.press("f2")
        await stage.until(lambda: "reads it" in sheet(screen))
        await stage.press("ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))
        assert stage.app.screen.query_one(Input).value == "story"
        await stage.press("enter")
        await stage.until(lambda: len(stage.teachers) == 2)
        written = places / "own" / "decks" / "texts" / "story.deck"
        assert stage.teachers[-1].request.deck == str(written)
        assert written.read_text("utf-8").endswith(story.read_text("utf-8"))


async def test_what_is_pasted_next_takes_the_place_of_a_draft(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await paste(stage, await pasting(stage), LIST, "6 to teach")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.play)
        screen = await pasting(stage)
        await stage.until(lambda: "6 to teach" in sheet(screen))
        assert "Pasting replaces this" in str(screen.query_one(".dialog-title").render())
        stage.app.post_message(Paste("eau - water\nfeu - fire\n"))
        await stage.until(lambda: "2 to teach" in sheet(screen))
        assert screen.query_one(TextArea).text == "eau - water\nfeu - fire\n"
        await stage.press("escape")


async def test_a_list_too_short_to_be_read_stays_cards_and_says_why(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        await paste(stage, screen, "cat\tKatze\ndog\tHund\n", "2 to teach")
        await stage.press("f2")
        await stage.until(lambda: "at least 2,000 characters, this one 19" in sheet(screen))
        assert "2 to teach" in sheet(screen)
        await stage.press("f2", "ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))


async def test_a_text_that_is_no_list_stays_a_text_and_says_why(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        read = words("screen: pasted text", n="4,200")
        await paste(stage, screen, "Once there was a cat\n" * 200, read)
        await stage.press("f2")
        await stage.until(lambda: words("screen: not a list") in sheet(screen))
        assert read in sheet(screen)
        await stage.press("ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))


WORDS = "Latein\tDeutsch\n" + "".join(f"verbum{n}\tWort{n}\n" for n in range(40))


async def test_all_pasted_cards_are_taught_unless_one_keeps_some_back(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        await paste(stage, screen, WORDS, "40 to teach, 0 never taught, 0 left out")
        await stage.until(lambda: "F3 keeps 21 back" in sheet(screen))
        await stage.press("f3")
        await stage.until(lambda: words("screen: to teach", n=19, n_unseen=21) in sheet(screen))
        assert words("screen: kept back", n=21, n_cards=40) in sheet(screen)
        await stage.press("f3")
        await stage.until(lambda: "40 to teach" in sheet(screen))
        await stage.press("f3", "ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))
        await stage.press(*"latin", "enter")
        await stage.until(lambda: len(stage.teachers) == 2)
        written = (places / "own" / "decks" / "latin.deck").read_text("utf-8")
        assert "held_out = 0." in written
        assert "Latein" not in written


async def test_keys_that_come_before_the_text_was_read_do_what_they_say(places: Path) -> None:
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        screen.query_one(TextArea).text = WORDS
        await stage.press("f3", "ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))
        text = str(stage.app.screen.query_one(".dialog-text").render())
        assert words("screen: to teach", n=19, n_unseen=21) in text


async def test_a_pasted_deck_keeps_its_own_share(places: Path) -> None:
    deck = "+++\nheld_out = 0.5\n+++\n" + WORDS.replace("\t", " :: ")
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        screen = await pasting(stage)
        await paste(stage, screen, deck, "never taught")
        assert "F3" not in sheet(screen)
        before = sheet(screen)
        await stage.press("f3")
        assert sheet(screen) == before
