"""Saved runs of made-up decks, for the tests of what is offered and opened."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flashcards.runs import values as val
from flashcards.runs.folder import FORMAT, RunFolder, RunInfo
from flashcards.runs.summary import RunSummary, save_summary


def a_run(root: Path, deck: str = "past-tense", step: int = 1284) -> Path:
    """A saved run of the deck, as a run folder."""
    info = RunInfo(
        format=FORMAT,
        run="",
        deck=deck,
        deck_name=deck,
        deck_sha256="0" * 64,
        deck_path=f"{deck}.deck",
        seed=1,
        device="cpu",
        started="2026-11-24T09:00:00+00:00",
        settings={},
        versions={},
        machine="",
    )
    folder = RunFolder.create(
        root,
        info,
        deck_file=f"{deck}.deck",
        deck_bytes=b"a :: b\n",
        tokenizer_model=b"",
        now=datetime(2026, 11, 24, 9, tzinfo=UTC),
    )
    save_summary(folder, RunSummary(step=step, seen=val.Score(50, 50), unseen=val.Score(0, 20)))
    folder.release()
    return folder.path
