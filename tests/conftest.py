"""How the tests are run: in how many processes, how patiently, how often garbage is looked for."""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.once import begin_run
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from flashcards.learner.brought.base import Base
    from flashcards.learner.settings import LearnerSettings

begin_run()

gc.disable()  # until all is collected: of what is imported nothing is garbage

# What a test leaves in the user's own folder is nobody's; what is cached there changes no test
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="flashcards-tests-")
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="flashcards-tests-")

# A shell that starts the tests in the background has them ignore Ctrl-C, and what they start, too
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.default_int_handler)

# Waiting for the disk was a tenth of the time of the trainer's tests. Processes that are killed
# lose nothing by it, only a power cut would; whoever tests that the disk is full replaces it anew.
os.fsync = lambda fd: None

# Without bytecode each worker, and each process that a test starts, compiles all modules anew
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No lesson compiles kernels in the background, unless a test asks for it
os.environ["FLASHCARDS_COMPILE"] = "0"

# On a busy machine an example can take any time; others are tried each time, so a few will do
settings.register_profile("patient", deadline=None, max_examples=10)
settings.load_profile("patient")

TESTS = Path(__file__).parent.resolve()

GARBAGE = 50_000, 20, 50  # when to look for it, in objects and looks

ROUNDINGS: dict[object, str] = {}  # of learners by their settings

LIMITS = {  # seconds after which the program waits no longer; a busy machine takes longer
    "flashcards.base.child_process": "PATIENCE_S",
    "flashcards.app.decks.writing": "CUT_PATIENCE_S",
    "flashcards.app.inside.inside_view": "PATIENCE_S",
    "flashcards.app.stage.cue_checkpoints": "SAVE_PATIENCE_S",
    "flashcards.terminal.progress": "FIRST_LINE_S",
}


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: monkeypatch.setattr(os, "fsync", full)


def known_fingerprint(
    settings: LearnerSettings, n_vocabulary: int, device: str = "cpu", base: Base | None = None
) -> str:
    """Give `learner.fingerprint`'s of a learner; what this process knows of one like it is kept."""
    fingerprint = importlib.import_module("flashcards.learner.fingerprint").fingerprint
    if base is not None:
        return str(fingerprint(settings, n_vocabulary, device, base))
    key = settings, n_vocabulary, device, os.environ.get("FLASHCARDS_COMPILE")
    if key not in ROUNDINGS:
        ROUNDINGS[key] = fingerprint(settings, n_vocabulary, device)
    return ROUNDINGS[key]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Workers for `-n auto`: one more than processors, as some tests wait for other processes.
    Two quiet processors took 126 s with two workers and 117 s with three."""
    if hasattr(os, "sched_getaffinity"):
        return min(8, 1 + len(os.sched_getaffinity(0)))
    return min(8, 1 + (os.cpu_count() or 1))


def pytest_collection(session: pytest.Session) -> None:
    """Each worker imports from another file on, and finds bytecode of the others: in a fresh clone
    four workers then take 35 s of the processor to begin, not 52 s."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    folders = [Path(argument).resolve() for argument in session.config.args]
    if worker is None or folders != [TESTS]:
        return
    paths = sorted(TESTS.rglob("test_*.py"))
    first = len(paths) * int(worker[2:]) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in paths[first:] + paths[:first]:
        name = ".".join(path.relative_to(TESTS.parent).with_suffix("").parts)
        with contextlib.suppress(Exception, pytest.skip.Exception):  # to be told when collected
            importlib.import_module(name)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Be patient; look once how this machine rounds; look for garbage less often, and not in what
    was imported. Garbage took 30 % of the processor time of `pytest -n0 tests/app/test_ask.py`,
    rounding 8 % of that of the trainer's tests."""
    for module, limit in LIMITS.items():
        if module in sys.modules:
            assert hasattr(sys.modules[module], limit)
            setattr(sys.modules[module], limit, PATIENCE_S)
    for module in ("flashcards.learner.learner", "flashcards.trainer.checkpoints"):
        if module in sys.modules:
            sys.modules[module].fingerprint = known_fingerprint  # type: ignore[attr-defined]
    app = sys.modules.get("flashcards.app.app")
    if app is not None:  # an app looks for garbage of its own more often, so that no key waits
        app.GARBAGE_ONCE_LOADED = GARBAGE  # type: ignore[attr-defined]
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()
