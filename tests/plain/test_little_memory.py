"""A lesson, a question and `verify` need less address space than a small server gives to one user,
which is what `ulimit -v` and batch systems limit."""

import json
import sys
from pathlib import Path

import pytest

from tests.commands import run_python
from tests.decks import write_capitals

LIMIT_BYTES = 3_000_000 * 1024  # of which they need some 1.2 GB, with torch and the kernels
PROGRAM = f"""
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT_BYTES}, {LIMIT_BYTES}))
from flashcards.cli import main
deck, runs = sys.argv[1:]
assert main(["train", deck, "--steps", "30", "--runs", runs]) == 0
(run,) = map(str, Path(runs).iterdir())
print("then")
assert main(["ask", run, "France"]) == 0
print("then")
assert main(["verify", run, "--json"]) == 0
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows don't limit address space")
def test_a_lesson_ask_and_verify_work_in_3_gb_of_address_space(tmp_path: Path) -> None:
    ended = run_python("-c", PROGRAM, str(write_capitals(tmp_path)), str(tmp_path / "runs"))
    assert ended.returncode == 0, ended.stderr
    _, asked, verified = ended.stdout.split("then\n")
    assert asked
    report = json.loads(verified)
    assert (report["is_same"], report["differences"]) == (True, [])
