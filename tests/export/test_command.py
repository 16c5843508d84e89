"""`flashcards export RUN`, as a user types it: what can't be done is one sentence, and no file."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.goal import Goal
from tests.export.runs import N_STEPS, a_run
from tests.golden import check_words, words
from tests.reading.texts import write_text
from tests.trainer.lessons import run_lesson


def refusal(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert main(["export", *map(str, words)]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("flashcards: ")
    assert errors.count("\n") == 1
    return errors


def test_what_is_no_run_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    runs = ("--runs", tmp_path / "runs")
    message = refusal(capsys, "7f3a", "--to", "hf", "-o", "out", *runs)
    no_run = words("run: no runs", name="'7f3a'", runs=tmp_path / "runs")
    assert message == f"flashcards: {no_run}\n"
    message = refusal(capsys, "capitals", "--to", "hf", "-o", "out", *runs)
    check_words("export: a deck for a run", message)
    message = refusal(capsys, "capitols", "--to", "csv", "-o", "out", *runs)
    check_words("export: neither deck nor run", message)
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


@pytest.mark.slow
def test_what_does_not_fit_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = a_run("char"), tmp_path / "out"
    check_words("export: no folder is named", refusal(capsys, run, "--to", "hf"))
    message = refusal(capsys, run, "--to", "apkg")
    check_words("export: a run as cards", message, run=run.name)
    message = refusal(capsys, run, "--to", "hf", "-o", out, "--only", "taught")
    check_words("export: some cards of a run", message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_full_folder_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = a_run("char"), tmp_path / "out"
    out.mkdir()
    (out / "README.md").write_text("mine")
    (out / "other").write_text("mine")
    message = refusal(capsys, run, "--to", "hf", "-o", out)
    check_words("export: into a full folder", message, target=out)
    assert {path.name for path in out.iterdir()} == {"README.md", "other"}
    assert main(["export", str(run), "--to", "hf", "-o", str(out), "--force"]) == 0
    assert (out / "README.md").read_text().startswith("---\n")
    assert (out / "other").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    message = refusal(capsys, run, "--to", "hf", "-o", out / "config.json")
    check_words("export: into a file", message, target=out / "config.json")


def test_nothing_is_left_where_the_system_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], full_disk: Callable[[], None]
) -> None:
    target = tmp_path / "none" / "out"
    message = refusal(capsys, a_run("char"), "--to", "hf", "-o", target)
    reason = os.strerror(errno.ENOENT)
    check_words("file: not written", message, target=target, reason=reason)

    full_disk()
    message = refusal(capsys, a_run("char"), "--to", "hf", "-o", tmp_path / "out")
    reason = os.strerror(errno.ENOSPC)
    check_words("file: not written", message, target=tmp_path / "out", reason=reason)
    assert list(tmp_path.iterdir()) == []


def test_the_model_is_of_the_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["export", str(a_run("char")), "--to", "hf", "-o", str(out), "--at", "0"]
    assert main(words) == 0
    assert capsys.readouterr() == (f"{out}\n", "")
    assert "Step**: 0 updates, 0 cards" in (out / "README.md").read_text()
    assert main([*words[:-1], str(N_STEPS + 1), "--force"]) == 0
    errors = capsys.readouterr().err
    check_words("export: beyond the end", errors, wanted=N_STEPS + 1, last=N_STEPS)


@pytest.mark.parametrize(
    ("form", "module"), [("gguf", "gguf"), ("tensorboard", "tensorboard.compat.proto.event_pb2")]
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    form: str,
    module: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (form, module):
        monkeypatch.setitem(sys.modules, name, None)
    message = refusal(capsys, a_run("char"), "--to", form, "-o", tmp_path / "out")
    assert f"pip install '.[{form}]'" in message
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_a_text_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened, _ = run_lesson(write_text(tmp_path), goal=Goal(step=1))
    run, out = opened.keeper.folder.path, tmp_path / "out"
    check_words(
        "export: a model of a text", refusal(capsys, run, "--to", "hf", "-o", out), run=run.name
    )
    for state in run.rglob("*.safetensors"):
        state.unlink()
    check_words("export: no state", refusal(capsys, run, "--to", "hf", "-o", out), run=run.name)
    assert not out.exists()
