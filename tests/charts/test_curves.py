"""Learning curves drawn from the logs of runs."""

import errno
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards import cli
from flashcards.base.language import VARIABLE
from flashcards.charts.curves import SavedCurve, curves, read_curve
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunError
from tests.golden import check_words, raises_words, words
from tests.told import exam, started, steps
from tests.written_run import written_run

SVG = "{http://www.w3.org/2000/svg}"


EXAMS = (exam(0, (0, 0), (0, 20)), exam(10, (20, 40), (3, 20)), exam(20, (40, 40), (5, 20)))


def a_run(root: Path, name: str = "Plurals", exams: tuple[AnyEvent, ...] = EXAMS) -> Path:
    folder = written_run(root, "plurals", deck_name=name, seed=3)
    log = folder.open_log()
    start = started(name=name, seed=3, n_taught=40, n_held_out=20)
    for event in (start, *exams):
        log.append(event)
    log.close()
    folder.release()
    return folder.path


def texts(svg: str, style: str) -> list[str]:
    root = ET.fromstring(svg).iter(f"{SVG}text")
    return [e.text or "" for e in root if style in (e.get("class") or "").split()]


def curve(title: str = "Plurals", seed: int = 1, last: tuple[int, int] = (5, 20)) -> SavedCurve:
    exams = (*EXAMS, exam(30, (40, 40), last))
    return SavedCurve(title=title, n_taught=40, n_held_out=20, seed=seed, exams=exams)


def test_a_run_is_read_from_its_log(tmp_path: Path) -> None:
    read = read_curve(a_run(tmp_path))
    assert (read.title, read.n_taught, read.n_held_out, read.seed) == ("Plurals", 40, 20, 3)
    assert read.exams == EXAMS


def test_the_last_scores_stand_at_the_ends_of_the_lines() -> None:
    svg = curves([curve()], "source")
    assert texts(svg, "value") == ["100 %", "25 %"]
    (note,) = texts(svg, "note")
    check_words("curves: the note of a run", note)
    assert texts(svg, "legend") == ["taught cards", "cards never taught"]


def test_runs_of_one_deck_share_a_panel_and_say_their_range() -> None:
    svg = curves([curve(seed=2), curve(seed=1, last=(10, 20)), curve("Other")], "source")
    assert texts(svg, "panel") == ["Plurals", "Other"]
    assert texts(svg, "value")[:2] == ["100 %", "25–50 %"]
    assert texts(svg, "note")[0].endswith("seeds 1, 2")


def test_a_deck_without_never_seen_cards_has_one_line() -> None:
    run = SavedCurve(
        title="x", n_taught=40, n_held_out=0, seed=1, exams=(exam(9, (9, 40), (0, 0)),)
    )
    svg = curves([run], "source")
    assert texts(svg, "legend") == ["taught cards"]
    (note,) = texts(svg, "note")
    check_words("curves: a note without never taught", note)


def test_a_run_without_an_exam_is_refused(tmp_path: Path) -> None:
    run = a_run(tmp_path, exams=(steps(1),))
    with raises_words(RunError, "curves: no exam", run=run.name):
        read_curve(run)


def test_the_command_draws_runs_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = a_run(tmp_path / "runs", name="<Plurals & more>")
    target = tmp_path / "curves.svg"
    arguments = ["curves", run.name[-4:], "-o", str(target), "--runs", str(tmp_path / "runs")]
    assert cli.main(arguments) == 0
    svg = target.read_text(encoding="utf-8")
    assert texts(svg, "panel") == ["<Plurals & more>"]
    assert "1 run" in capsys.readouterr().out


def test_what_it_cannot_draw_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = str(tmp_path / "runs")
    assert cli.main(["curves", "nothing", "-o", "x.svg", "--runs", runs]) == 1
    no_run = words("run: no runs", name="'nothing'", runs=runs)
    assert capsys.readouterr().err == f"flashcards: {no_run}\n"
    run = a_run(tmp_path / "runs")
    target = str(tmp_path / "no" / "x.svg")
    assert cli.main(["curves", str(run), "-o", target]) == 1
    reason = os.strerror(errno.ENOENT)
    check_words("file: not written", capsys.readouterr().err, target=target, reason=reason)


def test_a_picture_that_was_there_stays_when_the_disk_is_full(
    tmp_path: Path, full_disk: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "curves.svg"
    target.write_text("old", encoding="utf-8")
    run = a_run(tmp_path / "runs")
    full_disk()
    assert cli.main(["curves", str(run), "-o", str(target)]) == 1
    reason = os.strerror(errno.ENOSPC)
    check_words("file: not written", capsys.readouterr().err, target=target, reason=reason)
    assert target.read_text(encoding="utf-8") == "old"


def test_the_curves_speak_the_viewers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    svg = curves([curve()], "source")
    assert "Lernkurven" in svg
    assert texts(svg, "legend") == ["gelehrte Karten", "nie gelehrte Karten"]
