"""A lesson, a question and `verify` need less address space than a small server gives to one user,
which is what `ulimit -v` and batch systems limit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.decks import write_capitals

LIMIT_BYTES = 3_000_000 * 1024  # of which they need some 1.2 GB, with torch and the kernels
PROGRAM = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT_BYTES}, {LIMIT_BYTES}))
from flashcards.cli import main
sys.exit(main(sys.argv[1:]))
"""


def run(*words: str) -> str:
    command = (sys.executable, "-c", PROGRAM, *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows don't limit address space")
def test_a_lesson_ask_and_verify_work_in_3_gb_of_address_space(tmp_path: Path) -> None:
    runs = str(tmp_path / "runs")
    run("train", str(write_capitals(tmp_path)), "--steps", "30", "--runs", runs)
    (folder,) = (tmp_path / "runs").iterdir()
    assert run("ask", str(folder), "France")
    report = json.loads(run("verify", str(folder), "--json"))
    assert (report["is_same"], report["differences"]) == (True, [])
