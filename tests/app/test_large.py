"""Texts as large as there is room: letters, pictures of emoji, and the views that show them."""

import functools
import io
from itertools import pairwise, product

import pytest
from hypothesis import given, strategies as st
from PIL import Image
from rich.cells import cell_len
from textual.geometry import Size
from textual.pilot import Pilot

from flashcards.app.lesson.guess_sheet import (
    LABEL_WIDTH,
    GuessSheet,
    GuessView,
    answer_letters,
    guess_letters,
    letter_size,
)
from flashcards.app.stage.large_text import (
    SLIDE_SIZES,
    SlideSheet,
    SlideText,
    StageLine,
    StageSheet,
    StageView,
)
from flashcards.app.widgets import emoji
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.cells import row_width
from flashcards.app.widgets.large import large, large_or_normal
from flashcards.app.widgets.letters import (
    NARROW,
    SIZES,
    WIDE,
    big,
    big_width,
    can_draw,
    largest,
)
from flashcards.cards.printable import NEWLINE
from flashcards.runs import events as ev
from tests.app.drawn import plain
from tests.app.lesson import correction, folded, lesson
from tests.app.playing import settled, showing
from tests.app.script import on_stage

PAPER = (246, 239, 221)
TEXTS = ("a", "17+25", "sing", "France", "Bosnia and Herzegovina", "Er gräbt ein Loch.", "x" * 40)
"""One letter, numbers, words, sentences, and what has no space to be broken at."""


def test_big_letters_have_the_rows_and_the_width_they_say() -> None:
    for size in SIZES:
        rows = big("sing", size)
        assert len(rows) == size.n_rows
        assert {cell_len(row) for row in rows} == {big_width("sing", size)}
        assert size.n_letters(big_width("sing", size)) == 4
        assert size.n_letters(big_width("sing", size) - 1) == 3
    assert big("i", WIDE) == ["  ▀  ", " ▀█  ", "  █  ", " ▀▀▀ "]


def test_each_size_of_letters_grows_both_ways() -> None:
    for smaller, larger in pairwise(SIZES):
        assert smaller.across <= larger.across
        assert smaller.down <= larger.down


def test_letters_without_a_drawing_stay_small() -> None:
    assert can_draw("Qu'est-ce?")
    assert can_draw("façade")
    assert can_draw("„so“ — ‘no’")
    assert can_draw("«да» ‹№ 5› −3 ± √9 ÷ x² 20 °C, 5 €")
    for text in ("りんご", "تفاحة", "सेब", "Ṩ", "🍎"):
        assert not can_draw(text), text
    assert not can_draw("")
    assert large("りんご", "", 40, 10) == []


LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
CYRILLIC = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"  # Russian, Bulgarian
    "ґєіїўѝҐЄІЇЎЍ"  # Ukrainian, Belarusian, Bulgarian
    "ђјљњћџѓѕќЂЈЉЊЋЏЃЅЌ"  # Serbian, Macedonian
)
GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏΪΫ"
LOOK_ALIKES = (
    *("AАΑ", "BВΒ", "CС", "EЕΕ", "HНΗ", "IІΙ", "JЈ", "KКΚ", "MМΜ", "NΝ", "OОΟ", "PРΡ", "SЅ", "TТΤ"),
    *("XХΧ", "YΥ", "ZΖ", "aа", "cс", "eе", "iі", "jј", "oоο", "pр", "sѕ", "vν", "xх", "yу"),
    *("ГΓ", "ПΠ", "ФΦ", "кκ", "фφ", "ЇΪ"),
)
"""Letters of two or three alphabets that have the same dots."""


@pytest.mark.parametrize("alphabet", [LATIN, CYRILLIC, GREEK], ids=["Latin", "Cyrillic", "Greek"])
def test_every_letter_of_an_alphabet_is_drawn_unlike_the_others_and_the_digits(
    alphabet: str,
) -> None:
    characters = alphabet + "0123456789"
    assert [character for character in characters if not can_draw(character)] == []
    drawings = {tuple(big(character, WIDE)) for character in characters}
    assert len(drawings) == len(characters)


def test_letters_of_two_alphabets_are_drawn_the_same_only_where_they_look_the_same() -> None:
    with_these_dots: dict[tuple[str, ...], str] = {}
    for letter in LATIN + CYRILLIC + GREEK:
        dots = tuple(big(letter, WIDE))
        with_these_dots[dots] = with_these_dots.get(dots, "") + letter
    shared = [letters for letters in with_these_dots.values() if len(letters) > 1]
    assert set(shared) == set(LOOK_ALIKES)


