"""A program teaches a deck in the lesson's own way; the notebook in docs/ runs as it is written."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from flashcards.base.errors import UserError
from flashcards.cli import main
from flashcards.plain.training import Training
from flashcards.runs.goal import Goal
from flashcards.runs.measured import ExamTaken, StepsTaken
from tests.decks import write_sums
from tests.export.runs import a_run
from tests.source import ROOT
from tests.trainer.lessons import run_lesson


def test_it_is_the_run_that_the_command_line_makes(tmp_path: Path) -> None:
    deck = write_sums(tmp_path)
    opened, _ = run_lesson(deck, goal=Goal(step=24))
    with Training(deck, runs=tmp_path / "runs") as training:
        before = training.ask("1+1")
        assert training.ask(" 1+1 ").answer == before.answer
        told = [*training.advance(10), *training.advance(14)]
        taught = training.ask("1+1")
        same = opened.training.learner.answer("1+1")
        assert (taught.answer, taught.pieces) == (same.text, same.pieces)  # to the bit
        assert training.state.step == taught.step == 24
    assert (before.step, before.stamp) == (0, "not_yet_taught")
    assert {ExamTaken, StepsTaken} <= {type(event) for event in told}
    assert training.deck.cards[0].prompt
    assert (training.folder / "run.json").is_file()
    with pytest.raises(UserError, match="was closed"):
        list(training.advance(1))


@pytest.mark.parametrize("n_updates", [0, -3, 1.5, None, "2"])
def test_a_number_of_updates_that_is_none_is_a_sentence(tmp_path: Path, n_updates: Any) -> None:
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        with pytest.raises(UserError, match="whole number from 1 on"):
            training.advance(n_updates)
        assert list(training.advance(1))


@pytest.mark.parametrize("prompt", [None, 5, b"1+1", "", " ", 5_000 * "1"])
def test_a_prompt_that_is_none_is_a_sentence_and_the_lesson_goes_on(
    tmp_path: Path, prompt: Any
) -> None:
    with Training(write_sums(tmp_path), runs=tmp_path / "runs") as training:
        with pytest.raises(UserError, match="prompt is"):
            training.ask(prompt)
        assert training.ask("1+1").prompt == "1+1"


@pytest.mark.parametrize("wishes", [{"seed": "x"}, {"settings": {"n_layers": None}}])
def test_what_no_training_can_be_opened_with_is_a_sentence(
    tmp_path: Path, wishes: dict[str, Any]
) -> None:
    with pytest.raises(UserError, match="no training can be opened like this"):
        Training(write_sums(tmp_path), runs=tmp_path / "runs", **wishes)


def test_the_notebook_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((ROOT / "docs" / "from-python.ipynb").read_text(encoding="utf-8"))
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    assert code
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        for cell in code:
            exec(compile(cell, "docs/from-python.ipynb", "exec"), names)
    assert "Paris" in said.getvalue()


def test_every_line_of_a_file_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = str(a_run("char"))
    file = tmp_path / "prompts.txt"
    file.write_text('France\n{"prompt": "Japan", "n": 7}\n' * 50, encoding="utf-8")
    assert main(["ask", run, "--file", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 100
    for prompt, answer in zip(("France", "Japan"), lines, strict=False):
        assert main(["ask", run, prompt]) == 0
        assert capsys.readouterr().out.startswith(f"{answer}   (")
    assert main(["ask", run, "--file", str(file), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["answer"] for one in told] == lines
    assert (told[1]["n"], told[1]["stamp"]) == (7, "seen")
    assert told[1]["correct_answers"] == ["Tokyo"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n\nb", "line 2: the prompt is empty"),
        ('{"question": "a"}', "line 1: it has no text called prompt"),
        ("x" * 5000, "line 1: the prompt is 5,000 characters"),
        (b"\xff", "can't be read"),
    ],
)
def test_a_line_that_cannot_be_asked_is_named_before_any_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, said: str
) -> None:
    file = tmp_path / "prompts.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["ask", str(a_run("char")), "--file", str(file)]) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
