"""A person's program, run in the tests' own process: what it is asked, what comes out, its limits.

`python -I` keeps out whoever would note the lines that run there: here they are seen.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from flashcards.base import persons_program

GIB, MIB = 2**30, 2**20

RunProgram = Callable[..., list[dict[str, object]]]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int]]:
    """What the process would have been limited to; the tests' own process stays free."""
    asked: dict[str, tuple[int, int]] = {}
    monkeypatch.setattr(persons_program, "limit", lambda **limits: asked.update(limits))
    return asked


@pytest.fixture
def run_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[RunProgram]:
    """Gives the lines that come out of a program of some kind, which is given some lines."""
    stdin, stdout, fdopen = os.dup(0), os.dup(1), os.fdopen

    def run(
        text: str, kind: str, *words: str, given: tuple[object, ...] = ()
    ) -> list[dict[str, object]]:
        program, lines = tmp_path / "program.py", tmp_path / "lines"
        program.write_text(text, encoding="utf-8")
        lines.write_text("".join(json.dumps(line) + "\n" for line in given), encoding="utf-8")
        with lines.open("rb") as file:
            os.dup2(file.fileno(), 0)
        monkeypatch.setattr("sys.argv", ["persons_program.py", kind, str(program), *words])
        capfd.readouterr()
        opened: list[IO[str]] = []

        def open_noted(*words: Any, **options: Any) -> IO[str]:
            opened.append(fdopen(*words, **options))
            return opened[-1]

        with monkeypatch.context() as patched:
            patched.setattr(os, "fdopen", open_noted)
            persons_program.main()
        os.dup2(stdout, 1)
        for file_of_program in opened:  # which its process leaves to its end
            file_of_program.close()
        return [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    yield run
    os.dup2(stdin, 0)
    os.close(stdin)
    os.close(stdout)


def test_a_generator_gives_its_front_its_cards_and_their_number(
    run_program: RunProgram, limits: dict[str, tuple[int, int]]
) -> None:
    cards = (
        "DECK = {'name': 'Squares'}\ndef cards():\n    yield 2, 4\n    yield 'three', (9, '3²')\n"
    )
    assert run_program(cards, "generator", "7") == [
        {"front": {"name": "Squares"}},
        {"card": ["2", "4"]},
        {"card": ["three", "9", "3²"]},
        {"ended": 2},
    ]
    assert limits == {
        "AS": (2 * GIB, 2 * GIB),
        "FSIZE": (256 * MIB, 256 * MIB),
        "CORE": (0, 0),
        "CPU": (8, 8),
    }


def test_a_judge_gives_each_try_a_worth_between_0_and_1(
    run_program: RunProgram, limits: dict[str, tuple[int, int]]
) -> None:
    judge = "def judge(prompt, answer):\n    return len(answer) - len(prompt)\n"
    tries = [["ab", "abc"], ["ab", "abcd"], ["ab", "a"]]
    ready, worth = run_program(judge, "judge", given=(tries,))
    assert ready == {"ready": True}
    assert worth == {"worth": [1.0, 1.0, 0.0]}
    assert limits["CORE"] == (0, 0)
    assert limits["FSIZE"] == (16 * MIB, 16 * MIB)


def test_a_tool_gives_a_text_for_each_text(
    run_program: RunProgram, limits: dict[str, tuple[int, int]]
) -> None:
    tool = "def tool(text):\n    return 2 * int(text)\n"
    given = run_program(tool, "tool", given=("21", "4"))
    assert given == [{"ready": True}, {"text": "42"}, {"text": "8"}]


@pytest.mark.parametrize(
    ("text", "kind", "error", "line"),
    [
        ("def cards():\n    return 1 / 0\n", "generator", "ZeroDivisionError: division by zero", 2),
        ("cards = 1", "generator", "there is no function `cards` in it", 0),
        ("x = (", "tool", "SyntaxError: '(' was never closed", 1),
        ("", "judge", "LookupError: there is no function `judge(prompt, answer)` in it", 0),
    ],
)
def test_a_mistake_in_a_program_comes_out_with_its_line(
    run_program: RunProgram,
    limits: dict[str, tuple[int, int]],
    text: str,
    kind: str,
    error: str,
    line: int,
) -> None:
    assert run_program(text, kind, "7")[-1] == {"error": error, "line": line}
