"""A tool that is a program: an answer calls it by its name, and every failure is one sentence."""

from pathlib import Path

import pytest

from flashcards.cards.judges import JudgeError
from flashcards.cli import main
from flashcards.runs import commands as cmd, events as ev
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.judging import ProgramTool
from tests.trainer.lessons import run_lesson

DECK = '+++\ntool = "calc"\n+++\n' + "".join(f"{i} :: calc({i}*2)\n" for i in range(3))


def program(folder: Path, text: str) -> Path:
    path = folder / "twice.py"
    path.write_text(text, "utf-8")
    return path


def test_a_program_gives_the_results_of_calls(tmp_path: Path) -> None:
    tool = ProgramTool(program(tmp_path, "def tool(text):\n    return 2 * text\n"))
    assert tool("ab") == "abab"
    assert tool("c") == "cc"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def tool(text):\n    return 1 / 0\n", "the tool twice.py:2 failed: ZeroDivisionError"),
        ("def tool(text):\n    return []\n", "is .., not a text"),
        ("def tool(text):\n    while True: pass\n", "did not answer within 0.5 s"),
        ("cards = 1\n", "there is no function `tool"),
    ],
)
def test_a_tool_that_fails_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = program(tmp_path, text)
    with pytest.raises(JudgeError, match=sentence):
        ProgramTool(path, batch_s=0.5)("x")
    with pytest.raises(JudgeError, match="no such file"):
        ProgramTool(tmp_path / "none.py")


@pytest.mark.slow
def test_an_answer_calls_the_tool_of_its_deck_or_a_named_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = tmp_path / "double.deck"
    deck.write_text(DECK, "utf-8")
    script = [(150, cmd.Ask(request=1, prompt="2")), (150, cmd.Stop())]
    opened, watched = run_lesson(deck, script=script)  # type: ignore[arg-type]
    (answered,) = watched.of(ev.PromptAnswered)
    assert answered.answer == "calc(2*2)"
    assert [(call.call, call.result) for call in answered.calls] == [("calc(2*2)", "4")]
    assert answered.worked_out == "4"
    run = opened.keeper.folder.path
    assert verify(run).is_same
    assert main(["ask", str(run), "2"]) == 0
    assert "calc(2*2) → 4\n4\n" in capsys.readouterr().out
    own = program(tmp_path, "def tool(text):\n    return 'mine'\n").rename(tmp_path / "calc.py")
    assert main(["ask", str(run), "2", "--tool", str(own)]) == 0
    assert "calc(2*2) → mine\nmine\n" in capsys.readouterr().out
