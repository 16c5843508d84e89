"""One thing that is not as it was written, and the values that facts are made of."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from flashcards.runs import events
from flashcards.trainer.training_state import LessonMemory

Leaf = float | int | str | bool | None
Fact = events.AnyEvent | LessonMemory

MismatchKind = Literal[
    "value",
    "only_in_log",
    "missing_in_log",
    "out_of_order",
    "damaged_line",
    "summary",
    "weights",
    "unnamed_weights",
    "unreached_state",
    "damaged_state",
    "state_part",
    "asked_again",
    "other_marks",
    "other_end",
    "other_state",
    "gone_line",
    "cut_log",
    "another_deck",
    "unnamed_state",
]


class Mismatch(msgspec.Struct, frozen=True):
    """One thing that is not as it was written.
    `what`: the kind of fact, with the path of its value, or the file.
    `was`: a value in the run, `now` when repeated; "" for other kinds of differences.
    `by`: how far two numbers, or the weights farthest from each other, are apart."""

    kind: MismatchKind
    step: int
    what: str
    was: str = ""
    now: str = ""
    by: float | None = None


def leaves(fact: Fact) -> dict[str, Leaf]:
    """Return every number, text and truth in a fact, by its path."""

    def walk(value: object, path: str) -> Iterator[tuple[str, Leaf]]:
        if isinstance(value, dict):
            for name, part in value.items():
                yield from walk(part, f"{path}.{name}" if path else str(name))
        elif isinstance(value, list | tuple):
            for place, part in enumerate(value):
                yield from walk(part, f"{path}[{place}]")
        elif value is None or isinstance(value, int | float | str | bool):
            yield path, value

    parts = msgspec.to_builtins(fact)
    return dict(walk({k: v for k, v in parts.items() if k not in ("kind", "step")}, ""))


def is_number(value: Leaf) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
