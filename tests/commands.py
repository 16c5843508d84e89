"""The program in a process of its own, as a person starts it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE_S

Ended = subprocess.CompletedProcess[str]


def run_python(*words: str, cwd: Path | None = None, **environment: str) -> Ended:
    """Run Python with these words, and these variables beside the usual ones."""
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=cwd,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def run_flashcards(*words: str, cwd: Path | None = None, **environment: str) -> Ended:
    return run_python("-m", "flashcards", *words, cwd=cwd, **environment)
