"""Versions of the program are timed in turn, each in a process of its own."""

import pytest

from tests.commands import run_python
from tests.source import ROOT


@pytest.mark.slow
def test_a_version_is_timed_against_itself() -> None:
    trees = (str(ROOT), f"{ROOT},newton_schulz_steps=5")
    words = ("-m", "tools.side_by_side", "apple", "2", *trees, "--blocks", "2", "--updates", "1")
    ended = run_python(*words, cwd=ROOT)
    first, second = ended.stdout.splitlines()
    assert first.endswith(str(ROOT))
    assert "of the first 1.000, 1.000 to 1.000" in first
    assert second.endswith(",newton_schulz_steps=5")
    assert float(second.split()[0]) > 0
