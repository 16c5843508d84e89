"""`flashcards new` and `flashcards generate`; a program that makes cards has its own process."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.base import persons_program
from flashcards.cards.shelf import load
from flashcards.cli import main
from tests.commands import Ended, run_flashcards
from tests.golden import check_words
from tests.posix import wait_for_end


def flashcards(*words: str, cwd: Path) -> Ended:
    return run_flashcards(*words, cwd=cwd, HOME=str(cwd), XDG_DATA_HOME=str(cwd / "data"))


Here = Callable[..., Ended]


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Here:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def run(*words: str) -> Ended:
        code = main(words)
        return Ended(words, code, *capfd.readouterr())

    return run


@pytest.fixture
def generated(tmp_path: Path, here: Here) -> Here:
    def run(program: str, *words: str) -> Ended:
        (tmp_path / "made.py").write_text(program, "utf-8")
        return here("generate", "made.py", *words)

    return run


def test_new_writes_a_deck_and_says_what_comes_next(tmp_path: Path) -> None:
    ended = flashcards("new", "my verbs", cwd=tmp_path)
    path = tmp_path / "data" / "flashcards" / "decks" / "my verbs.deck"
    assert (ended.returncode, ended.stdout) == (0, f"{path}\n")
    assert ended.stderr == f"next: flashcards '{path}'\n"
    deck, problems = load(path)
    assert (len(deck.cards), problems) == (5, ())
    again = flashcards("new", "my verbs", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (1, "")
    check_words("new: a deck is there", again.stderr)


def test_new_goes_where_it_is_told(tmp_path: Path, here: Here) -> None:
    ended = here("new", "verbs", "-o", "lists")
    assert ended.stdout == f"{Path('lists/verbs.deck')}\n"
    assert (tmp_path / "lists" / "verbs.deck").is_file()
    assert here("new", "a/b").returncode == 1


def test_a_new_program_makes_a_deck_that_can_be_checked(tmp_path: Path, here: Here) -> None:
    ended = here("new", "--python", "times")
    assert (ended.stdout, ended.stderr) == ("times.py\n", "next: flashcards generate times.py\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["times.py"]
    made = flashcards("generate", "times.py", cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, "times.deck\n")
    deck, problems = load(tmp_path / "times.deck")
    assert [problem for problem in problems if problem.level != "warning"] == []
    assert (deck.name, deck.meta.source, len(deck.cards)) == ("times", "times.py", 100)
    assert 10 < len(deck.never_seen) < 35
    assert f"100 cards, {len(deck.never_seen)} never taught" in made.stderr
    checked = here("check", "times.deck")
    assert checked.returncode == 0


def test_a_deck_that_is_there_is_replaced_only_by_force(tmp_path: Path, generated: Here) -> None:
    program = "def cards():\n    yield 1, 'one'\n    yield '2', ['two', 'zwei']\n"
    (tmp_path / "made.deck").write_text("old\n", "utf-8")
    refused = generated(program)
    assert (refused.returncode, refused.stdout) == (1, "")
    check_words("generate: a deck is there", refused.stderr)
    assert (tmp_path / "made.deck").read_text("utf-8") == "old\n"
    assert generated(program, "--force").returncode == 0
    deck, _ = load(tmp_path / "made.deck")
    assert [(card.prompt, card.answers) for card in deck.cards] == [
        ("1", ("one",)),
        ("2", ("two", "zwei")),
    ]


LINES: list[tuple[str, str]] = [
    ("def cards():\n    yield 'a', 1\n    yield 'b', 1 / 0\n", ":3: ZeroDivisionError"),
    ("def cards(:\n", ":1: SyntaxError"),
    ("import nosuchmodule\n", ":1: ModuleNotFoundError"),
    ("x = 1\n", "there is no function `cards`"),
    ("def cards():\n    return None\n", "cards() gave nothing"),
    ("def cards():\n    yield from ()\n", "yielded no card"),
    ("def cards():\n    yield 'only a prompt'\n", "card 1 is 'only a prompt', not a prompt and"),
    ("def cards():\n    yield 'a', None\n", "card 1 is ('a', None)"),
    ("DECK = 7\ndef cards():\n    yield 'a', 'b'\n", "DECK is not a dict"),
    ("DECK = {'held_out': 7}\ndef cards():\n    yield 'a', 'b'\n", "made.deck:3:1: error: held"),
    ("DECK = {'name': []}\ndef cards():\n    yield 'a', 'b'\n", "DECK['name'] is no text"),
    ("import os\ndef cards():\n    os._exit(3)\n", "ended before it was done (code 3)"),
    ("import sys\ndef cards():\n    sys.exit('no luck')\n", ":3: SystemExit: no luck"),
    ("def cards():\n    raise ValueError('\\x1b[31mred')\n", ":2: ValueError: ␛[31mred"),
]


@pytest.mark.parametrize(("program", "said"), LINES)
def test_a_program_that_fails_is_told_its_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    program: str,
    said: str,
) -> None:
    (tmp_path / "made.py").write_text(program, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "made.py"]) == 1
    out, error = capfd.readouterr()
    assert out == ""
    assert said in error
    assert error.count("\n") == 1
    assert "\x1b" not in error
    assert not (tmp_path / "made.deck").exists()


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_what_is_no_file_is_no_program(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", name]) == 1
    check_words("generate: no program", capfd.readouterr().err, name=name)


def test_what_a_program_prints_is_shown_and_is_no_card(tmp_path: Path, generated: Here) -> None:
    program = "import os\ndef cards():\n    print('hello')\n    os.write(1, b'raw\\n')\n"
    ended = generated(program + "    yield 'a', 'b'\n")
    assert (ended.returncode, ended.stdout) == (0, "made.deck\n")
    assert {"made.py printed: hello", "made.py printed: raw"} <= set(ended.stderr.split("\n"))
    assert len(load(tmp_path / "made.deck")[0].cards) == 1


@pytest.mark.slow
def test_an_endless_program_is_ended_with_its_own(tmp_path: Path, generated: Here) -> None:
    program = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9999)'])\n"
        "open('begun', 'w').write(str(child.pid))\nos.rename('begun', 'child.pid')\n"
        "def cards():\n    while True:\n        time.sleep(1)\n        yield 'a', 'b'\n"
    )
    seconds = 1
    while not (tmp_path / "child.pid").exists():  # on a busy machine it may not come so far
        seconds *= 2
        ended = generated(program, "--seconds", str(seconds))
        assert ended.returncode == 1
        check_words("generate: no end", ended.stderr.splitlines()[-1], seconds=seconds)
    wait_for_end(int((tmp_path / "child.pid").read_text()))


def test_a_program_that_leaves_a_child_behind_is_not_waited_for(generated: Here) -> None:
    program = (
        "import subprocess, sys\n"
        "def cards():\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9999)'])\n"
        "    yield 'a', 'b'\n"
    )
    assert generated(program).returncode == 0


def test_cards_without_end_are_ended(generated: Here) -> None:
    program = "def cards():\n    while True:\n        yield 'a' * 90_000, 'b'\n"
    ended = generated(program)
    assert ended.returncode == 1
    check_words("generate: too many cards", ended.stderr.splitlines()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_memory_without_end_is_refused(generated: Here) -> None:
    program = "def cards():\n    hog = bytearray(3 * 2**30)\n    yield 'a', 'b'\n"
    ended = generated(program)
    assert ended.returncode == 1
    n_gb = persons_program.MAX_MEMORY_BYTES // 2**30
    check_words("generate: too much memory", ended.stderr.splitlines()[-1], line=2, n=n_gb)


@pytest.mark.parametrize("command", ["train", "check"])
def test_a_program_given_as_a_deck_is_not_run(tmp_path: Path, here: Here, command: str) -> None:
    program = "open('ran', 'w')\ndef cards():\n    yield 'a', 'b'\n"
    (tmp_path / "made.py").write_text(program, "utf-8")
    ended = here(command, "made.py")
    assert ended.returncode == 1
    (line,) = [line for line in (ended.stdout + ended.stderr).splitlines() if "generate" in line]
    check_words("problem: a program", line.partition(" error: ")[2] or line.partition(": ")[2])
    assert not (tmp_path / "ran").exists()
