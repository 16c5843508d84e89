"""The differences of POSIX and Windows; each function works on both. Standard library only. Two
things stay elsewhere: the limits of `persons_program.py`, which runs without this package, and the
allocator's in `learner/fingerprint.py`, which are glibc's."""

import contextlib
import errno
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO


def python(*arguments: str) -> tuple[str, ...]:
    """The command that starts another process of this program: with `-P` nothing is imported from
    the user's folder, so a stranger's `random.py` beside a deck is never run."""
    return (sys.executable, "-P", *arguments)


def n_cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_bytes() -> int | None:
    """Memory to be had without moving others to disk; None where no file of the system says so."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def interfaces(probe: socket.socket) -> Iterator[tuple[str, str]]:
    """This machine's IPv4 addresses, each with its interface's name, on Windows without."""
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            yield from (
                (address, "") for address in socket.gethostbyname_ex(socket.gethostname())[2]
            )
        return
    import fcntl

    get_address = 0x8915 if sys.platform == "linux" else 0xC0206921  # SIOCGIFADDR
    for _, name in socket.if_nameindex():
        with contextlib.suppress(OSError):  # it has no address
            reply = fcntl.ioctl(probe, get_address, name.encode()[:15].ljust(256, b"\0"))
            yield socket.inet_ntoa(reply[20:24]), name


def lower_priority(niceness: int) -> None:
    """Let other processes have the cores first; on Windows the priority stays as it is."""
    if sys.platform != "win32":
        os.nice(niceness)


def refuse_device(path: Path) -> None:
    """Make sure that a file can be put in this one's place: who may write to `/dev` would replace
    `/dev/null` for everybody.
    Raises OSError: a device, a pipe or a socket is there."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is a device, a pipe or a socket; name a file", str(path))


TRIES_S = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)  # waits while another program has a file open


def replace(source: Path | str, target: Path | str) -> None:
    """Put a file in another's place, or a folder where none is; on Windows tried for 1.5 s while
    one is open. Raises OSError: as `os.replace` does; of an open file with a sentence."""
    _tried(lambda: os.replace(source, target), target)


def remove(path: Path) -> None:
    """Delete a file, if there is one; tried again as in `replace`. Raises OSError: it stays."""
    _tried(lambda: path.unlink(missing_ok=True), path)


def _tried(work: Callable[[], object], path: Path | str) -> None:
    for wait_s in TRIES_S if sys.platform == "win32" else ():
        try:
            work()
            return
        except PermissionError:
            time.sleep(wait_s)
    try:
        work()
    except PermissionError as error:
        if sys.platform != "win32":
            raise
        reason = "another program has it open, or it can't be written"
        raise PermissionError(errno.EACCES, reason, str(path)) from error


def shell_quoted(word: str) -> str:
    """A word as the system's shell takes it, in a command that is shown to be copied."""
    if sys.platform != "win32":
        return shlex.quote(word)
    is_plain = word and not set(word) & set(" \t'\"&|<>^%()!;,`$@{}")
    return word if is_plain else '"' + word.replace('"', '""') + '"'


RENAMES_OPEN_FILES = sys.platform != "win32"  # or a folder with one in it


def written_at_s(status: os.stat_result) -> float:
    """Return when a file was last written, in seconds of the system's clock. Its own time can say
    anything, as an archive's does; on POSIX it is never later than the last change on this disk."""
    return status.st_mtime if sys.platform == "win32" else min(status.st_mtime, status.st_ctime)


def lock(file: BinaryIO) -> None:
    """Lock without waiting, until the process ends. Raises OSError: another has locked it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def open_at_once(path: Path | str) -> BufferedReader:
    """Open without waiting for the other end of a named pipe. Raises as `open` does."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    return open(path, "rb", opener=lambda name, _: os.open(name, flags))


def end_group(pid: int, *, is_asked: bool = False) -> None:
    """End a process that was started as a session of its own, and whatever it started. `is_asked`:
    whether they may end in order (SIGTERM); Windows ends them at once."""
    if sys.platform == "win32":
        import subprocess

        words = ("taskkill", "/T", "/F", "/PID", str(pid))
        subprocess.run(words, capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGTERM if is_asked else signal.SIGKILL)


@contextlib.contextmanager
def terminal_modes_kept() -> Iterator[None]:
    """Put the terminal's modes back as they were; a Windows console's reader sets its own."""
    if sys.platform == "win32" or sys.__stdin__ is None:
        yield
        return
    import termios

    try:
        fd = sys.__stdin__.fileno()
        before = termios.tcgetattr(fd)
    except (termios.error, OSError, ValueError):
        yield
        return
    yield
    with contextlib.suppress(termios.error):
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


def has_hung_up(fd: int, timeout_s: float) -> bool:
    """Wait so long, and tell whether the other end of this terminal went away; on Windows never."""
    if sys.platform == "win32":
        time.sleep(timeout_s)
        return False
    import select

    poll = select.poll()
    poll.register(fd, 0)  # what hung up is told in any case
    return any(event & select.POLLHUP for _, event in poll.poll(timeout_s * 1000))
