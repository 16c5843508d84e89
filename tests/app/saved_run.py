"""Saved runs of made-up decks, for the tests of what is offered and opened."""

from __future__ import annotations

from pathlib import Path

from flashcards.runs import values as val
from flashcards.runs.summary import RunSummary, save_summary
from tests.written_run import written_run


def a_run(root: Path, deck: str = "past-tense", step: int = 1284) -> Path:
    """A saved run of the deck, as a run folder."""
    folder = written_run(root, deck, seed=1)
    save_summary(folder, RunSummary(step=step, seen=val.Score(50, 50), unseen=val.Score(0, 20)))
    folder.release()
    return folder.path
