"""The program as a person starts it, in a process of its own or in this one."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from flashcards.cli import main
from tests.waiting import PATIENCE_S

Ended = subprocess.CompletedProcess[str]


def run_python(
    *words: str, cwd: Path | None = None, given: str | None = None, **environment: str
) -> Ended:
    return subprocess.run(
        [sys.executable, *words],
        input=given,
        capture_output=True,
        timeout=PATIENCE_S,
        cwd=cwd,
        encoding="utf-8",
        env={**os.environ, **environment},
    )


def start_python(*words: str, encoding: str | None = "utf-8", **how: Any) -> subprocess.Popen[Any]:
    """What it says can be read from it: as text, or as bytes without an encoding."""
    command, pipe = [sys.executable, *words], subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, encoding=encoding, **how)


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
