"""What the fuzzer of run folders found (`tests/runs/fuzz.py`), and a short run of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flashcards.cli import main
from tests.waiting import PATIENCE_S


def test_a_talk_that_names_a_deck_longer_than_any_file_is_a_mistake_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = tmp_path / "talk.md"
    talk.write_text(f"# One\n---\n```flashcards\nteach {'x' * 300}.deck\n```\n", encoding="utf-8")
    assert main(["talk", str(talk), "--check"]) == 1
    assert f"{talk}:4: error: no deck" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_twenty_seconds_of_the_fuzzer_find_nothing() -> None:
    words = ("-m", "tests.runs.fuzz", "--minutes", "0.33", "--seed", "7")
    ended = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=10 * PATIENCE_S,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " commands in " in ended.stdout
