"""Looking at a recorded run: a replay, and a run that another program writes; neither has torch."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from flashcards.app.app import FlashcardsApp
from flashcards.app.memory.memory_view import ScoreTable
from flashcards.app.run.replay_teacher import ReplayTeacher, timed
from flashcards.app.run.sources import NoMachine, Viewer, WatchTeacher, no_model
from flashcards.app.widgets.frame import KeysLine, RunHeader
from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs.commands import Pause, Step
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunFolder
from flashcards.trainer.request import LessonRequest
from tests import told, waiting
from tests.app.lesson import correction, lesson, started
from tests.app.script import NOWHERE, ScriptedMachine, on_stage, press, said_by
from tests.golden import check_words, words
from tests.runs.test_recording import folder_of, in_order, write
from tests.terminal import Terminal

STUB = "raise ImportError('hidden')\n"


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = folder_of(tmp_path / "run")
    (folder.path / "run.json").write_bytes(RUN_JSON)
    write(folder, in_order(lesson()[1:]))
    return folder


RUN_JSON = (
    b'{"format":8,"run":"r","deck":"past-tense","deck_name":"d","deck_sha256":"0","deck_path":"d",'
    b'"seed":1,"device":"cpu","started":"2026-11-24T12:00:00+00:00","settings":{},"versions":{},'
    b'"machine":"m"}'
)


@asynccontextmanager
async def looking(
    viewer: Viewer, size: tuple[int, int] = (80, 24), view: str = "lesson"
) -> AsyncIterator[tuple[FlashcardsApp, Pilot[None]]]:
    request = LessonRequest(deck="past-tense", runs=str(NOWHERE))
    app = FlashcardsApp(
        request, lambda _: viewer, "textual-dark", keymap=NOWHERE, machine=NoMachine, view=view
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        assert app.frame_timer is not None
        app.frame_timer.pause()
        yield app, pilot


async def until(app: FlashcardsApp, pilot: Pilot[None], step: int) -> None:
    await waiting.until(lambda: app.session.state.step == step, pilot.pause)
    app.paint()
    await pilot.pause()


async def badge_says(app: FlashcardsApp, text: str) -> None:
    """Wait until it does: the view may be mounted only after the lesson has come."""

    def is_so() -> bool:
        app.paint()
        return app.play is not None and text in str(app.play.query_one(RunHeader).render())

    await waiting.until(is_so)


async def test_a_replay_ends_where_the_run_ended_and_says_what_it_can(folder: RunFolder) -> None:
    async with looking(ReplayTeacher(folder, pace=1024)) as (app, pilot):
        await until(app, pilot, 1284)
        await badge_says(app, "REPLAY")
        assert app.session.state.cards_taught == 1284 * 32
        assert len(app.session.state.exams.seen_losses) == 120
        check_words("screen: recording over", app.status_line.text)
        await press(pilot, "3")
        app.paint()
        await pilot.pause()
        table = str(app.screen.query_one(ScoreTable).render())
        assert "twin" not in table
        assert "twin" not in str(app.screen.query_one(KeysLine).render())
        app.session.new_machine = ScriptedMachine
        app.session.travel.go(400)
        await waiting.until(lambda: app.session.travel.is_past, pilot.pause)
        await press(pilot, "b")
        (said,) = said_by(app)
        check_words("screen: nothing taught", said)


async def test_space_holds_a_replay_and_the_arrow_goes_on_by_one_step(folder: RunFolder) -> None:
    async with looking(ReplayTeacher(folder)) as (app, pilot):
        await waiting.until(lambda: app.session.state.step > 0, pilot.pause)
        app.session.run.send(Pause())
        await pilot.pause(0.05)
        held = app.session.state.step
        await pilot.pause(0.5)
        assert app.session.state.step == held
        await press(pilot, "right")
        await waiting.until(lambda: app.session.state.step > held, pilot.pause)
        assert app.session.state.step <= held + 11
        app.session.run.send(Step(n_cards=200))
        await until(app, pilot, 1284)


async def test_a_replay_is_looked_through_before_it_was_played(folder: RunFolder) -> None:
    async with looking(ReplayTeacher(folder)) as (app, pilot):
        await waiting.until(lambda: app.session.state.step > 0, pilot.pause)
        app.session.run.send(Step(n_cards=30))
        await pilot.pause(0.3)
        played = app.session.state.step
        assert played < 1284
        await press(pilot, "left")
        for _ in range(100):
            app.session.travel.move(10)
        app.session.travel.move(1000)
        await waiting.until(
            lambda: app.session.travel.state is not None and app.session.travel.state.step > played,
            pilot.pause,
        )
        assert app.session.travel.step == 1284
        app.paint()
        await pilot.pause()
        assert app.session.shown_state.cards_taught == 1284 * 32
        await badge_says(app, "REPLAY")
        assert app.session.state.step == played
        app.session.travel.go(1283)
        check_words("screen: replay past", app.status_line.text, step="1,283")
        await press(pilot, "end")
        assert app.session.shown_state.step == played


async def test_space_plays_from_here(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.app.run.travel.STAYS_AFTER_S", waiting.PATIENCE_S)
    viewer = ReplayTeacher(folder, pace=1024)
    async with looking(viewer) as (app, pilot):
        await until(app, pilot, 1284)
        viewer.pace = 1 / 16
        app.session.travel.go(400)
        await press(pilot, "space")
        await waiting.until(lambda: 400 <= app.session.state.step < 500, pilot.pause)
        assert app.session.travel.step is None
        assert not viewer.is_at_end
        assert app.session.state.cards_taught < 500 * 32
        assert len(app.session.run.markers) == len(set(map(str, app.session.run.markers)))
        viewer.pace = 1024  # and to the same end
        await until(app, pilot, 1284)
        assert app.session.state.cards_taught == 1284 * 32


async def test_faster_and_slower_change_the_pace(folder: RunFolder) -> None:
    viewer = ReplayTeacher(folder)
    async with looking(viewer) as (app, pilot):
        await until(app, pilot, 0)
        await press(pilot, "plus", "plus", "minus")
        assert viewer.pace == 2.0
        assert "2×" in app.status_line.text
        assert app.session.state.speed == "full"


async def test_what_needs_weights_says_that_there_are_none(folder: RunFolder) -> None:
    async with looking(ReplayTeacher(folder)) as (app, pilot):
        await until(app, pilot, 0)
        for key in ("a", ":rate_up", ":pin", ":twin", ":scaling", "e", "d", "r", ":run_cards", "2"):
            app.clear_notifications()
            await press(pilot, key)
            await pilot.pause()
            assert app.screen is app.play, key
            assert no_model("replay") in said_by(app), key


def test_a_step_is_due_when_the_training_time_says_and_slow_cards_stand() -> None:
    measured = ev.CorrectionMeasured(step=5, correction=correction())
    happened: list[AnyEvent] = [
        started(),
        measured,
        told.steps(10, train_seconds=2.0),
        ev.SpeedChanged(step=10, speed="slow"),
        ev.CorrectionMeasured(step=11, correction=correction()),
        told.steps(11, train_seconds=2.5),
        told.steps(12, train_seconds=3.0),
    ]
    due = [(due_s, moment[0].step) for due_s, moment in timed(iter(happened))]
    assert due == [(0.0, 0), (1.0, 5), (2.0, 10), (2.0, 10), (2.5, 11), (4.0, 12)]


def test_a_step_is_due_when_the_lessons_time_says_where_that_was_logged() -> None:
    happened: list[AnyEvent] = [
        started(),
        ev.SpeedChanged(step=0, speed="explain"),
        told.steps(1, train_seconds=0.01, lesson_seconds=2.8),
        ev.CorrectionMeasured(step=1, correction=correction()),
        told.steps(2, train_seconds=0.02, lesson_seconds=5.8),
        told.steps(4, train_seconds=0.04, lesson_seconds=7.8),
    ]
    due = [(due_s, moment[0].step) for due_s, moment in timed(iter(happened))]
    assert due == [(0.0, 0), (2.8, 1), (2.8, 1), (5.8, 2), (7.8, 4)]


async def test_a_watched_run_is_followed_through_a_torn_line_and_a_gap(folder: RunFolder) -> None:
    async with looking(WatchTeacher(folder)) as (app, pilot):
        await until(app, pilot, 1284)
        await badge_says(app, "WATCHING")
        assert len(app.session.state.exams.seen_losses) == 120
        line = ev.encode(ev.LearningRateChanged(step=1290, factor=2.0))
        with folder.log_path.open("ab") as file:
            file.write(line[:20])
            file.flush()
            await pilot.pause(0.4)
            assert app.session.state.step == 1284
            file.write(line[20:])
        await until(app, pilot, 1290)
        assert app.session.state.learning_rate_factor == 2.0
        write(folder, [ev.RunResumed(step=700, start=started(folder=str(folder.path)))])
        await until(app, pilot, 700)
        assert app.session.state.learning_rate_factor == 1.0
        assert max(step for step, _ in app.session.state.exams.seen_losses.points) <= 700
        moved = folder.log_path.with_suffix(".copying")
        folder.log_path.rename(moved)
        await pilot.pause(0.4)
        assert app.session.state.step == 700
        moved.rename(folder.log_path)
        write(folder, [ev.RunPaused(step=1300)])
        await until(app, pilot, 1300)


async def test_a_run_that_another_program_teaches_is_watched_instead(folder: RunFolder) -> None:
    taken = ev.TrainerFailed(step=0, text="taken", taken_run=str(folder.path))
    async with on_stage([taken]) as stage:
        stage.teachers[0].leave()
        await stage.until(lambda: stage.app.session.state.step == 1284)
        assert stage.app.session.run.viewer is not None
        await badge_says(stage.app, "WATCHING")
        assert words("screen: watching", run="run") in stage.said


def hidden(tmp_path: Path) -> dict[str, str]:
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    for name in ("torch", "numpy", "sentencepiece"):
        (stubs / f"{name}.py").write_text(STUB)
    root = Path(__file__).parents[2]
    return {**os.environ, "PYTHONPATH": f"{stubs}{os.pathsep}{root}"}


@pytest.mark.slow
def test_the_command_plays_in_a_terminal_without_torch(folder: RunFolder, tmp_path: Path) -> None:
    path = hidden(tmp_path)["PYTHONPATH"]
    command = (sys.executable, "-m", "flashcards", "replay", str(folder.path), "--speed", "64")
    terminal = Terminal(("env", f"PYTHONPATH={path}", *command))
    try:
        terminal.wait_for("REPLAY", waiting.PATIENCE_S)
        terminal.wait_for("The recording ends here", waiting.PATIENCE_S)
    finally:
        terminal.close()


@pytest.mark.parametrize("command", ["replay", "watch"])
def test_no_run_is_opened(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "nothing", "--runs", str(tmp_path)]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith(words("screen: no run", name="'nothing'"))
    assert errors.count("\n") == 1
