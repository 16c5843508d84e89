"""Is it luck? The band of a sweep behind the live curves, and a sweep's own curves."""

import shutil
from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.app.curves import CurvesApp, SweepNumbers
from flashcards.app.memory import beside
from flashcards.app.memory.beside import bands_of
from flashcards.app.widgets.frame import TitleLine
from flashcards.app.widgets.share_chart import Band, ShareChart
from flashcards.plain.sweep.task import do
from flashcards.runs import events as ev
from flashcards.runs.sweep import Sweep, Task, sweeps
from flashcards.runs.sweep_scores import grouped
from flashcards.trainer.inbox import Inbox
from tests import told
from tests.app.lesson import lesson, started
from tests.app.pictures import check_picture, check_pictures
from tests.app.script import on_stage
from tests.decks import write_capitals
from tests.runs.test_sweep import INFO, report

BANDS = (
    Band("", ((0, 0.0, 0.0), (400, 0.05, 0.2), (1284, 0.3, 0.6)), ".unseen"),
    Band("8 seeds, least to most", ((0, 0.0, 0.0), (300, 0.2, 0.8), (2000, 0.9, 1.0)), ".taught"),
)


async def test_a_key_shows_the_band_behind_the_curves_and_takes_it_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beside, "bands_of", lambda folder, root: BANDS)
    async with on_stage(lesson()) as stage:
        await stage.press("W")
        await stage.until(lambda: "8 seeds, least to most" in "".join(stage.rows()))
        await check_pictures(stage, "luck")
        await stage.press("W")
        assert "8 seeds" not in "".join(stage.rows())


async def test_without_a_sweep_the_command_that_makes_one_is_said() -> None:
    start = started(chosen={"size": "medium", "momentum": 0.9})
    async with on_stage([start if isinstance(e, ev.RunStarted) else e for e in lesson()]) as stage:
        await stage.press("W")
        await stage.until(lambda: bool(stage.said))
        (said,) = stage.said
        line = "flashcards sweep past-tense --size medium --set momentum=0.9 --seeds 1-20"
        assert line in said


def test_only_a_sweep_of_the_same_deck_and_settings_is_shown(tmp_path: Path) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    words = [str(deck), "--runs", str(runs), "--until", "step=8"]
    assert cli.main(["sweep", *words, "--array", "9/9"]) == 0
    (sweep,) = sweeps(runs)
    for task in (Task((), 1), Task((), 2), Task((("width", 48),), 1)):
        assert do(sweep, task, Inbox())
    same, other = sweep.run_path(Task((), 2)), sweep.run_path(Task((("width", 48),), 1))
    assert same is not None
    assert other is not None
    unseen, seen = bands_of(same, runs)
    assert (unseen.style, seen.style) == (".unseen", ".taught")
    assert seen.said == "2 seeds, least to most"
    assert unseen.points[0][0] == 0
    assert seen.points[-1][0] == 8
    assert bands_of(other, runs) == ()  # one run is no band
    shutil.rmtree(sweep.path / "seed=1")
    assert bands_of(same, runs) == ()
    assert bands_of(tmp_path, runs) == ()


def made(folder: Path) -> Sweep:
    """A sweep of two settings with three seeds each, all over."""
    sweep = Sweep.create(folder, INFO, None)
    for width in (16, 64):
        for seed in (1, 2, 3):
            task = Task((("width", width),), seed)
            lock = sweep.take(task)
            assert lock is not None
            lock.close()
            run = sweep.folder(task) / "run"
            run.mkdir()
            (run / "run.json").touch()
            exams = b""
            for step in range(0, 60, 4):
                right = min(10, max(0, step * width // 160 - seed))
                exam = told.exam(
                    step, (right, 10), (right // 3, 10), cards_taught=10 * step, is_full=False
                )
                exams += ev.encode(exam)
            (run / "events.jsonl").write_bytes(exams)
            sweep.finish(task, {**report(seed, 56, right), "unseen": {"right": 3, "total": 10}})
    return sweep


async def test_a_sweep_is_shown_one_choice_of_settings_at_a_time(tmp_path: Path) -> None:
    sweep = made(tmp_path)
    app = CurvesApp(sweep, grouped(sweep, sweep.tasks()), "textual-dark")
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("right")
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            title = app.screen.query_one(TitleLine).render().plain
            assert title.startswith("Some capitals: 3 seeds")
            assert "width=64 · 2 of 2" in title
            numbers = app.screen.query_one(SweepNumbers).render().plain
            assert "taught cards: 560 (560 to 560)" in numbers
            chart = app.screen.query_one(ShareChart).render().plain
            assert "seen, median 100 %" in chart
            await check_picture(app, f"curves-{size[0]}x{size[1]}")


def test_the_picture_of_a_sweep_is_drawn_and_one_without_runs_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep, target = made(tmp_path), tmp_path / "curves.svg"
    words = ["curves", sweep.path.name, "--runs", str(tmp_path)]
    assert cli.main([*words, "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").count(" thin") == 12
    assert cli.main(words) == 1
    assert "the screen needs a terminal; without one use -o FILE.svg" in capsys.readouterr().err
    empty = Sweep.create(tmp_path, msgspec.structs.replace(INFO, device="mps"), None)
    assert cli.main(["curves", empty.path.name, "--runs", str(tmp_path)]) == 1
    assert "has come to its end yet" in capsys.readouterr().err
    assert cli.main(["curves", *2 * [sweep.path.name], "--runs", str(tmp_path)]) == 2
    assert "the screen shows one sweep; -o FILE.svg says where" in capsys.readouterr().err
    assert cli.main(["curves", "one", "two", "--runs", str(tmp_path)]) == 1
    assert "no run is called 'one'" in capsys.readouterr().err
