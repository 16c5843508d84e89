"""Every view keeps to its screen: any text, at any size, in every language."""

import pytest
from rich.cells import cell_len
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from flashcards.app.decks.doctor import DoctorSheet, DoctorSheetView
from flashcards.app.inside.inside_view import InsideSheet, InsideShown
from flashcards.app.reading.reading_view import WritingSheet
from flashcards.app.stage.large_text import SlideSheet, SlideText
from flashcards.app.update.sheet import UpdateSheet, UpdateShown
from flashcards.app.widgets.cells import Sheet, row_width
from flashcards.base.language import VARIABLE
from flashcards.doctor.diagnosis import Diagnosis, Fact
from flashcards.runs import events as ev, values as val
from tests.app import recorded
from tests.app.lesson import change, correction, lesson, started
from tests.app.recorded import at
from tests.app.script import on_stage

VIEWS = {  # what is opened by which key
    **{f"view {key}": key for key in "12345678"},
    "presenter": "f",
    "game": ":humans",
    "ask": "a",
    "help": "question_mark",
    "quit": "q",
    "start over": "r",
    "count": ":run_cards",
    "decks": "d",
}

TEXTS = [  # prompts, answers and guesses
    ("[/bold] [x", "[red]", "[/]"),
    ("\x1b]0;owned\x07", "\x1b[31m", "\x1b"),
    ("🍎", "apple", "pppp"),
    ("👩‍👩‍👧‍👦", "family", "fam"),
    ("りんごを食べる", "to eat an apple", "林檎"),
    ("שלום עולם", "hello", "שלום"),
    ("e\u0301te\u0301", "summer", "e\u0301"),
    ("a long prompt of many words " * 9, "x" * 60, "x" * 30 + "y" * 40),
    ("pneumonoultramicroscopicsilicovolcanoconiosis", "z", ""),
    ("", "", ""),
    ("two words", " a  b ", "a b"),
]


def saying(prompt: str, answer: str, guess: str) -> list[ev.AnyEvent]:
    more = val.Ripple(prompt, 0.1, True)
    moved = change()
    card = correction(
        prompt,
        answer,
        guess,
        section=prompt,
        history="wnr" * 40,
        change=val.Change(
            probability_before=moved.probability_before,
            probability_after=moved.probability_after,
            gradient_norm=1e-7,
            relative_change=1e-9,
            n_parameters=1,
            up=(val.Push(answer, 1.0),),
            helped=(more,),
            hurt=(more,),
        ),
    )
    return [started(name=prompt), *lesson()[2:], ev.CorrectionMeasured(step=1300, correction=card)]


def check(screen: Screen[object], what: str) -> None:
    """No row of a widget is wider than it, or holds what a terminal would obey."""
    for widget in screen.query(Widget):
        if widget.children or not widget.region or isinstance(widget, Input):
            continue  # an input's line scrolls
        for y in range(widget.size.height):
            text = widget.render_line(y).text
            assert cell_len(text) <= widget.size.width, (what, widget)
            assert "\x1b" not in text, (what, widget)
            assert "\x07" not in text, (what, widget)


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param((20, 6), "de", marks=pytest.mark.slow),
        ((40, 12), "es"),
        ((60, 20), "en"),
        ((80, 24), "de"),
        pytest.param((200, 60), "de", marks=pytest.mark.slow),
    ],
)
async def test_every_view_keeps_to_its_screen(
    size: tuple[int, int], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), size, deck="capitals") as stage:
        for name, key in VIEWS.items():
            await stage.press(key)
            check(stage.app.screen, f"{name} in {language}")
            if stage.app.screen is not stage.app.front:
                dialog = stage.app.screen.query(".dialog")
                is_small = size < (60, 20)
                screen = stage.app.screen.region
                assert is_small or all(screen.contains_region(box.region) for box in dialog)
                await stage.press("escape")


@pytest.mark.slow
async def test_any_text_is_shown_as_text() -> None:
    async with on_stage(lesson(), (60, 20)) as stage:
        for texts in TEXTS:
            await stage.say(*saying(*texts))
            start = stage.app.session.state.start
            assert start is not None
            assert start.name == texts[0]
            for key in "124f":
                await stage.press(key)
                check(stage.app.screen, f"{key}: {texts}")
            await stage.press("f")
            await stage.say(ev.TrainerFailed(step=1300, text=texts[0]))
            assert stage.app.session.state.failure == texts[0]
            check(stage.app.screen, f"failed: {texts}")


def sheets() -> list[tuple[Sheet[object], object, int]]:
    """Each with what it shows, and from which width on nothing of it is cut off."""
    facts = (Fact("prompts", "猫" * 90), Fact("", "שלום " * 40))
    diagnosis = Diagnosis(facts, ("مرحبا " * 30, "👩🏽\u200d🚀" * 60))
    written = ev.TextWritten(step=1, lines=("Anka is fond of plums.", "日本語" * 30), copied="Anka")
    shown: list[tuple[object, object, int]] = [
        (DoctorSheet(), DoctorSheetView(diagnosis, 0, "x " * 99), 20),
        (SlideSheet(), SlideText("A headline of many words", ("Some prose. " * 40,), "1/2"), 20),
        (WritingSheet(), written, 60),
    ]
    for phase in val.PHASES:
        state = at(phase)
        for is_deep in (False, True):
            view = UpdateShown(phase, state.card.details, state.card.now, place=1, is_deep=is_deep)
            shown.append((UpdateSheet(), view, 74))
    for page in ("map", "weights"):
        shown.append((InsideSheet(), InsideShown(page, recorded.inside()), 40))
    return shown  # type: ignore[return-value]


@pytest.mark.parametrize("width", [20, 40, 60, 74, 110])
def test_no_sheet_is_cut_off_by_its_box(width: int) -> None:
    for sheet, view, least_width in sheets():
        for height in (6, 8, 15, 30):
            rows = sheet.draw(view, width, height)
            assert width < least_width or len(rows) <= height, sheet
            assert width < least_width or max(map(row_width, rows)) <= width, sheet
