"""The real command in a pipe: told to its end, interrupted, refused. No terminal anywhere."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.plain.headless import train
from flashcards.runs.catalog import list_runs
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.recording import Recording
from flashcards.trainer.request import LessonRequest
from tests.commands import start_python
from tests.decks import write_capitals
from tests.golden import check_words, words
from tests.waiting import PATIENCE_S

OVER = "The lesson is over. "


def plain(*arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return start_python("-m", "flashcards", *arguments, stdin=stdin)


@pytest.mark.pair
@pytest.mark.slow
def test_a_plain_lesson_pauses_for_nobody_and_ends_where_it_was_asked_to(tmp_path: Path) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    common = (str(deck), "--speed", "full", "--plain", "--until", "step=9", "--runs", str(runs))
    with plain(*common) as process:
        out, error = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, error) == (0, "")
    lines = out.splitlines()
    check_words("line: a lesson begins", lines[0].partition(" The model")[0])
    assert lines[-3].startswith(OVER)
    (entry,) = list_runs(runs)
    assert entry.summary.step == 9
    named = f"{entry.path.name[-4:]} --runs {runs}"
    check_words("line: saved", lines[-2], named=named, run=entry.path.name)
    assert lines[-1].endswith("flashcards capitals.deck --seed 1 --speed full --until step=9")


def test_train_plain_tells_the_same_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    assert main(["train", str(deck), "--plain", "--steps", "9", "--runs", str(runs)]) == 0
    out, error = capsys.readouterr()
    assert error == ""
    assert out.splitlines()[-2].startswith(OVER)
    (entry,) = list_runs(runs)
    named = f"{entry.path.name[-4:]} --runs {runs}"
    saved = words("line: saved", named=named, run=entry.path.name)
    assert out.splitlines()[-1] == saved


def test_a_lesson_in_the_place_of_the_screen_says_how_to_have_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = LessonRequest(
        deck=str(write_capitals(tmp_path)), speed="full", runs=str(tmp_path / "runs")
    )
    assert train(request, Goal(step=2), is_json=False, is_plain=True, is_played=True) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith("flashcards capitals.deck --seed 1 --speed full --until step=2")


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_saves_and_says_so(tmp_path: Path) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    with plain(str(deck), "--speed", "brisk", "--plain", "--runs", str(runs)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "It says" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        process.wait(timeout=PATIENCE_S)
    assert process.returncode == 130
    (stopping,) = [line for line in rest.splitlines() if line.startswith("Stopping")]
    check_words("line: stopping", stopping)
    saved = rest.splitlines()[-1]
    (entry,) = list_runs(runs)
    step = words("line: saved").partition(" as ")[0].replace("9", f"{entry.summary.step:,}")
    assert saved.startswith(f"{step} as {entry.path.name}")


@pytest.mark.slow
@pytest.mark.pair
def test_a_prediction_is_asked_for_only_where_it_is_wanted(tmp_path: Path) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    common = ("--speed", "full", "--plain", "--until", "step=12", "--runs", str(runs))
    with plain(str(deck), *common, "--predict", stdin=subprocess.PIPE) as process:
        out, error = process.communicate("40 %\n", timeout=PATIENCE_S)
    assert (process.returncode, error) == (0, "")
    question = next(line for line in out.splitlines() if "NEVER TAUGHT will" in line)
    check_words("bet: the question of a lesson", question)
    (entry,) = list_runs(runs)
    (bet,) = Recording.open(RunFolder.open(entry.path)).state.bets
    assert bet.outcome is not None
    assert bet.outcome.score is not None
    assert f"{bet.outcome.score.right} of 2" in out
