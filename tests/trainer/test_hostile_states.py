"""Saved states, settings and tokenizers that a stranger made: one sentence, and little memory."""

import hashlib
import json
import math
import re
import shutil
import struct
from pathlib import Path

import pytest
import torch

from flashcards.cli import main
from flashcards.learner.saving import SavedError, extra_of
from flashcards.runs.goal import Goal
from tests.decks import write_capitals
from tests.golden import check_words
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
    check_words("run: a damaged tokenizer", _ask(run, capsys), run=run)


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
    check_words("run: a state of another step", _ask(run, capsys), run=run.name)


def spoil(run: Path, part: str, value: float, n_kept: int = 0) -> None:
    """Put this number into one tensor of all states but the oldest `n_kept`, named as they are."""
    states = sorted([*run.glob("keyframes/*"), *run.glob("resume-*")], key=lambda path: path.name)
    for path in states[n_kept:]:
        saved = path.read_bytes()
        head = int.from_bytes(saved[:8], "little")
        header = json.loads(saved[8 : 8 + head])
        name = next(name for name in header if name.startswith(part))
        start = 8 + head + header[name]["data_offsets"][0]
        saved = saved[:start] + struct.pack("<f", value) + saved[start + 4 :]
        path.unlink()
        digest = hashlib.sha256(saved).hexdigest()[:16]
        path.with_name(re.sub("-[0-9a-f]{16}", f"-{digest}", path.name)).write_bytes(saved)


OPENERS = {
    "ask": ["ask", "{run}", "France"],
    "ask --json": ["ask", "{run}", "France", "--json"],
    "ask of the past": ["ask", "{run}", "France", "--past"],
    "ask at a step": ["ask", "{run}", "France", "--at", "5"],
    "resume": ["train", "--resume", "{run}", "--steps", "20"],
    "after": ["train", "{deck}", "--after", "{run}", "--steps", "20"],
    "branch": ["train", "--branch", "{run}", "--at", "5", "--steps", "20"],
    "verify": ["verify", "{run}"],
    "export": ["export", "{run}", "--to", "hf", "-o", "{folder}/out"],
    "page": ["page", "{run}", "-o", "{folder}/page.html"],
}


@pytest.mark.parametrize("value", [math.nan, pytest.param(math.inf, marks=pytest.mark.slow)])
@pytest.mark.parametrize("part", ["weights", "averaged"])
@pytest.mark.parametrize("words", OPENERS.values(), ids=OPENERS)
def test_weights_that_are_no_numbers_are_refused_wherever_they_are_opened(
    run: Path, capsys: pytest.CaptureFixture[str], words: list[str], part: str, value: float
) -> None:
    spoil(run, part, value)
    names = {"run": run, "folder": run.parent, "deck": write_capitals(run.parent)}
    assert main([word.format(**names) for word in words]) in (1, 3)
    captured = capsys.readouterr()
    assert "NaN" not in captured.out.replace("(NaN)", "")
    assert f"{part}." in captured.err
    assert "(NaN), or infinite" in captured.err


def test_the_newest_state_whose_weights_are_numbers_is_taken(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(run, "weights", math.nan, n_kept=1)
    assert main(["train", "--resume", str(run), "--steps", "20", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["reached"] is True
    assert "is damaged" in captured.err
