"""The program as a person starts it, in a process of its own or in this one."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

from flashcards.cli import main
from tests.waiting import PATIENCE_S

Ended = subprocess.CompletedProcess[str]


def run_python(*words: str, cwd: Path | None = None, **environment: str) -> Ended:
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


def here(*words: str) -> tuple[int, str, str]:
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, out.getvalue(), error.getvalue()
