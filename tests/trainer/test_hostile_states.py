"""Saved states, settings and tokenizers that a stranger made: one sentence, and little memory."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch

from flashcards.cli import main
from flashcards.learner.saving import SavedError, extra_of
from flashcards.runs.goal import Goal
from tests.decks import write_capitals
from tests.trainer.lessons import run_lesson


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("taught")
    opened, _ = run_lesson(write_capitals(path), goal=Goal(step=12))
    return opened.keeper.folder.path


@pytest.fixture
def run(taught: Path, tmp_path: Path) -> Path:
    return shutil.copytree(taught, tmp_path / taught.name)


def _ask(run: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["ask", str(run), "France"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("flashcards: ")
    assert captured.err.count("\n") == 1
    return captured.err


def _set(run: Path, **settings: object) -> None:
    info = json.loads((run / "run.json").read_text())
    info["settings"] |= settings
    (run / "run.json").write_text(json.dumps(info))


def test_a_model_larger_than_its_states_is_refused_before_it_is_made(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*args: object) -> None:
        raise AssertionError("memory was taken")

    _set(run, n_layers=8, width=1024, n_heads=4)
    monkeypatch.setattr(torch, "zeros", no_memory)
    assert "another size" in _ask(run, capsys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", "64"),
        ("n_layers", 1.5),
        ("tokenizer", 7),
        ("tokenizer", "x"),
        ("learning_rate", None),
        ("rope_base", -1),
        ("max_pieces", 65536),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(
    run: Path, capsys: pytest.CaptureFixture[str], name: str, value: object
) -> None:
    _set(run, **{name: value})
    assert "run.json is damaged" in _ask(run, capsys)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_no_tokenizer_is_said(run: Path, capsys: pytest.CaptureFixture[str], share: float) -> None:
    model = (run / "tokenizer.model").read_bytes()
    (run / "tokenizer.model").write_bytes(model[: int(share * len(model))])
    assert "the tokenizer is damaged" in _ask(run, capsys)


def test_parts_of_a_state_over_the_same_bytes_are_refused() -> None:
    header: dict[str, object] = {"__metadata__": {"format": "flashcards learner 1", "step": "1"}}
    entry = {"dtype": "U8", "shape": [1000], "data_offsets": [0, 1000]}
    header |= {f"extra.{i}": entry for i in range(2000)}
    head = json.dumps(header).encode()
    with pytest.raises(SavedError, match="overlap"):
        extra_of(len(head).to_bytes(8, "little") + head + bytes(1000))


def test_a_misnamed_state_is_passed_over(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for state in [*run.glob("keyframes/*"), *run.glob("resume-*")]:
        content = state.read_bytes()
        state.unlink()
        name = f"00000999-{hashlib.sha256(content).hexdigest()[:16]}.safetensors"
        (run / "keyframes" / name).write_bytes(content)
    assert "of another step than its name" in _ask(run, capsys)
