"""What goes wrong around a run: killed processes, damaged files, full disks, clocks that jump."""

import ctypes
import errno
import subprocess
import sys
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs.catalog import find_run
from flashcards.runs.folder import RunFolder, step_of_state
from flashcards.runs.goal import Goal
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.opening import LessonError
from tests.app.saved_run import a_run
from tests.golden import check_words, raises_words, words
from tests.posix import is_root
from tests.trainer.lessons import Clock, ScriptedInbox, run_lesson
from tests.waiting import PATIENCE_S


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
def test_a_damaged_resume_point_is_passed_over_said_and_set_aside(deck: Path) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=60))
    first, _ = run_lesson(deck, deck.parent / "b", goal=Goal(step=40))
    folder = first.keeper.folder
    step, newest = folder.state_files()[-1]
    assert step == 40
    damage(newest)
    again, watched = run_lesson(
        deck, deck.parent / "b", goal=Goal(step=60), resume=str(folder.path)
    )
    (resumed,), (found,) = watched.of(ev.RunResumed), watched.of(ev.DamageFound)
    assert (resumed.step, found.step) == (32, 32)
    assert (found.step, step_of_state(found.file)) == (32, 40)
    assert found.file == newest.name
    assert not newest.exists()
    assert newest.with_name(f"{newest.name}.damaged").exists()
    assert again.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert found in folder.events()


def test_a_damaged_state_is_told(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = run_lesson(deck, goal=Goal(step=40))
    folder = first.keeper.folder
    damage(folder.state_files()[-1][1])
    assert main(["train", "--resume", str(folder.path), "--steps", "42", "--json"]) == 0
    errors = capsys.readouterr().err
    assert errors == f"{words('deck: damaged').replace('64', '40')}\n"


def test_a_run_of_which_nothing_was_saved_is_not_offered_to_go_on_with(tmp_path: Path) -> None:
    keeper = Keeper(RunFolder.open(a_run(tmp_path)), lambda event: None, lambda: 0.0)
    full = OSError(errno.ENOSPC, "(the reason)")
    check_words("run: not written, nothing saved", keeper.why(full))
    keeper.emit(ev.StateSaved(step=8, file="a"))
    check_words("run: not written", keeper.why(full), run=keeper.folder.path.name, runs=tmp_path)
    assert find_run(tmp_path, keeper.folder.path.name) == keeper.folder.path
    keeper.close()


def without_the_power_over_files() -> None:
    """For root, too, a folder that is read-only is that from here on."""
    if is_root():
        drop_from_bounding_set, may_write_anywhere = 24, 1
        assert ctypes.CDLL(None).prctl(drop_from_bounding_set, may_write_anywhere, 0, 0, 0) == 0


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform != "linux", reason="takes a power from root")
def test_a_folder_that_is_read_only_is_a_sentence_and_is_left_as_it_is(deck: Path) -> None:
    first, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=20))
    run = first.keeper.folder.path
    was = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    folders = [run, run / "keyframes", run / "deck"]
    for path in (*was, *folders):
        path.chmod(path.stat().st_mode & 0o555)
    words = ["train", "--resume", str(run), "--runs", str(run.parent), "--steps", "40"]
    refused = subprocess.run(
        [sys.executable, "-m", "flashcards", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        preexec_fn=without_the_power_over_files,
    )
    for path in (*was, *folders):
        path.chmod(path.stat().st_mode | 0o200)
    assert refused.returncode == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    assert "Permission denied" in refused.stderr
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == was
    run_lesson(deck, deck.parent / "a", goal=Goal(step=40), resume=str(run))
    assert verify(run).is_same


def test_two_programs_on_one_run_the_second_is_told_so(deck: Path) -> None:
    first, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=20))
    held = RunFolder.open(first.keeper.folder.path, is_writer=True)
    with raises_words(LessonError, "run: written elsewhere", run=held.path.name):
        run_lesson(deck, deck.parent / "a", goal=Goal(step=30), resume=str(held.path))
    held.release()
    run_lesson(deck, deck.parent / "a", goal=Goal(step=30), resume=str(held.path))


@pytest.mark.slow
@pytest.mark.parametrize("jump_s", [-1e9, 1e9])
def test_a_clock_that_jumps_changes_no_step_and_still_saves(deck: Path, jump_s: float) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=140))
    inbox = ScriptedInbox(Clock(), [])

    def jump(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StepsTaken) and 60 <= event.step < 62:
            inbox.clock.now_s += jump_s

    jumped, _ = run_lesson(deck, deck.parent / "b", goal=Goal(step=140), react=jump, inbox=inbox)
    assert jumped.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert jumped.keeper.folder.state_files()[-1][0] == 140
