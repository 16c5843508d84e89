"""Versions of the program are timed in turn, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import flashcards
from tests.waiting import PATIENCE_S

HERE = Path(flashcards.__file__).parent.parent


@pytest.mark.slow
def test_a_version_is_timed_against_itself() -> None:
    trees = (str(HERE), f"{HERE},newton_schulz_steps=5")
    command = (sys.executable, "-m", "tools.side_by_side", "apple", "2", *trees)
    ended = subprocess.run(
        (*command, "--blocks", "2", "--updates", "1"),
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE,
        timeout=PATIENCE_S,
    )
    first, second = ended.stdout.splitlines()
    assert first.endswith(str(HERE))
    assert "of the first 1.000, 1.000 to 1.000" in first
    assert second.endswith(",newton_schulz_steps=5")
    assert float(second.split()[0]) > 0
