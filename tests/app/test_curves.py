"""Is it luck? What the seeds of a sweep came to, on the screen and as a picture."""

from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.app.curves import CurvesApp, SweepNumbers
from flashcards.app.widgets.frame import TitleLine
from flashcards.app.widgets.share_chart import ShareChart
from flashcards.runs import events as ev
from flashcards.runs.sweep import Sweep, Task
from flashcards.runs.sweep_scores import grouped
from tests import told
from tests.app.pictures import check_picture
from tests.runs.test_sweep import INFO, report


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
            assert title.startswith("The same lesson 3 times: how much is luck?")
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
    assert (
        "the screen shows the curves of one sweep; those of runs are drawn into a file"
        in capsys.readouterr().err
    )
    assert cli.main(["curves", "one", "two", "--runs", str(tmp_path)]) == 1
    assert "no run is called 'one'" in capsys.readouterr().err
