"""Saved runs of made-up decks, for the tests of what is offered and opened."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.runs import events as ev, values as val
from flashcards.runs.catalog import RunSummary, save_summary
from tests.written_run import written_run


def a_run(root: Path, deck: str = "past-tense", step: int = 1284, has_ended: bool = False) -> Path:
    folder = written_run(root, deck, seed=1)
    seen, unseen = val.Score(50, 50), val.Score(0, 20)
    save_summary(folder, RunSummary(step=step, seen=seen, unseen=unseen, has_ended=has_ended))
    folder.release()
    return folder.path


def logged(root: Path, happened: Sequence[ev.AnyEvent]) -> list[ev.AnyEvent]:
    """The events as they are told of a saved run, whose log they are."""
    run = a_run(root)
    told: list[ev.AnyEvent] = []
    for event in happened:
        if isinstance(event, ev.RunStarted):
            event = msgspec.structs.replace(event, folder=str(run))
        elif isinstance(event, ev.ChapterBegan):
            start = msgspec.structs.replace(event.start, folder=str(run))
            event = msgspec.structs.replace(event, start=start)
        told.append(event)
    (run / "events.jsonl").write_bytes(b"".join(map(ev.encode, told)))
    return told
