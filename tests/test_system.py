"""What stands in on Windows for what POSIX has, and what POSIX does."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from flashcards.base import system
from flashcards.cards.files import put
from flashcards.runs.files import write_atomically
from tests.posix import make_pipe, wait_for_end
from tests.source import PACKAGE, trees
from tests.waiting import PATIENCE_S

POSIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
POSIX_NAMES = {"killpg", "nice", "setsid", "getpgid", "setpgid", "fork", "mkfifo", "setpriority"}
posix = pytest.mark.skipif(sys.platform == "win32", reason="what POSIX does")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")


@posix
def test_a_file_is_locked_by_one_at_a_time(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as one, (tmp_path / "lock").open("ab") as other:
        system.lock(one)
        with pytest.raises(OSError, match=r"\w"):
            system.lock(other)


def test_on_windows_a_file_is_locked_by_its_first_byte(
    windows: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[int, int, int]] = []
    fake = SimpleNamespace(LK_NBLCK=2, locking=lambda *words: asked.append(words))
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    with (tmp_path / "lock").open("ab") as file:
        system.lock(file)
        assert asked == [(file.fileno(), 2, 1)]


@posix
def test_a_pipe_or_device_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    make_pipe(pipe)
    for path in (pipe, Path(os.devnull)):
        with pytest.raises(OSError, match="a device, a pipe or a socket"):
            write_atomically(path, b"text")
    with pytest.raises(OSError, match="a device, a pipe or a socket"):
        put(b"text", pipe, is_forced=True)
    assert [pipe] == list(tmp_path.iterdir())
    assert pipe.is_fifo()


def test_the_priority_is_lowered_and_on_windows_left(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("what POSIX does")
    code = "import os; from flashcards.base.system import lower_priority; lower_priority(3)"
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}; print(os.nice(0))"], capture_output=True, check=True
    )
    assert int(ended.stdout) == os.nice(0) + 3
    monkeypatch.setattr(sys, "platform", "win32")
    before = os.nice(0)
    system.lower_priority(3)
    assert os.nice(0) == before


@posix
@pytest.mark.parametrize("is_asked", [False, True])
def test_a_program_ends_with_what_it_started(is_asked: bool) -> None:
    inner = "import time; time.sleep(60)"
    code = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {inner!r}])\n"
        "print(child.pid, flush=True)\nchild.wait()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        system.end_group(process.pid, is_asked=is_asked)
        assert process.wait(PATIENCE_S) < 0
    wait_for_end(child)
    system.end_group(process.pid)  # nothing is left to end


def test_on_windows_the_whole_tree_is_ended(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: ran.append(words))
    system.end_group(123)
    assert ran == [("taskkill", "/T", "/F", "/PID", "123")]


def test_a_file_is_read_as_bytes_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a\r\n\x1ab")
    with system.open_at_once(tmp_path / "a") as file:
        assert file.read() == b"a\r\n\x1ab"
    with pytest.raises(FileNotFoundError):
        system.open_at_once(tmp_path / "b")


def test_on_windows_there_is_no_terminal_to_keep_or_to_open(windows: None) -> None:
    with system.terminal_modes_kept():
        pass
    with pytest.raises(OSError, match="no pseudo-terminals"):
        system.open_terminal(80, 24)


def test_the_modes_of_a_terminal_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("what POSIX does")
    import termios
    import tty

    ours, theirs = system.open_terminal(100, 30)
    assert os.get_terminal_size(theirs) == (100, 30)
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr(sys, "__stdin__", stdin)
        before = termios.tcgetattr(theirs)
        with system.terminal_modes_kept():
            tty.setraw(theirs)
            assert termios.tcgetattr(theirs) != before
        assert termios.tcgetattr(theirs) == before
    os.close(ours)


def test_nothing_else_imports_or_calls_what_only_posix_has() -> None:
    found = set()
    for path, tree in trees().items():
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    used = {name.name for name in names} & POSIX_ONLY
                case ast.ImportFrom(module=str(module)):
                    used = {module} & POSIX_ONLY
                case ast.Attribute(value=ast.Name(id="os"), attr=name):
                    used = {name} & POSIX_NAMES
                case _:
                    continue
            found |= {(path, name) for name in used}
    allowed = {("base/persons_program.py", "resource")}
    assert {place for place in found if place[0] != "base/system.py"} == allowed


def test_the_current_folder_is_never_code(tmp_path: Path) -> None:
    for module in ("random", "json", "msgspec", "sitecustomize", "flashcards"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('the folder was run')")
    ended = subprocess.run(
        system.python("-m", "flashcards.cards.followed", "a.deck"),
        input=b"not a card\n",
        capture_output=True,
        cwd=tmp_path,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"no-separator" in ended.stdout


def test_only_one_function_starts_processes_of_this_program() -> None:
    named = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "sys.executable" in path.read_text(encoding="utf-8")
    }
    assert named == {"base/system.py"}
