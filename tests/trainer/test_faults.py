"""What goes wrong around a run: killed processes, damaged files, full disks, clocks that jump."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashcards.runs.events import DamageFound, RunResumed
from flashcards.trainer.ending import Goal
from tests.decks import write_capitals
from tests.trainer.lessons import run_lesson


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


def damage(path: Path) -> None:
    """One byte in the middle of the file is another."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_resume_point_is_passed_over_said_and_set_aside(deck: Path) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(steps=60))
    first, _ = run_lesson(deck, deck.parent / "b", goal=Goal(steps=40))
    folder = first.keeper.folder
    step, newest = folder.state_files()[-1]
    assert step == 40
    damage(newest)
    again, watched = run_lesson(
        deck, deck.parent / "b", goal=Goal(steps=60), resume=str(folder.path)
    )
    (resumed,), (found,) = watched.of(RunResumed), watched.of(DamageFound)
    assert (resumed.step, found.step) == (32, 32)
    assert "step 40 is damaged" in found.text
    assert "step 32" in found.text
    assert found.file == newest.name
    assert not newest.exists()
    assert newest.with_name(f"{newest.name}.damaged").exists()
    assert again.taught.learner.weights_sha256() == whole.taught.learner.weights_sha256()
    assert found in folder.events()
