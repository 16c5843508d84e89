"""The figures of a time machine are measured on a real one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flashcards.bench.travelling import to_random_steps
from flashcards.runs.goal import Goal
from tests.decks import write_capitals
from tests.trainer.lessons import run_lesson


@pytest.mark.slow
@pytest.mark.pair
def test_jumps_are_timed_and_say_how_many_updates_they_took(tmp_path: Path) -> None:
    opened, _ = run_lesson(write_capitals(tmp_path), tmp_path / "runs", goal=Goal(step=20))
    found = asyncio.run(to_random_steps(opened.keeper.folder.path, n_jumps=2, rest_s=0.5))
    jumps, updates = found["jumps, s"], found["updates made again"]
    assert isinstance(jumps, list)
    assert isinstance(updates, list)
    assert len(jumps) == len(updates) == 2
    assert all(seconds >= 0 for seconds in jumps)
    assert all(0 <= n < 8 for n in updates)
    assert found["50 either way, largest, ms"]
