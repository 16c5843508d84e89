"""The rivals' process on its own: what it says, and that it ends with whoever started it."""

import subprocess
from pathlib import Path

import pytest

from flashcards.cards.shelf import load
from flashcards.rivals.grading import Answered, Graded, Reply, Table, Typed, decode_reply, grade
from flashcards.runs.marks import pack
from flashcards.runs.run_files import json_line
from flashcards.runs.values import RivalAnswer, Score
from tests.commands import run_python, start_python
from tests.decks import write_capitals, write_sums
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.pair

Process = subprocess.Popen[bytes]


def start(*how: str) -> Process:
    words = how or ("-m", "flashcards.rivals")
    return start_python(*words, encoding=None, stdin=subprocess.PIPE)


def table_of(path: Path, shuffle_seed: int | None = None) -> bytes:
    held_out = pack(bytes(card.is_never_seen for card in load(path)[0].cards))
    return json_line(Table(deck=str(path), never_seen=held_out, shuffle_seed=shuffle_seed))


def send(process: Process, *lines: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(b"".join(lines))
    process.stdin.flush()


def read(process: Process) -> Reply:
    assert process.stdout is not None
    return decode_reply(process.stdout.readline())


def test_it_grades_each_rival_then_answers_and_ends_with_its_input(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    with start() as process:
        send(process, table_of(deck))
        rivals = grade(load(deck)[0])
        said = [read(process) for _ in rivals]
        assert said == [Graded(rival=r, is_last=r is rivals[-1]) for r in rivals]
        typed = json_line(Typed(request=7, prompt="Francs"))
        send(process, b"nonsense\n", b"\xff\n", b'{"request": "x"}\n', typed)
        assert read(process) == Answered(
            request=7,
            answers=(
                RivalAnswer("lookup", None),
                RivalAnswer("ngram", "Paris"),
                RivalAnswer("nearest", "Paris"),
            ),
        )
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def test_the_split_is_the_lessons_not_the_files(tmp_path: Path) -> None:
    path = write_capitals(tmp_path)
    n_cards = len(load(path)[0].cards)
    with start() as process:
        held_out = pack(bytes(i >= n_cards - 1 for i in range(n_cards)))
        send(process, json_line(Table(deck=str(path), never_seen=held_out)))
        lookup = read(process)
        assert isinstance(lookup, Graded)
        assert (lookup.rival.seen, lookup.rival.unseen) == (Score(11, 11), Score(0, 1))
        process.kill()


WITHOUT_END = """
import sys
from flashcards.rivals import __main__ as process
real = process.grading.Rivals.graded
def again_and_again(rivals):
    yield next(rival for rival in real(rivals) if rival is not None)
    while True:
        list(real(rivals))
process.grading.Rivals.graded = again_and_again
sys.exit(process.main())
"""


@pytest.mark.slow
def test_it_ends_with_its_input_in_the_middle_of_grading(tmp_path: Path) -> None:
    with start("-c", WITHOUT_END) as process:
        send(process, table_of(write_sums(tmp_path)))
        assert isinstance(read(process), Graded)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize(
    "line", [b"", b"nonsense\n", json_line(Table(deck="no/such.deck", never_seen=""))]
)
def test_without_a_deck_it_ends_and_says_why(line: bytes) -> None:
    ended = run_python("-m", "flashcards.rivals", given=line.decode())
    assert (ended.returncode, ended.stdout) in ((1, ""), (0, ""))
    assert "Traceback" not in ended.stderr
