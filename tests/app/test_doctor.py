"""View 7: the deck doctor's advice and facts, and the lesson's own scores as its probe."""

import asyncio
import contextlib
from pathlib import Path
from unittest.mock import patch

import pytest

import flashcards.app.decks.doctor as doctor_module
from flashcards.app.decks.doctor import DoctorSheet, DoctorView, diagnosis_of
from flashcards.doctor.diagnosis import Diagnosis, of_file
from flashcards.runs import events as ev
from flashcards.runs.folder import RunFolder
from tests import told
from tests.app.drawn import plain
from tests.app.lesson import lesson, started
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage
from tests.app.test_travel import back, recorded
from tests.golden import words
from tests.waiting import PATIENCE_S

DECK = (
    "dog :: chien\ncat :: chat\ncat :: minou\nCat! :: chat\nhouse :: maison\n"
    "? horse :: cheval\n? Dog :: chien\n? naïf :: naïf\n"
)


async def shown(stage: Stage, folder: Path) -> DoctorView:
    (folder / "x.deck").write_text(DECK, "utf-8")

    async def diagnose(_: Path, version: str) -> Diagnosis:
        return of_file(folder / "x.deck")

    with patch.object(doctor_module, "diagnosis_of", diagnose):
        await stage.press("7")
    await painted(stage, "contradict")
    view = stage.app.screen
    assert isinstance(view, DoctorView)
    return view


async def test_the_view_says_what_to_change_and_what_is_in_the_deck(tmp_path: Path) -> None:
    async with on_stage([started(5, 3, name="animals", deck="animals")]) as stage:
        view = await shown(stage, tmp_path)
        assert not view.is_due
        await check_pictures(stage, "doctor")


async def test_the_seconds_are_those_of_the_line_above(tmp_path: Path) -> None:
    steps = told.steps(1400, train_seconds=31.8)
    async with on_stage([*lesson(), steps], (120, 40)) as stage:
        await shown(stage, tmp_path)
        rows = stage.rows()
        assert "00:31" in rows[0]
        assert any("fter 31 s of training" in row for row in rows)


async def test_what_does_not_fit_is_scrolled_to_and_no_further(tmp_path: Path) -> None:
    async with on_stage(lesson()) as stage:
        view = await shown(stage, tmp_path)
        sheet = view.query_one(DoctorSheet)
        n_hidden = sheet.n_hidden()
        assert n_hidden > 0
        for _ in range(n_hidden + 30):
            view.action_scroll(1)
        assert view.is_due
        view.paint(stage.app.session.state)
        last = plain(sheet.draw(sheet.showing, 76, sheet.content_size.height))[-1]  # type: ignore[arg-type]
        assert last.endswith("and the end")


@pytest.mark.parametrize("kind", [ev.DeckChanged, ev.ChapterBegan])
async def test_key_7_asks_about_the_deck(kind: type[ev.DeckChanged], tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    for number, text in enumerate(("a\n", DECK, "written and not in force yet\n")):
        (tmp_path / "deck" / f"000{number}-x.deck").write_text(text, "utf-8")
    start = started(folder=str(tmp_path))
    changed = kind(step=0, start=start, file="0001-x.deck")
    async with on_stage([start, changed]) as stage:
        await stage.press("7")
        view = stage.app.screen
        assert isinstance(view, DoctorView)
        await painted(stage, "contradict")
        await stage.press("1")
        assert stage.app.screen is stage.app.play


def examined(patch: pytest.MonkeyPatch, may_end: asyncio.Event) -> list[str]:
    """The versions that are examined from now on; each waits until it may end."""
    asked: list[str] = []

    async def diagnose(_: Path, version: str) -> Diagnosis:
        asked.append(version)
        await may_end.wait()
        return Diagnosis(advice=(f"change {version or 'the first'}",))

    patch.setattr(doctor_module, "diagnosis_of", diagnose)
    return asked


async def test_the_past_shows_its_version_and_examines_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = asyncio.Event()
    may_end.set()
    asked = examined(monkeypatch, may_end)

    happened = recorded(tmp_path)
    async with on_stage([*happened, edited(tmp_path)]) as stage:
        await stage.press("7")
        await painted(stage, "change 0001-x.deck")
        assert "version 2 of 2" in screen(stage)
        live = rule(stage)
        stage.app.session.travel.go(599)
        await back(stage)
        await painted(stage, "change the first")
        assert "version 1 of 2" in screen(stage)
        assert "as it was then" in stage.rows()[1]
        assert rule(stage) != live
        for step in (600, 599, 700, 100):
            stage.app.session.travel.go(step)
            await back(stage)
            await painted(stage, "change 0001-x.deck" if step >= 600 else "change the first")
        assert asked == ["0001-x.deck", ""]
        await back(stage, "end")
        assert "change 0001-x.deck" in screen(stage)
        assert rule(stage) == live


def edited(root: Path) -> ev.DeckChanged:
    """The deck is another one from step 600 on: in the log, and as the trainer would say it."""
    (run,) = root.iterdir()
    changed = ev.DeckChanged(step=600, start=started(folder=str(run)), file="0001-x.deck")
    happened = sorted([*RunFolder.open(run).events(), changed], key=lambda event: event.step)
    (run / "events.jsonl").write_bytes(b"".join(map(ev.encode, happened)))
    return changed


async def painted(stage: Stage, text: str) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while text not in screen(stage):
                await stage.settle()
    assert text in screen(stage)


def screen(stage: Stage) -> str:
    return "\n".join(stage.rows())


def rule(stage: Stage) -> str:
    return next(row for row in stage.rows() if "rule to find?" in row)


async def test_a_version_left_before_it_was_examined_is_so_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = asyncio.Event()
    asked = examined(monkeypatch, may_end)

    happened = recorded(tmp_path)
    async with on_stage([*happened, edited(tmp_path)]) as stage:
        await stage.press("7")
        await painted(stage, "reading the deck")
        for step in (500, 700):
            stage.app.session.travel.go(step)
            await back(stage)
            await painted(stage, "reading the deck")
        assert asked == ["0001-x.deck", "", "0001-x.deck"]
        may_end.set()
        await painted(stage, "change 0001-x.deck")


async def test_while_a_large_deck_is_read_the_seconds_are_said() -> None:
    now_s = [0.0]

    async def never(_: Path, version: str) -> Diagnosis:
        await asyncio.Event().wait()
        raise AssertionError

    async with on_stage(lesson()) as stage:
        view = DoctorView("past-tense", never, lambda: now_s[0])
        stage.app.push_screen(view)
        await stage.settle()
        view.paint(stage.app.session.state)
        assert not view.is_due
        now_s[0] = 12.3
        assert view.is_due
        view.paint(stage.app.session.state)
        await stage.pilot.pause()
        sheet = view.query_one(DoctorSheet)
        assert "12 s so far" in plain(sheet.draw(sheet.showing, 76, 9))[1]


async def test_a_deck_that_is_gone_is_said(tmp_path: Path) -> None:
    for version in ("", "0001-x.deck"):
        assert (await diagnosis_of(tmp_path, version)).problem == words("screen: unread deck")
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "0000-x.deck").write_text("a :: b\n", "utf-8")
    assert (await diagnosis_of(tmp_path, "0001-x.deck")).problem == words("screen: unread deck")
    assert not (await diagnosis_of(tmp_path, "")).problem
