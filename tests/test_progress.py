"""What commands show while they work, in a terminal of its own; and how Ctrl-C ends them."""

import contextlib
import io
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from flashcards import cli
from flashcards.runs.goal import Goal
from flashcards.terminal.output import guarded
from flashcards.terminal.progress import (
    _ProgressInLines,
    loading_torch,
    progress,
    span,
    times,
)
from tests.decks import write_sums
from tests.golden import check_words
from tests.screen import wait_for_end
from tests.terminal import FLASHCARDS, Terminal
from tests.trainer.lessons import run_lesson
from tests.waiting import PATIENCE_S, until

posix = pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")


def on_terminal() -> io.StringIO:
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    return stream


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_progress_is_shown_to_a_terminal_alone_and_goes_away() -> None:
    with (
        contextlib.redirect_stderr(io.StringIO()) as error,
        guarded(),
        progress("reading") as shown,
    ):
        shown.at(1, 2)
    assert error.getvalue() == ""
    with (
        contextlib.redirect_stderr(on_terminal()) as error,
        guarded(),
        progress("reading\x1b[2J", 4) as shown,
    ):
        shown.at(1, what="writing")
        with shown.hidden():
            print("between", file=sys.stderr)
    said = error.getvalue()
    assert "\x1b[2J" not in said  # text from a file never acts on the terminal
    assert "reading" in plain(said)
    assert "25 %" in plain(said)
    assert said.index("between") > said.index("writing")
    assert said.rstrip().endswith("\x1b[2K")
    with contextlib.redirect_stderr(on_terminal()), shown.hidden():
        print("after its end", file=sys.stderr)
    assert error.getvalue() == said, "the line does not come back"


async def test_without_a_terminal_it_says_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.terminal.progress.FIRST_LINE_S", 0.0)
    monkeypatch.setattr("flashcards.terminal.progress.NEXT_LINE_S", 0.0)
    with contextlib.redirect_stderr(io.StringIO()) as error, guarded():
        with progress("reading", 4, is_told=True) as shown:
            await until(lambda: "reading …, 0 %\n" in error.getvalue())
            shown.at(1, what="writing\x1b[2J")
            await until(lambda: "writing␛[2J …, 25 %\n" in error.getvalue())
        said = error.getvalue()
        with progress("reading"):
            pass
    assert error.getvalue() == said


@pytest.mark.parametrize("at", [None, "7", "8", "999"])
def test_nothing_is_trained_again_where_it_was_saved(
    at: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[float, float | None, str | None]] = []
    monkeypatch.setattr(
        _ProgressInLines, "at", lambda _, *counts, what: done.append((*counts, what))
    )
    opened, _ = run_lesson(write_sums(tmp_path), goal=Goal(step=12))
    words = ["ask", str(opened.keeper.folder.path), "1+1"]
    assert cli.main(words if at is None else [*words, "--at", at]) == 0
    assert {*done} == ({(0, 3, "training again")} if at == "7" else set())


def test_that_pytorch_is_loaded_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with contextlib.redirect_stderr(on_terminal()) as error, guarded():
        with loading_torch():
            pass
        assert "loading PyTorch" in (said := plain(error.getvalue()))
        with monkeypatch.context() as second:
            second.setenv("RANK", "1")
            with loading_torch():
                pass
        monkeypatch.setitem(sys.modules, "torch", sys)
        with loading_torch():
            pass
    assert plain(error.getvalue()) == said


def test_a_time_is_said_as_a_person_says_it() -> None:
    assert [span(s) for s in (0, 59, 61, 7500)] == ["0 s", "59 s", "1 min", "2 h 5 min"]
    check_words("progress: an estimate", times(25, 10, 30, 4))
    assert times(0, None, None, 4) == "0 %  0 s"
    assert times(0, 7, None, None) == "7 s"


@posix
@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.parametrize(
    ("command", "number", "code"),
    [
        *((name, signal.SIGINT, 130) for name in ("scaling", "verify", "rehearse")),
        ("sweep", signal.SIGTERM, 143),
        ("train", signal.SIGTERM, 143),
    ],
)
def test_how_long_it_takes_is_shown(tmp_path: Path, command: str, number: int, code: int) -> None:
    runs, sums = ("--runs", str(tmp_path / "runs")), str(write_sums(tmp_path))
    if command == "verify":
        assert cli.main(["train", sums, *runs, "--steps", "900", "--json"]) == 0
    talk = tmp_path / "t.md"
    cues = f"teach {sums} until step=20\n```\n# U\n```flashcards\nteach {sums} until step=99999"
    talk.write_text(f"# T\n```flashcards\n{cues}\nwait\n```\n", encoding="utf-8")
    words, shown, sentence = {
        "scaling": ((sums,), "of the cards, step", "only what is printed was measured"),
        "verify": ((), "left", "interrupted"),
        "sweep": ((sums, *runs, "--until", "step=99999"), "seed=1 +step", "0 of 5 runs are done"),
        "rehearse": (
            (str(talk), *runs),
            r" 1/\d+ +line",
            f"flashcards: {'interrupted' if code == 130 else 'ended by SIGTERM'}",
        ),
        "train": ((sums, *runs, "--steps", "99999"), "left", "train --resume"),
    }[command]
    if command == "verify":
        (run,) = (tmp_path / "runs").iterdir()
        words = (run.name, *runs)
    terminal = Terminal([*FLASHCARDS, command, *words])
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not re.search(shown, said := plain(terminal.output.decode("utf-8", "replace"))):
            assert terminal.exit_code() is None, said[-500:]
            assert time.monotonic() < deadline, said[-500:]
            terminal.read(0.1)
        assert ("loading PyTorch" in said) == (command in ("scaling", "verify", "train"))
        n_before = len(terminal.output)
        os.kill(terminal.pid, number)
        wait_for_end(terminal, PATIENCE_S)
        terminal.drain(0.2)
        rest = plain(terminal.output[n_before:].decode("utf-8", "replace"))
        rest = " ".join(rest.split())[-500:]
        assert "Traceback" not in rest
        assert sentence in rest
        assert terminal.exit_code() == code
    finally:
        terminal.close()
    if command == "rehearse":
        assert list((tmp_path / "runs" / "rehearsals").iterdir()) == []  # the one before stays
