"""A run's numbers as CSV files: steps, exams, cards."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from flashcards.export.numbers import Numbers, Steps
from flashcards.report.story import CardRecord
from flashcards.runs.marks import NEARLY, NOT_ASKED, RIGHT, WRONG
from flashcards.runs.values import Score

EXAMS = (
    *("step", "cards_taught", "train_seconds", "is_full", "part", "name"),
    *("seen_right", "seen_total", "unseen_right", "unseen_total"),
    *("seen_loss_nats", "unseen_loss_nats"),
)
CARDS = (
    *("card_index", "prompt", "answer", "is_held_out", "n_asked", "n_wrong"),
    *("first_right_step", "n_forgotten", "last_mark"),
)
MARKS = {NOT_ASKED: "", WRONG: "wrong", NEARLY: "nearly", RIGHT: "right"}


def tables_of(numbers: Numbers, cards: Sequence[CardRecord]) -> dict[str, bytes]:
    """The files by name; one of cards where there are any."""
    steps = [msgspec.structs.astuple(row) for row in numbers.steps]
    exams = [list(_cells(msgspec.structs.astuple(row))) for row in numbers.exams]
    files = {"steps.csv": _table(Steps.__struct_fields__, steps), "exams.csv": _table(EXAMS, exams)}
    if cards:
        files["cards.csv"] = _table(CARDS, map(_card, cards))
    return files


def _card(card: CardRecord) -> list[object]:
    *values, mark = dataclasses.astuple(card)
    return [*_cells(values), MARKS[mark]]


def _cells(values: Iterable[object]) -> Iterator[object]:
    """The values in the order of the columns: a score takes two, a truth is 0 or 1."""
    for value in values:
        if isinstance(value, Score):
            yield from (value.right, value.total)
        else:
            yield int(value) if isinstance(value, bool) else value


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8, quoted as RFC 4180 says; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
