"""What several tests begin with is made once in a test run: by one worker, while others wait."""

import atexit
import contextlib
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from flashcards.base.system import lock
from tests.waiting import PATIENCE_S

T = TypeVar("T")
VARIABLE = "FLASHCARDS_TESTS_MADE"  # holds the folder of a test run, whose workers inherit it


def begin_run() -> None:
    """Make the folder, unless this is a worker; it is deleted when this process ends."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="flashcards-made-")
        atexit.register(shutil.rmtree, os.environ[VARIABLE], ignore_errors=True)


def once(make: Callable[..., T], *of: str) -> T:
    """What `make` gives for its own folder and these words, for all workers to copy, not alter."""
    root = Path(os.environ[VARIABLE])
    name = ".".join((make.__module__, make.__qualname__, *of))
    kept = root / f"{name}.pickle"
    with locked(name):
        if not kept.exists():
            made = make(Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root)), *of)
            kept.write_bytes(pickle.dumps(made))
    found: T = pickle.loads(kept.read_bytes())
    return found


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep other workers out; OSError when another has been in for `PATIENCE_S` seconds."""
    deadline = time.monotonic() + PATIENCE_S
    with (Path(os.environ[VARIABLE]) / f"{name}.lock").open("wb") as file:
        while True:
            try:
                lock(file)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield
