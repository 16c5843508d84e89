"""Chapters of rewards as they were told by the real trainer: the numbers of the golden pictures.

What is not shown is left out. Not a test:

    flashcards train sorting --until unseen=0.5
    flashcards reward sorting --after RUN --judge in-order --steps 80
    python -m tests.app.reward_recorded RUN tests/app/reward-hole.jsonl
"""

import sys
from pathlib import Path

import msgspec

from flashcards.runs import events as ev

FOLDER = Path(__file__).parent
KEPT = (
    ev.ChapterBegan,
    ev.ExamTaken,
    ev.PracticeChanged,
    ev.RecipeChanged,
    ev.StepsTaken,
    ev.TriesRewarded,
)


def recorded(name: str) -> list[ev.AnyEvent]:
    """The events of `reward-NAME.jsonl`."""
    lines = (FOLDER / f"reward-{name}.jsonl").read_bytes().splitlines()
    return [event for event in map(ev.decode, lines) if event is not None]


def _left(events: list[ev.AnyEvent]) -> list[ev.AnyEvent]:
    """What the pictures need: of all updates but the last the exploits alone."""
    kept = [event for event in events if isinstance(event, (ev.RunStarted, *KEPT))]
    last = max(i for i, event in enumerate(kept) if isinstance(event, ev.TriesRewarded))
    return [
        msgspec.structs.replace(event, groups=(), prompts=(), rewards=())
        if isinstance(event, ev.TriesRewarded) and i != last
        else event
        for i, event in enumerate(kept)
    ]


if __name__ == "__main__":
    log = Path(sys.argv[1]) / "events.jsonl"
    told = [event for event in map(ev.decode, log.read_bytes().splitlines()) if event is not None]
    Path(sys.argv[2]).write_bytes(b"".join(map(ev.encode, _left(told))))
