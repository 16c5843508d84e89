"""`flashcards export RUN`, as a user types it: what can't be done is one sentence, and no file."""

import sys
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.goal import Goal
from tests.export.runs import N_STEPS, a_run
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
    assert "no run is called '7f3a'" in message
    message = refusal(capsys, "capitals", "--to", "hf", "-o", "out", *runs)
    assert "capitals is a deck; --to hf writes a run of it" in message
    message = refusal(capsys, "capitols", "--to", "csv", "-o", "out", *runs)
    assert "did you mean “capitals”? (no run is called so either)" in message
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


@pytest.mark.slow
def test_what_does_not_fit_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = a_run("char"), tmp_path / "out"
    assert "--to hf writes a folder; name it with -o" in refusal(capsys, run, "--to", "hf")
    message = refusal(capsys, run, "--to", "apkg")
    assert "--to apkg is for a deck's cards" in message
    message = refusal(capsys, run, "--to", "hf", "-o", out, "--only", "taught")
    assert "--only is for a deck's cards" in message
    assert list(tmp_path.iterdir()) == []


def test_a_full_folder_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = a_run("char"), tmp_path / "out"
    out.mkdir()
    (out / "README.md").write_text("mine")
    (out / "other").write_text("mine")
    message = refusal(capsys, run, "--to", "hf", "-o", out)
    assert "holds something already; --force writes into it" in message
    assert {path.name for path in out.iterdir()} == {"README.md", "other"}
    assert main(["export", str(run), "--to", "hf", "-o", str(out), "--force"]) == 0
    assert (out / "README.md").read_text().startswith("---\n")
    assert (out / "other").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert "is a file; name a folder" in refusal(
        capsys, run, "--to", "hf", "-o", out / "config.json"
    )


def test_nothing_is_left_where_the_system_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = refusal(capsys, a_run("char"), "--to", "hf", "-o", tmp_path / "none" / "out")
    assert "can't be written: No such file or directory" in message

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flashcards.base.files.os.fsync", full)
    message = refusal(capsys, a_run("char"), "--to", "hf", "-o", tmp_path / "out")
    assert "No space left on device" in message
    assert list(tmp_path.iterdir()) == []


def test_the_model_is_of_the_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["export", str(a_run("char")), "--to", "hf", "-o", str(out), "--at", "0"]
    assert main(words) == 0
    assert capsys.readouterr() == (f"{out}\n", "")
    assert "- **Step**: 0 updates, 0 cards taught" in (out / "README.md").read_text()
    assert main([*words[:-1], str(N_STEPS + 1), "--force"]) == 0
    errors = capsys.readouterr().err
    assert errors == f"the run ends before step {N_STEPS + 1}; this is its last step, {N_STEPS}\n"


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
    assert "only a model that was taught cards" in refusal(capsys, run, "--to", "hf", "-o", out)
    for state in run.rglob("*.safetensors"):
        state.unlink()
    assert "holds no state" in refusal(capsys, run, "--to", "hf", "-o", out)
    assert not out.exists()
