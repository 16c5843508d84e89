"""What tests do that Windows can't; there the test that asks for it is skipped."""

import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import pytest

from tests.waiting import wait_until


def make_pipe(path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no named pipes among its files")
    os.mkfifo(path)


def send_signal(pid: int, name: Literal["KILL", "STOP", "CONT", "USR2"]) -> None:
    if sys.platform == "win32":
        pytest.skip(f"Windows has no SIG{name}")
    os.kill(pid, getattr(signal, f"SIG{name}"))


def cores_of(pid: int) -> list[int]:
    """Numbers of the cores that the process may run on; 0 is the calling process."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells a process's cores")
    return sorted(os.sched_getaffinity(pid))


def keep_to(pid: int, cores: Collection[int]) -> None:
    """Let the process run on these cores alone; 0 is the calling process."""
    if sys.platform != "linux":
        pytest.skip("only Linux keeps a process to some cores")
    os.sched_setaffinity(pid, cores)


def is_running(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return fields[0] != "Z"


def wait_for_end(pid: int) -> None:
    """Return when the process has ended; AssertionError after `PATIENCE_S` seconds."""
    wait_until(lambda: not is_running(pid), f"process {pid} did not end")


def is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
