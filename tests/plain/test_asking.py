"""`flashcards ask --file`: every line of a file is asked, and one that can't be is named."""

import json
from pathlib import Path

import pytest

from flashcards.cli import main
from tests.export.runs import a_run
from tests.golden import check_words


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
    ("text", "key"),
    [
        ("a\n\nb", "ask: an empty prompt"),
        ('{"question": "a"}', "ask: a record without a prompt"),
        ("x" * 5000, "ask: a long prompt"),
        (b"\xff", "ask: no text"),
    ],
)
def test_a_line_that_cannot_be_asked_is_named_before_any_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, key: str
) -> None:
    file = tmp_path / "prompts.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["ask", str(a_run("char")), "--file", str(file)]) == 1
    printed = capsys.readouterr()
    check_words(key, printed.err, file=file)
    assert printed.out == ""
