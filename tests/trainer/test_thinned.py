"""A lesson that was left has few states, and is everything that it was."""

import itertools
import json
import shutil
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs import pruning
from flashcards.runs.catalog import read_summary
from flashcards.runs.commands import SetBookmark, Stop
from flashcards.runs.folder import RunFolder
from tests.decks import write_capitals
from tests.trainer.kept import copy_of
from tests.trainer.lessons import Clock, Script, run_lesson


def _lesson(root: Path) -> RunFolder:
    return RunFolder.open(copy_of(_taught, root))


def _taught(root: Path) -> Path:
    script: Script = [(32, SetBookmark(step=32)), (70, Stop())]
    opened, _ = run_lesson(write_capitals(root), root / "runs", script=script)
    return opened.keeper.folder.path


def _left(folder: RunFolder) -> RunFolder:
    folder.acquire()
    pruning.thin(folder)
    folder.release()
    return folder


@pytest.mark.slow
def test_a_lesson_that_was_left_keeps_the_first_the_last_and_one_between(tmp_path: Path) -> None:
    folder = _left(_lesson(tmp_path))
    steps = [step for step, _ in folder.state_files()]
    assert (steps[0], steps[-1]) == (0, read_summary(folder).step)
    assert len(steps) <= pruning.N_STATES + 1


@pytest.mark.slow
def test_of_large_states_fewer_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(Clock, "__call__", lambda clock: float(next(seconds)))
    folder = _left(RunFolder.open(_taught(tmp_path)))
    n_left = len(folder.state_files())
    monkeypatch.setattr(pruning, "USUAL_STATE_BYTES", 1)
    assert len(_left(folder).state_files()) == pruning.N_STATES + 1 < n_left


def test_and_is_asked_at_any_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = _lesson(tmp_path / "whole")
    copy = shutil.copytree(whole.path, tmp_path / "runs" / whole.path.name)
    folder = _left(RunFolder.open(copy))
    assert len(folder.state_files()) < len(whole.state_files())
    for words in (["--past"], ["--at", "16"], ["--at", "41"]):
        said = []
        for run in (whole, folder):
            assert main(["ask", str(run.path), "France", "--json", *words]) == 0
            said.append(json.loads(capsys.readouterr().out))
        assert said[0] == said[1]
    assert said[1]["step"] == 41
    (folder.log_path).write_bytes(b"")
    assert main(["ask", str(folder.path), "France", "--past"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(folder.state_files())


def test_nothing_goes_where_the_same_bits_do_not_come_again(tmp_path: Path) -> None:
    folder = _lesson(tmp_path)
    before = folder.state_files()
    run_json = folder.path / "run.json"
    run_json.write_bytes(run_json.read_bytes().replace(b'"device":"cpu"', b'"device":"cuda"'))
    again = RunFolder.open(folder.path)
    again.save_keyframe(50, b"x")
    pruning.thin(again)
    assert len(again.state_files()) == len(before) + 1
