"""Chapters of rewards on the deck `sorting`, as the real trainer told them; what is not shown is
left out."""

from pathlib import Path

from flashcards.runs import events as ev


def recorded(name: str) -> list[ev.AnyEvent]:
    """The events of `reward-NAME.jsonl`."""
    lines = Path(__file__).with_name(f"reward-{name}.jsonl").read_bytes().splitlines()
    return [*map(ev.decode, lines)]
