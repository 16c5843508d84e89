"""`flashcards ask --file`: every line of a file is asked, and one that can't be is named."""

import json
from pathlib import Path

import pytest

from flashcards.cli import main
from tests.export.runs import a_run


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
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""