def test_big_letters_never_break_a_word_or_lose_one() -> None:
    n = NARROW.n_rows
    assert len(large("sing", "", 18, 5)) == n
    assert large("understand", "", 18, 5) == []
    assert len(large("go on", "", 18, 5)) == n
    assert len(large("seven hundred", "", 28, 9)) == 2 * n
    assert large("seven hundred", "", 28, 5) == []


def rank(text: str, width: int, n_rows: int) -> int:
    """How large a text is drawn; -1 in normal type."""
    fitting = largest(text, width, n_rows)
    return -1 if fitting is None else SIZES.index(fitting[0])


@given(
    st.sampled_from(TEXTS),
    *(st.integers(1, 220), st.integers(1, 60), st.integers(0, 100), st.integers(0, 40)),
)
def test_no_letter_is_smaller_where_there_is_more_room(
    text: str, width: int, n_rows: int, wider: int, higher: int
) -> None:
    assert rank(text, width, n_rows) <= rank(text, width + wider, n_rows + higher)
    rows = large(text, "", width, n_rows)
    assert len(rows) <= n_rows
    assert all(row_width(row) <= width for row in rows)


LINES = tuple(
    StageLine(text, mark="wrong", label="it says") for text in (*TEXTS, "りんごを食べる" * 9)
)


@given(
    st.lists(st.sampled_from(LINES), min_size=1, max_size=3),
    *(st.integers(40, 220), st.integers(12, 60), st.integers(0, 100), st.integers(0, 40)),
)
def test_nothing_on_stage_is_smaller_on_a_larger_screen(
    lines: list[StageLine], width: int, height: int, wider: int, higher: int
) -> None:
    sheet = StageSheet()

    def ranks(width: int, height: int) -> list[int]:
        shares = zip(lines, sheet._shares(lines, width, height), strict=True)
        return [rank(line.text, width, n) for line, n in shares]

    smaller, larger = ranks(width, height), ranks(width + wider, height + higher)
    assert all(a <= b for a, b in zip(smaller, larger, strict=True))
    view = StageView(tuple(lines), "A sentence that says what this means. " * 3)
    rows = sheet.draw(view, width, height)
    assert len(rows) == height
    assert all(row_width(row) <= width for row in rows)


SLIDES = (
    SlideText("The end"),
    SlideText("What does it know?", ("It was never told.", "Guess first!")),
    SlideText("?", ("How many of the 2,880 cards TAUGHT will be right after 10 s more training?",)),
    SlideText("Memory", ("prose of some length, which goes on and on for a while. " * 4,)),
)


@pytest.mark.parametrize(
    "slide", [*SLIDES[:2], *(pytest.param(slide, marks=pytest.mark.slow) for slide in SLIDES[2:])]
)
def test_no_slide_is_smaller_on_a_larger_screen(slide: SlideText) -> None:
    @functools.cache
    def step(width: int, height: int) -> int:
        slides = [SlideSheet()._slide(slide, *sizes, width, height) for sizes in SLIDE_SIZES]
        return max(i for i, rows in enumerate(slides) if rows is not None)

    for width, height in product(range(60, 220, 32), range(18, 60, 12)):
        assert step(width, height) <= min(step(width + 32, height), step(width, height + 12))


def test_a_guess_that_is_long_is_drawn_in_letters_on_stage() -> None:
    lines = (StageLine("Was macht der Hund am Morgen?"), StageLine("Er gräbt ein Loch im Garten."))
    rows = plain(StageSheet().draw(StageView(lines), 120, 40))
    assert not any("Hund" in row or "Loch" in row for row in rows)


def test_a_text_that_cannot_be_large_is_in_normal_type() -> None:
    assert plain(large_or_normal("りんご", "", 20, 3)) == ["りんご"]


def test_a_picture_of_several_lines_stays_one_on_stage_with_all_its_lines() -> None:
    picture = ("right", *("░" * n + "█" * (11 - n) for n in range(3, 8)))
    for newline in (NEWLINE, "\n"):
        lines = StageLine(newline.join(picture)), StageLine("stairs", mark="right", label="it says")
        rows = plain(StageSheet().draw(StageView(lines, "NEVER TAUGHT."), 80, 23))
        first = next(i for i, row in enumerate(rows) if "right" in row)
        drawn = rows[first : first + len(picture)]
        assert tuple(row.strip() for row in drawn) == picture
        assert len({row.index(part) for row, part in zip(drawn, picture, strict=True)}) == 1
    assert NEWLINE in plain(large_or_normal(NEWLINE.join(picture), "", 80, 4))[0]


