"""View 7: the deck doctor's advice and facts, and the lesson's own scores as its probe."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flashcards.app.doctor_process import diagnosis_of
from flashcards.app.screens.doctor import DoctorSheet, DoctorSheetView, DoctorView
from flashcards.app.widgets.cells import row_width
from flashcards.doctor import Diagnosis, Fact, of_file
from tests.app.lesson import lesson, started
from tests.app.pictures import check_picture
from tests.app.script import Stage, on_stage
from tests.app.test_play_widgets import plain

DECK = (
    "dog :: chien\ncat :: chat\ncat :: minou\nCat! :: chat\nhouse :: maison\n"
    "? horse :: cheval\n? Dog :: chien\n? naïf :: naïf\n"
)


async def shown(stage: Stage, folder: Path) -> DoctorView:
    """The view on the deck above, examined as the process would."""
    (folder / "x.deck").write_text(DECK, "utf-8")

    async def diagnose(_: Path) -> Diagnosis:
        return of_file(folder / "x.deck")

    view = DoctorView("past-tense", diagnose)
    stage.app.push_screen(view)
    await stage.settle()
    view.paint(stage.app.state)
    await stage.until(lambda: view.is_due)
    view.paint(stage.app.state)
    await stage.pilot.pause()
    return view


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_view_says_what_to_change_and_what_is_in_the_deck(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with on_stage(lesson(), size) as stage:
        view = await shown(stage, tmp_path)
        assert not view.is_due
        check_picture(stage.app, f"doctor-{size[0]}x{size[1]}")


async def test_what_does_not_fit_is_scrolled_to_and_no_further(tmp_path: Path) -> None:
    async with on_stage(lesson()) as stage:
        view = await shown(stage, tmp_path)
        sheet = view.query_one(DoctorSheet)
        n_hidden = sheet.n_hidden()
        assert n_hidden > 0
        for _ in range(n_hidden + 30):
            view.action_scroll(1)
        assert view.is_due
        view.paint(stage.app.state)
        last = plain(sheet.draw(sheet._view, 76, sheet.content_size.height))[-1]  # type: ignore[arg-type]
        assert "“dog” line 1, “Dog” line 7" in last


async def test_key_7_asks_a_process_about_the_runs_own_deck(tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "0000-x.deck").write_text("a\n", "utf-8")
    (tmp_path / "deck" / "0001-x.deck").write_text(DECK, "utf-8")
    async with on_stage([started(folder=str(tmp_path))]) as stage:
        await stage.press("7")
        view = stage.app.screen
        assert isinstance(view, DoctorView)
        await stage.until(lambda: view.is_due)
        assert "contradicts" in stage.app.export_screenshot()
        await stage.press("1")
        assert stage.app.screen is stage.app.play


async def test_while_a_large_deck_is_read_the_seconds_are_said() -> None:
    now_s = [0.0]

    async def never(_: Path) -> Diagnosis:
        await asyncio.Event().wait()
        raise AssertionError

    async with on_stage(lesson()) as stage:
        view = DoctorView("past-tense", never, lambda: now_s[0])
        stage.app.push_screen(view)
        await stage.settle()
        view.paint(stage.app.state)
        assert not view.is_due
        now_s[0] = 12.3
        assert view.is_due
        view.paint(stage.app.state)
        await stage.pilot.pause()
        sheet = view.query_one(DoctorSheet)
        assert "12 s so far" in plain(sheet.draw(sheet._view, 76, 9))[1]


async def test_a_deck_that_is_gone_is_said(tmp_path: Path) -> None:
    assert (await diagnosis_of(tmp_path)).problem == "the run's deck can't be read"


@pytest.mark.parametrize("width", [20, 40, 76, 116])
def test_no_row_is_wider_than_the_sheet(width: int) -> None:
    facts = (Fact("prompts", "猫" * 90), Fact("", "שלום " * 40))
    view = DoctorSheetView(Diagnosis(facts, ("مرحبا " * 30, "👩🏽\u200d🚀" * 60)), 0, "x " * 99)
    rows = DoctorSheet().draw(view, width, 60)
    assert max(map(row_width, rows)) <= width
