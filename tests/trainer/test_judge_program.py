"""A judge that is a program: limits, and one sentence for everything that goes wrong."""

import re
from pathlib import Path

import pytest

from flashcards.cards.card import JudgeSpec
from flashcards.cards.judges import Attempt, JudgeError
from flashcards.cli import main
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.judging import ProgramJudge
from flashcards.trainer.opening import LessonError
from tests.golden import raises_words
from tests.trainer.reward_runs import first_lesson, practise
from tests.waiting import PATIENCE_S

GOOD = """
print("hello")
def judge(prompt, answer):
    return sorted(answer) == list(answer) and len(answer) == 2
"""

CLOSED = "import os\ndef judge(p, a):\n    os.closerange(1, 99)\n    while True: pass\n"


def program(folder: Path, text: str) -> JudgeSpec:
    path = folder / "judge.py"
    path.write_text(text, encoding="utf-8")
    return JudgeSpec(kind="program", text="judge.py", path=str(path))


def test_a_program_judges_many_tries_at_once(tmp_path: Path) -> None:
    judge = ProgramJudge(program(tmp_path, GOOD))
    tries = [Attempt("ba", "ab", ()), Attempt("ba", "ba", ()), Attempt("ж", "aż", ())]
    assert judge(tries) == judge(tries) == [1.0, 0.0, 1.0]
    child = judge.child
    del judge
    assert not child.is_running


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def judge(p, a):\n    return 1 / 0\n", "judge.py:2 failed: ZeroDivisionError"),
        ("def judge(p, a):\n    while True: pass\n", "did not answer within 0.5 s"),
        ("def judge(p, a):\n    return 'yes'\n", "not true, false or a number"),
        ("def judge(p, a):\n    return float('nan')\n", "not true, false or a number"),
        (CLOSED, "did not answer within 0.5 s"),
        ("import os\ndef judge(p, a):\n    os._exit(3)\n", "failed: it ended by itself"),
        ("import os\ndef judge(p, a):\n    os.write(2, b'no!'); os._exit(3)\n", "failed: no!"),
        ("cards = 1\n", "there is no function `judge"),
        ("def judge(p, a)\n", "judge.py:1 failed: SyntaxError"),
        ("raise SystemExit\n", "failed: SystemExit"),
        ("while True: pass\n", "did not answer within"),
    ],
)
def test_what_goes_wrong_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    start_s = 0.5 if text.startswith("while") else PATIENCE_S
    batch_s = 0.5 if "while" in text else PATIENCE_S
    with pytest.raises(JudgeError) as raised:
        ProgramJudge(program(tmp_path, text), start_s, batch_s)([Attempt("a", "b", ())])
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_a_program_is_kept_with_the_run_and_judges_it_again(tmp_path: Path) -> None:
    first = first_lesson(tmp_path)
    path = program(tmp_path, GOOD).path
    run = practise(tmp_path / "pairs.deck", first.parent, after=first, steps=4, judge=path)
    state = run.opened.keeper.state
    assert state.reward is not None
    assert (state.reward.judge.kind, state.reward.judge.text) == ("program", "judge.py")
    assert (run.path / "deck" / "0001.judge.py").read_text(encoding="utf-8") == GOOD
    assert state.reward.total is not None
    assert state.reward.total.n_exploits > 0
    Path(path).unlink()
    assert verify(run.path).is_same


@pytest.mark.slow
def test_a_judge_that_fails_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = first_lesson(tmp_path)
    text = "n = [0]\ndef judge(p, a):\n    n[0] += 1\n    assert n[0] < 150\n    return 1\n"
    path = program(tmp_path, text).path
    words = ("--after", first.name, "--judge", path, "--steps", "20", "--runs", str(first.parent))
    assert main(["reward", str(tmp_path / "pairs.deck"), *words]) == 1
    errors = capsys.readouterr().err
    assert "judge.py:4 failed: AssertionError" in errors
    assert re.search(r"\b\d+ is saved\. .*`flashcards train --resume \S+", errors)


def test_a_deck_does_not_start_a_program_by_itself(tmp_path: Path) -> None:
    first = first_lesson(tmp_path)
    deck = tmp_path / "pairs.deck"
    text = deck.read_text(encoding="utf-8").replace('"sorted"', '"judge.py"')
    deck.write_text(text, encoding="utf-8")
    program(tmp_path, GOOD)
    with raises_words(LessonError, "reward: a program of a deck", path=tmp_path / "judge.py"):
        practise(deck, first.parent, after=first)


@pytest.mark.slow
def test_a_strange_program_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = first_lesson(tmp_path)
    path = program(tmp_path, GOOD).path
    run = practise(tmp_path / "pairs.deck", first.parent, after=first, steps=2, judge=path)
    monkeypatch.setattr(
        "flashcards.trainer.judging.catalog.was_begun_from", lambda run, path: False
    )
    with raises_words(JudgeError, "reward: a strange program"):
        verify(run.path)