def test_a_word_above_a_guess_says_that_it_is_wrong() -> None:
    """Beside XCVI a ✗ as large as the letters would be one more X."""
    sheet = StageSheet()
    line = StageLine("XCVI", ".wrong", "it says", "wrong")
    rows, unmarked = (
        plain(sheet._block(block, 8, 60)) for block in (line, StageLine("XCVI", "", "it says"))
    )
    assert rows[0] == "it says  ✗ wrong"
    assert rows[1:] == unmarked[1:]


def test_every_emoji_of_the_font_is_a_picture_of_the_size_asked_for() -> None:
    for character in emoji._pngs():
        rows = emoji.picture(character, 18, 6, PAPER)
        assert [row_width(row) for row in rows] == [12] * 6, character
        assert sum(text != " " * len(text) for row in rows for text, _ in row) > 6, character


def test_a_picture_has_the_colours_of_the_font() -> None:
    """Held against Pillow, which a film needs and the lesson does not."""
    side = 16
    png = emoji.png("🍎")
    assert png is not None
    square = (emoji.MARGIN, 0, emoji.MARGIN + emoji.SIDE, emoji.SIDE)
    ground = Image.new("RGBA", (emoji.SIDE, emoji.SIDE), (*PAPER, 255))
    ground.alpha_composite(Image.open(io.BytesIO(png)).convert("RGBA").crop(square))
    wanted = ground.convert("RGB").resize((side, side), Image.Resampling.BOX)
    pixels = emoji._pixels("🍎", side, PAPER)
    drawn = bytes(number for row in pixels for pixel in row for number in pixel or PAPER)
    off = [abs(a - b) for a, b in zip(drawn, wanted.tobytes(), strict=True)]
    assert sum(off) / len(off) < 8
    assert max(off) < 64


def test_several_emoji_stand_side_by_side_and_other_texts_are_none() -> None:
    assert row_width(emoji.picture("🍎🍐", 24, 8, PAPER)[0]) == 24
    assert emoji.pictured("⭐\ufe0f") == ["⭐"]
    for text in ("🍎 apple", "👩‍👩‍👧‍👦", "👍🏿", "🇫🇷", "字", "a", "", "\ufe0f"):
        assert emoji.pictured(text) == [], text
        assert emoji.picture(text, 24, 8, PAPER) == [], text


def test_an_emoji_within_a_sentence_is_as_high_as_its_letters() -> None:
    for n_rows in (4, 8, 12):
        rows = large("the 🍎 🍐!", "letters", 90, n_rows, PAPER)
        assert len(rows) in {4, 8}
        assert len({row_width(row) for row in rows}) == 1
        coloured = [sum("#" in style for _, style in row) > 0 for row in rows]
        assert sum(coloured) > len(rows) // 2
    assert large("the 🍎", "", 90, 8) == []  # without a ground
    assert large("the \ue000 🍎", "", 90, 8, PAPER) == []  # what stands for a picture is no picture


def test_a_prompt_of_several_lines_is_drawn_line_by_line_where_they_fit() -> None:
    card = CardView("Q: left⏎█████ ░░░░█⏎█░░░░ ░░░██", stamp="for the first time")
    rows = [row.strip() for row in plain(CardFace().draw(card, 24, 9))]
    assert rows[3:6] == ["Q: left", "█████ ░░░░█", "█░░░░ ░░░██"]
    low = "\n".join(plain(CardFace().draw(card, 24, 4)))
    assert "⏎" in low  # no room: as one text, which says where lines end


@pytest.mark.parametrize(("theme", "is_drawn"), [("textual-dark", True), ("ansi-dark", False)])
async def test_a_card_shows_a_picture_where_all_colours_are_there(
    theme: str, is_drawn: bool
) -> None:
    card = ev.CorrectionMeasured(step=1300, correction=correction("🍎", "apple", "apply"))
    async with showing(folded([*lesson(), card]), theme=theme) as app:
        face = app.play.query_one(CardFace)
        text = "\n".join(face.render_line(y).text for y in range(face.size.height))
        assert ("▀" in text) == is_drawn
        assert "🍎" in text or is_drawn  # beside the picture, where there is room


async def test_without_colour_a_card_shows_the_emoji_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    card = ev.CorrectionMeasured(step=1300, correction=correction("🍎", "apple", "apply"))
    async with showing(folded([*lesson(), card])) as app:
        face = app.play.query_one(CardFace)
        assert not any("▀" in face.render_line(y).text for y in range(face.size.height))


