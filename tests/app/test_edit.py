"""The editor in here: how a card is read, and how a deck is typed, saved and left."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Key

from flashcards.app.decks.card_reading import Pieces, pieces_of, preview, read_text, texts_at
from flashcards.app.decks.editor import DeckText, EditScreen, ReadingSheet, can_hold
from flashcards.app.decks.keeping import KeepingLine
from flashcards.app.widgets.dialog import ChoiceScreen, LineDialog
from flashcards.cards.format import parse
from flashcards.runs import events as ev
from flashcards.runs.commands import CutTexts
from tests.app.edited import DECK, lesson_on, read, title
from tests.app.pictures import check_picture
from tests.app.script import Stage, on_stage
from tests.golden import words
from tests.waiting import PATIENCE_S


def shown(reading_of: str, line: int, width: int = 60) -> list[str]:
    reading = read_text(reading_of, "words.deck")
    return ["".join(text for text, _ in row) for row in preview(reading, line, width)]


@asynccontextmanager
async def editing(
    places: Path, text: str = DECK, name: str = "words.deck", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Stage, EditScreen]]:
    path = places / "here" / name
    path.write_text(text, "utf-8")
    async with on_stage(lesson_on(path), size, is_drawn=True) as stage:
        await stage.press("e")
        yield stage, await read(stage)


def test_a_card_is_shown_as_it_is_asked_answered_and_cut() -> None:
    assert shown(DECK, 7) == [
        "asks     cat → chat | minou",
        "is       taught · [animals]",
        "pieces   c│a│t → c│h│a│t│⏎",
    ]
    assert shown(DECK, 10)[:2] == ["asks     seven → sept", "asks     sept → seven"]
    assert shown(DECK, 5) == [words("screen: no card")]


def test_a_never_seen_card_says_why_and_which_letters_are_not_learned() -> None:
    assert shown("a :: b\n? a b :: Жb\n", 2) == [
        "asks     a b → Жb",
        f"is       {words('screen: only asked')}",
        "pieces   a│·│b → Ж│b│⏎",
        f"         {words('screen: bytes', letters='·, Ж')}",
    ]
    share = "+++\nheld_out = 0.5\n+++\n" + "".join(f"{i} :: {i}\n" for i in range(40))
    deck = parse(share.encode(), "words.deck").deck
    assert deck is not None
    card = deck.cards[deck.never_seen[0]]
    assert words("screen: by share") in shown(share, card.line)[1]


WORDS = '+++\ntokenizer = "word"\n+++\nbig dog :: gros chien\n'


def test_pieces_of_another_kind_are_not_guessed_at() -> None:
    assert shown(WORDS, 4, 90)[2] == f"pieces   {words('screen: whole words')}"


def test_where_prompts_are_filled_up_the_lesson_is_asked_for_letters_too() -> None:
    pieces = Pieces("char", frozenset("cats"), is_filled=True)
    reading = read_text("cat :: cats\n", "words.deck", pieces)
    assert texts_at(reading, 1) == ("cat", "cats")
    assert texts_at(read_text("cat :: cats\n", "words.deck"), 1) == ()
    cut = ev.TextsCut(step=1, request=1, cuts=(tuple("cat◦"), tuple("cats")))
    (*_, (_, (row, _))) = preview(reading, 1, 60, cut)
    assert row == "c│a│t│◦ → c│a│t│s│⏎"


async def test_pieces_of_another_kind_are_asked_of_the_lesson(places: Path) -> None:
    async with editing(places, WORDS) as (stage, screen):
        screen.query_one(DeckText).move_cursor((3, 0))
        await stage.settle()
        asked = [c for c in stage.sent if isinstance(c, CutTexts)]
        assert [command.texts for command in asked] == [("big dog", "gros chien")]
        cuts = (("big", " dog"), ("<0xC3>", " chien"))
        await stage.say(ev.TextsCut(step=1, request=asked[0].request, cuts=cuts, unlearned=("Ã",)))
        await stage.until(
            lambda: "big│·dog → <0xC3>│·chien│⏎" in "\n".join(stage.lines(ReadingSheet))
        )
        assert words("screen: bytes", letters="Ã") in "\n".join(stage.lines(ReadingSheet))


@pytest.mark.slow
async def test_the_cursor_begins_at_the_first_card_and_goes_to_both_ends(places: Path) -> None:
    async with editing(places, size=(200, 40)) as (stage, screen):
        assert screen.query_one(DeckText).cursor_location == (5, 0)
        assert DECK.splitlines()[5].startswith("dog ::")
        assert "Edit ~/here/words.deck" in title(screen)
        await stage.press("ctrl+home")
        await read(stage)
        text = screen.query_one(DeckText)
        assert text.cursor_location == (0, 0)
        await stage.press("ctrl+end")
        assert text.cursor_location == text.document.end
        await stage.press("ctrl+home")
        assert text.cursor_location == (0, 0)


def test_only_text_that_comes_back_as_it_was_is_edited_in_here() -> None:
    for text in ("", "a :: b", "a :: b\n", "a :: b\r\nc :: d\r\n", "\ufeffa :: b\n", "a\tb\n"):
        assert can_hold(text)
        assert DeckText(text, is_tabbed=False).text == text
    for text in ("a\r\nb\nc", "a\rb", "a\x0cb", "a\u2028b", "a\x85b"):
        assert not can_hold(text)


async def test_the_editor_marks_lines_and_reads_the_card_under_the_cursor(places: Path) -> None:
    async with editing(places) as (stage, screen):
        area = screen.query_one(DeckText)
        area.move_cursor((6, 3))
        area.cursor_blink = False
        await stage.settle()
        for size in ((120, 40), (80, 24)):
            await stage.resize(size)
            assert f"{words('screen: to teach', n=5, n_unseen=1)} · saved" in title(screen)
            text = str(screen.query_one(ReadingSheet).render())
            assert "line 9: " in text
            assert "cat → chat | minou" in text
            line = area.render_line(8).text
            assert line.startswith(f" 9✗ bird = oiseau   ◂ {words('screen: parted')}")
        await check_picture(stage.app, "edit-80x24")
        await stage.press("f8")
        assert area.cursor_location == (8, 0)
        reading = str(screen.query_one(ReadingSheet).render())
        assert reading.startswith(f"✗ {words('screen: parted')}")


async def test_the_editor_covers_no_dialog(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_read = threading.Event()

    def slowly(path: Path) -> bytes:
        assert may_read.wait(PATIENCE_S)
        return path.read_bytes()

    monkeypatch.setattr("flashcards.app.decks.writing.shelf.read", slowly)
    async with on_stage(lesson_on(places / "here" / "words.deck")) as stage:
        await stage.press("e", "n")
        await stage.until(lambda: isinstance(stage.app.screen, LineDialog))
        (editing,) = [w for w in stage.app.workers if w.group == "edit_here"]
        may_read.set()
        await stage.until(lambda: editing.is_finished)
        (*_, below, in_front) = stage.app.screen_stack
        assert isinstance(in_front, LineDialog)
        assert below is stage.app.play


async def test_typing_is_read_saved_by_ctrl_s_and_left_by_escape(places: Path) -> None:
    path = places / "here" / "words.deck"
    async with editing(places) as (stage, screen):
        area = screen.query_one(DeckText)
        area.move_cursor((8, 4))
        await stage.press(" ", "colon", "colon")
        screen = await read(stage)
        assert "not saved" in title(screen)
        assert path.read_text("utf-8") == DECK
        await stage.press("ctrl+s")
        assert path.read_text("utf-8") == DECK.replace("bird =", "bird :: =")
        assert "· saved" in title(screen)
        await stage.press("escape")
        assert stage.app.screen is stage.app.play
        assert len(stage.teachers) == 1, "the lesson goes on, by way of the file"


async def test_a_problem_says_what_to_do_and_the_keys_are_whole(places: Path) -> None:
    async with editing(places, "two :: deux\n# a deck of 2 cards\ntwo :: zwei\n") as (
        stage,
        screen,
    ):
        await stage.press("f8", "end", "n")
        screen = await read(stage)
        line = " ".join(str(screen.query_one(ReadingSheet).render()).split())
        assert line.startswith(f"! {words('screen: two answers')} asks ")
        n_cards = words("screen: to teach", n=2, n_unseen=0)
        assert title(screen) == f"words.deck   {n_cards} · not saved   ctrl+s save · esc back"


async def test_keys_that_arrive_together_are_written_in_their_order(places: Path) -> None:
    async with editing(places) as (stage, screen):
        area = screen.query_one(DeckText)
        area.move_cursor((8, 4))
        for key in [Key("x", "x"), Key("backspace", "\x7f"), Key("end", None), Key("y", "y")]:
            stage.app.post_message(key)
        await stage.until(lambda: "y" in area.document.get_line(8))
        assert area.document.get_line(8) == DECK.splitlines()[8] + "y"


@pytest.mark.slow
async def test_what_is_not_saved_is_asked_about(places: Path) -> None:
    path = places / "here" / "words.deck"
    async with editing(places) as (stage, _):
        await stage.press("ctrl+home", "x", "escape")
        assert isinstance(stage.app.screen, ChoiceScreen)
        await stage.press("3")
        assert isinstance(stage.app.screen, EditScreen)
        await stage.press("ctrl+c")
        assert isinstance(stage.app.screen, ChoiceScreen)
        await stage.press("2")
        assert path.read_text("utf-8") == DECK
        await stage.press("escape")
    async with on_stage(lesson_on(path)) as stage:
        await stage.press("e")
        await read(stage)
        await stage.press("ctrl+home", "x", "escape", "1")
        assert path.read_text("utf-8") == "x" + DECK
        assert stage.app.screen is stage.app.play


async def test_a_file_saved_elsewhere_is_replaced_when_asked_twice(places: Path) -> None:
    path = places / "here" / "words.deck"
    async with editing(places) as (stage, _):
        path.write_text("other :: words\n", "utf-8")
        await stage.press("ctrl+home", "x", "ctrl+s")
        assert path.read_text("utf-8") == "other :: words\n"
        await stage.press("ctrl+s")
        assert path.read_text("utf-8") == "x" + DECK


async def test_what_a_terminal_would_obey_is_not_drawn(places: Path) -> None:
    async with editing(places, "a\x1b[31m :: b\x9b31m\n") as (_, screen):
        area = screen.query_one(DeckText)
        line = area.render_line(0).text
        assert "a␛[31m :: b·31m" in line
        assert area.text == "a\x1b[31m :: b\x9b31m\n"


async def test_a_tsv_deck_takes_the_tab_key(places: Path) -> None:
    path = places / "here" / "words.tsv"
    async with editing(places, "a\tb\n", name="words.tsv") as (stage, screen):
        screen.query_one(DeckText).move_cursor((1, 0))
        await stage.press("c", "tab", "d", "ctrl+s", "escape")
        assert path.read_text("utf-8") == "a\tb\nc\td"
        assert stage.app.screen is stage.app.play


async def test_the_editor_knows_the_letters_of_the_run(places: Path) -> None:
    path = places / "here" / "words.deck"
    version = places / "here" / "deck"
    version.mkdir()
    (version / "0000-words.deck").write_text("abc :: def\n", "utf-8")
    path.write_text("abc :: fez\n", "utf-8")
    assert pieces_of(parse(b"abc :: def\n", "x.deck").deck).letters == frozenset("abcdef")
    async with on_stage(lesson_on(path)) as stage:
        await stage.press("e")
        screen = await read(stage)
        text = str(screen.query_one(ReadingSheet).render())
        assert words("screen: bytes", letters="z") in text


FORTY = '+++\nname = "Words"\n+++\n' + "".join(f"word{n} :: Wort{n}\n" for n in range(40))


def keeping(screen: EditScreen) -> str:
    return str(screen.query_one(KeepingLine).render())


async def test_a_key_keeps_some_cards_back_and_the_same_key_teaches_all(places: Path) -> None:
    async with editing(places, FORTY) as (stage, screen):
        await stage.until(lambda: "F3 keeps 22 back to test" in keeping(screen))
        screen.query_one(DeckText).move_cursor((10, 3))
        await stage.press("f3")
        await stage.until(lambda: "22 of 40 are kept back" in keeping(screen))
        n_cards = words("screen: to teach", n=18, n_unseen=22)
        assert f"{n_cards} · not saved" in title(screen)
        area = screen.query_one(DeckText)
        assert area.text == FORTY.replace('"Words"\n', '"Words"\nheld_out = 0.5\n')
        assert area.cursor_location == (11, 3), "the cursor stays with its card"
        await stage.press("f3")
        await stage.until(lambda: "All are taught" in keeping(screen))
        assert area.text == FORTY
        await stage.press("f3", "f3", "f3")
        await stage.until(lambda: "held_out" in area.text)
        await stage.press("ctrl+s")
        assert "held_out = 0.5" in (places / "here" / "words.deck").read_text("utf-8")


async def test_where_cards_are_marked_no_share_is_offered(places: Path) -> None:
    async with editing(places, FORTY + "? more :: mehr\n") as (stage, screen):
        await stage.until(lambda: "1 never taught" in title(screen))
        assert keeping(screen) == ""
        await stage.press("f3")
        assert screen.query_one(DeckText).text == FORTY + "? more :: mehr\n"
