"""What the terminal says when a lesson was left: where the run is, and which ones made room."""

import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from flashcards.base.columns import width, wrapped
from flashcards.cli import main
from flashcards.cli.leaving import leave
from flashcards.runs.catalog import list_runs, named_from_outside
from flashcards.runs.pruning import BUDGET_VARIABLE
from flashcards.terminal.progress import loading_torch
from tests.decks import write_capitals
from tests.golden import check_words, words
from tests.runs.test_pruning import run
from tests.screen import wait_for_end
from tests.terminal import FLASHCARDS, Terminal
from tests.waiting import PATIENCE_S, wait_until

SIGTERM = "flashcards: ended by SIGTERM"


def _train(tmp_path: Path, runs: Path, *more: str) -> int:
    deck = write_capitals(tmp_path)
    return main(["train", str(deck), "--steps", "9", "--runs", str(runs), *more])


@contextlib.contextmanager
def _a_lesson_on_screen(tmp_path: Path) -> Iterator[Terminal]:
    deck, runs = str(write_capitals(tmp_path)), str(tmp_path / "runs")
    terminal = Terminal([*FLASHCARDS, deck, "--speed", "full", "--runs", runs])
    try:
        terminal.wait_for("NEVER TAUGHT", PATIENCE_S)
        yield terminal
    finally:
        terminal.close()


def test_training_ends_with_the_way_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = tmp_path / "runs"
    assert _train(tmp_path, runs) == 0
    out, error = capsys.readouterr()
    (entry,) = list_runs(runs)
    end = entry.path.name[-4:]
    text = " ".join(out.splitlines()[-8:])
    saved = words("line: saved", run=entry.path.name).partition(" Go on")[0]
    assert saved in text
    for command in ("train --resume", "replay", "report"):
        assert f"flashcards {command} {end} --runs {runs}" in text
    assert error == ""
    assert all(width(line) <= 80 for line in out.splitlines() if str(tmp_path) not in line)


def test_what_is_said_fits_any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Saved up to step 9. " * 9
    assert max(map(len, wrapped(text))) > 60
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for n_columns, at_most in ((40, 40), (200, 80)):
        monkeypatch.setenv("COLUMNS", str(n_columns))
        assert at_most - 20 < max(map(len, wrapped(text))) <= at_most


def test_a_replay_left_says_how_far(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = tmp_path / "runs"
    assert _train(tmp_path, runs) == 0
    (entry,) = list_runs(runs)
    capsys.readouterr()
    shown = SimpleNamespace(
        state=SimpleNamespace(start=SimpleNamespace(folder=str(entry.path)), step=9),
        request=SimpleNamespace(runs=str(runs)),
        viewer="replay",
    )
    session = SimpleNamespace(run=shown, key=lambda id_: {"go_on": "g"}[id_])
    leave(SimpleNamespace(session=session))  # type: ignore[arg-type]
    said = " ".join(capsys.readouterr().out.split())
    assert words("line: saved", run=entry.path.name).partition(" Go on")[0] in said
    on_screen = "press g."
    assert on_screen not in said
    shown.viewer = None
    leave(SimpleNamespace(session=session))  # type: ignore[arg-type]
    lines = capsys.readouterr().out.splitlines()
    check_words("line: how to go on", lines[-1])
    assert not any(line.startswith("Steps") for line in lines)  # all are saved
    shown.state.step = 12
    leave(SimpleNamespace(session=session))  # type: ignore[arg-type]
    (lost,) = set(capsys.readouterr().out.splitlines()) - set(lines)
    check_words("line: steps that are lost", lost)


def test_a_run_is_named_by_the_end_of_its_name_where_that_is_enough(tmp_path: Path) -> None:
    one = run(tmp_path, "a", 5)
    assert named_from_outside(one) == f"{one.name[-4:]} --runs {tmp_path}"
    run(tmp_path, "b", 5)
    assert named_from_outside(one) == f"{one.name} --runs {tmp_path}"


def test_old_runs_make_room_after_a_lesson_under_the_users_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    old = run(runs, "old", 99)
    assert _train(tmp_path, runs) == 0
    assert old.is_dir()
    monkeypatch.setenv(BUDGET_VARIABLE, "0")
    capsys.readouterr()
    assert _train(tmp_path, runs, "--json") == 0
    out, error = capsys.readouterr()
    assert out.count("\n") == 1
    size = re.findall(r"[\d.]+ MB", error)[0]
    check_words("runs: pruned", error, size=size)
    assert not old.exists()
    assert len(list_runs(runs)) == 1


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_the_app_says_on_the_terminal_where_the_lesson_is(tmp_path: Path) -> None:
    with _a_lesson_on_screen(tmp_path) as terminal:
        ends_s = time.monotonic() + PATIENCE_S
        while terminal.exit_code() is None and time.monotonic() < ends_s:
            for key in "qs":
                terminal.type(key)
                terminal.drain(0.3)
    text = terminal.output.decode(errors="replace")
    (entry,) = list_runs(tmp_path / "runs")
    said = " ".join(text[text.rindex("Saved up to step") :].split())
    assert f"as {entry.path.name}." in said
    assert f"flashcards replay {entry.path.name[-4:]}" in said


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_sigterm_leaves_the_terminal_as_it_was_and_the_run_saved(tmp_path: Path) -> None:
    with _a_lesson_on_screen(tmp_path) as terminal:
        os.kill(terminal.pid, signal.SIGTERM)
        wait_for_end(terminal, PATIENCE_S)
        assert terminal.exit_code() == 143
    _, _, after = terminal.output.decode(errors="replace").rpartition("\x1b[?1049l")
    assert words("line: saved").partition(" 9")[0] in after
    assert SIGTERM in after


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_sigterm_that_an_import_swallows_ends_the_command_after_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> str:
        with loading_torch(), contextlib.suppress(BaseException):
            os.kill(os.getpid(), signal.SIGTERM)
        return "not ended"

    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr("flashcards.cli.overview", load)
    assert main(["--help"]) == 143
    assert capsys.readouterr() == ("", f"{SIGTERM}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_sigterm_in_the_first_moments_of_a_command_ends_it_with_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("flashcards.cli.overview", lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert main(["--help"]) == 143
    assert capsys.readouterr().err == f"{SIGTERM}\n"
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals like POSIX's")
def test_a_terminal_that_vanishes_ends_the_program_and_saves(tmp_path: Path) -> None:
    deck, runs = write_capitals(tmp_path), tmp_path / "runs"
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "from flashcards.cli import main; "
        f"main(['play', {str(deck)!r}, '--speed', 'full', '--runs', {str(runs)!r}])"
    )
    terminal = Terminal([sys.executable, "-c", code], cwd=tmp_path)
    try:
        terminal.wait_for("LIVE", PATIENCE_S)
        terminal.hang_up()
        wait_until(lambda: terminal.exit_code() is not None)
        assert terminal.exit_code() == 0
    finally:
        terminal.close()
    (entry,) = list_runs(runs)
    assert main(["verify", str(entry.path)]) == 0