@pytest.mark.slow
async def test_a_picture_lies_on_the_card_of_every_theme() -> None:
    card = ev.CorrectionMeasured(step=1300, correction=correction("🍎", "apple", "apply"))
    async with showing(folded([*lesson(), card])) as app:
        face = app.play.query_one(CardFace)
        assert face.ground == PAPER
        before = [face.render_line(y) for y in range(face.size.height)]
        app.theme = "ansi-dark"
        await settled(Pilot(app))
        after = [face.render_line(y).text for y in range(face.size.height)]
        assert any("▀" in strip.text for strip in before)
        assert not any("▀" in text for text in after)


@pytest.mark.slow
@pytest.mark.parametrize("is_full", [False, True])
async def test_no_prompt_and_no_guess_has_less_room_on_a_larger_screen(is_full: bool) -> None:
    widths, heights = (80, 99, 100, 160), (24, 39, 40)
    sizes: dict[tuple[int, int], list[Size]] = {}
    async with on_stage(lesson(), is_full=is_full) as stage:
        for size in product(widths, heights):
            await stage.resize(size)
            kinds = (CardFace, GuessSheet)
            sizes[size] = [stage.app.screen.query_one(kind).size for kind in kinds]
    for here, there in product(sizes, sizes):
        if all(a <= b for a, b in zip(here, there, strict=True)):
            for small, large in zip(sizes[here], sizes[there], strict=True):
                assert small.width <= large.width, (here, there)
                assert small.height <= large.height, (here, there)


GUESSES = (
    ("Berlin", "Paris"),
    ("Bosnia-Herzegovina", "Sarajevo"),
    ("Er frisst ein Loch und bellt dann laut.", "Er gräbt ein Loch und schläft dann."),
    ("o", "Å"),
    ("p" * 30, "Donaudampfschifffahrt"),
    ("りんご", "林檎"),
)


def size_of_guess(guess: str, answer: str, width: int, height: int, is_plain: bool) -> int:
    """How large both are drawn; -1 in normal type."""
    card = correction("p", answer, guess)
    letters = guess_letters(card), answer_letters(card)
    size = letter_size(*letters, width, height, 1 if is_plain else 4)
    return -1 if size is None else SIZES.index(size)


@given(
    st.sampled_from(GUESSES),
    *(st.integers(15, 140), st.integers(8, 22), st.integers(0, 60), st.integers(0, 14)),
    st.booleans(),
)
def test_no_guess_is_smaller_where_there_is_more_room(
    texts: tuple[str, str], width: int, height: int, wider: int, higher: int, is_plain: bool
) -> None:
    smaller = size_of_guess(*texts, width, height, is_plain)
    assert smaller <= size_of_guess(*texts, width + wider, height + higher, is_plain)
    view = GuessView(correction("p", texts[1], texts[0]), is_plain=is_plain)
    rows = GuessSheet().draw(view, width + LABEL_WIDTH, height)
    assert len(rows) <= height


@pytest.mark.parametrize(("width", "height"), [(50, 10), (76, 18), (130, 18)])
def test_a_long_guess_is_drawn_in_letters_where_they_have_room(width: int, height: int) -> None:
    """The rooms of plain screens of 80×24, 120×40 and 200×50."""
    sizes = [size_of_guess(*texts, width - LABEL_WIDTH, height, True) for texts in GUESSES]
    assert sizes[0] >= 0
    assert all(size >= 0 for size in sizes[:-1]) == (width > 50)
    assert sizes[-1] == -1


def test_a_guess_that_runs_on_does_not_make_the_right_answer_small() -> None:
    card = correction("sis gozo", "gozoax", guess="gsdsdxnaxaxkokax", mark="wrong")
    rows = plain(GuessSheet().draw(GuessView(card, is_plain=True), 54, 11))
    assert not any("gozoax" in row for row in rows), "it is drawn in letters"
    assert not any("gsds" in row for row in rows)
    right = correction("sis gozo", "gozoax" * 3, guess="gozoax" * 3, mark="right")
    rows = plain(GuessSheet().draw(GuessView(right, is_plain=True), 54, 11))
    assert any("gozoax" * 3 in row for row in rows), "a right guess is whole"


async def test_a_guess_that_is_an_emoji_is_a_picture() -> None:
    card = ev.CorrectionMeasured(step=1300, correction=correction("apple", "🍎", "🍐"))
    async with showing(folded([*lesson(), card]), (120, 40)) as app:
        sheet = app.play.query_one(GuessSheet)
        rows = [sheet.render_line(y).text for y in range(sheet.size.height)]
        assert sum("▀" in row for row in rows) >= 6
        app.theme = "ansi-dark"
        await settled(Pilot(app))
        rows = [sheet.render_line(y).text for y in range(sheet.size.height)]
        assert any("🍐" in row for row in rows)
