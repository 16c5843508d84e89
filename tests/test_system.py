"""What stands in on Windows for what POSIX has, and what POSIX does."""

import ast
import os
import socket
import subprocess
import sys
import time
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

from flashcards.base import system
from flashcards.base.files import Refused, put
from flashcards.cards import own_decks
from flashcards.runs.deck_versions import as_file_name
from flashcards.runs.run_files import write_atomically
from flashcards.talks.directives import read_directive
from flashcards.talks.talk import Teach
from tests.golden import check_words, raises_words, words
from tests.posix import make_pipe, wait_for_end
from tests.source import PACKAGE, trees
from tests.terminal import open_terminal
from tests.waiting import PATIENCE_S

POSIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
POSIX_NAMES = {
    "killpg",
    "kill",
    "nice",
    "setsid",
    "getpgid",
    "setpgid",
    "fork",
    "mkfifo",
    "setpriority",
    "sched_getaffinity",
    "getuid",
    "geteuid",
    "sysconf",
    "getloadavg",
    "uname",
    "statvfs",
}
SIGNALS = {"SIGINT", "SIGTERM", "SIG_IGN", "SIG_DFL"}  # those that Windows has, too

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
        with raises_words(OSError, "file: a device"):
            write_atomically(path, b"text")
    with raises_words(OSError, "file: a device"):
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


def test_on_windows_there_is_no_terminal_to_keep(windows: None) -> None:
    with system.terminal_modes_kept():
        pass


def test_the_modes_of_a_terminal_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("what POSIX does")
    import termios
    import tty

    ours, theirs = open_terminal(100, 30)
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
                case ast.Attribute(value=ast.Name(id="signal"), attr=name):
                    used = {name} if name.startswith("SIG") and name not in SIGNALS else set()
                case ast.keyword(arg="preexec_fn" | "pass_fds" as name):
                    used = {name}
                case _:
                    continue
            found |= {(path, name) for name in used}
    allowed = {("base/persons_program.py", "resource")}
    assert {place for place in found if place[0] != "base/system.py"} == allowed


@pytest.mark.slow
def test_text_is_read_and_written_in_an_encoding_that_is_named() -> None:
    """Else it is that of the system: on Windows, before Python 3.15, mostly cp1252."""
    found = []
    for path, tree in trees().items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            named = {keyword.arg for keyword in call.keywords}
            match call.func:
                case ast.Name(id="open"):
                    modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
                    is_text = not any("b" in ast.unparse(mode) for mode in modes)
                    is_text &= not any(isinstance(mode, ast.Name) for mode in modes)
                case ast.Attribute(attr="write_text"):
                    is_text = len(call.args) < 2
                case ast.Attribute(value=ast.Call(func=ast.Name(id="Path")), attr="read_text"):
                    is_text = not call.args
                case ast.Attribute(attr="run" | "Popen"):
                    is_text = "text" in named
                case _:
                    continue
            if is_text and "encoding" not in named:
                found.append(f"{path}:{call.lineno}")
    assert found == []


@pytest.mark.parametrize("name", ["con", "NUL", "Aux.verbs", "com1", "lpt9 .x", "conin$"])
def test_a_deck_gets_no_name_that_windows_keeps_for_itself(name: str, tmp_path: Path) -> None:
    with raises_words(Refused, "new: a name that Windows keeps", name=name):
        own_decks.new_deck(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a\\b", "c:verbs", "..\\verbs", "C:\\verbs", "what?"])
def test_a_deck_gets_no_name_with_what_parts_a_path_on_windows(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="A name"):
        own_decks.new_deck(name, tmp_path)


@pytest.mark.parametrize("deck", ["con", "NUL", "a\\b", "c:x", "..\\..\\x", 'a"<b>|*?', "aux.b"])
def test_a_runs_folder_has_a_name_that_windows_takes(deck: str) -> None:
    """It begins with the date, so it is never a reserved one."""
    name = f"2026-11-28-{as_file_name(deck)}-7f3a"
    assert PureWindowsPath(name).parts == (name,)
    assert not set(name) & set('\\/:*?"<>|')


def test_shown_commands_are_quoted_for_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert system.shell_quoted("my runs") == "'my runs'"
    monkeypatch.setattr(sys, "platform", "win32")
    assert system.shell_quoted("C:\\Users\\me\\runs") == "C:\\Users\\me\\runs"
    assert system.shell_quoted("C:\\my runs") == '"C:\\my runs"'


def test_a_path_of_windows_stays_whole_in_a_talk() -> None:
    directive = read_directive("teach decks\\mine.deck seed=3", 1)
    assert isinstance(directive, Teach)
    assert directive.deck == "decks\\mine.deck"


class Busy:
    """`os.replace` where another program has a file open for so many tries."""

    def __init__(self, n_tries: int) -> None:
        self.n_left, self.waits_s = n_tries, list[float]()

    def replace(self, source: str, target: str) -> None:
        self.n_left -= 1
        if self.n_left >= 0:
            raise PermissionError(13, "Access is denied", source, 5, str(target))
        os.rename(source, target)


@pytest.fixture
def busy(windows: None, monkeypatch: pytest.MonkeyPatch) -> Busy:
    busy = Busy(3)
    monkeypatch.setattr(os, "replace", busy.replace)
    monkeypatch.setattr(time, "sleep", busy.waits_s.append)
    return busy


@posix
def test_on_windows_an_open_file_is_replaced_later(busy: Busy, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert busy.waits_s == list(system.TRIES_S[:3])
    busy.n_left = 1
    put(b"newer", path, is_forced=True)
    assert path.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_on_windows_a_file_that_stays_open_is_said(busy: Busy, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    busy.n_left = 1_000
    with pytest.raises(PermissionError) as caught:
        write_atomically(path, b"new")
    assert caught.value.filename == str(path)
    check_words("file: open elsewhere", caught.value.strerror or "")
    with raises_words(Refused, "file: not saved", path=path, reason=words("file: open elsewhere")):
        own_decks.save(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    assert sum(busy.waits_s) < 5


@posix
def test_a_refusal_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    busy = Busy(1_000)
    monkeypatch.setattr(os, "replace", busy.replace)
    with pytest.raises(PermissionError, match="Access is denied"):
        write_atomically(tmp_path / "a", b"text")
    assert busy.n_left == 999


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_without_utf8_gets_every_line(encoding: str, tmp_path: Path) -> None:
    deck = tmp_path / "straße.deck"
    deck.write_text("🍎 :: apple → Apfel\nnot a card …\n日本 :: Tōkyō\n", encoding="utf-8")
    code = (
        "import os, sys\nfrom flashcards.cli import main\n"
        f"deck, runs = {str(deck)!r}, {str(tmp_path / 'runs')!r}\n"
        "for words in (['--help'], ['decks'], ['check', deck, '--explain'], ['check', '日本'], "
        "['runs', '--runs', runs], ['import', deck, '--from', 'table'], ['what', '→']):\n"
        "    code = main(words)\n"
        "    os.write(1, b'code %d\\n' % code)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=PATIENCE_S,
    )
    said, errors = ended.stdout.decode(encoding), ended.stderr.decode(encoding)
    assert "Traceback" not in errors
    assert "Error" not in errors
    assert ended.returncode == 0
    assert said.count("code ") == 7
    assert "no-separator" in said


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


@pytest.mark.skipif(sys.platform != "linux", reason="the name of this machine's own interface")
def test_this_machines_addresses_have_the_names_of_their_interfaces() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        assert dict(system.interfaces(probe))["127.0.0.1"] == "lo"
