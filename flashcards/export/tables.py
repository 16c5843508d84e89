"""A run's numbers as CSV files: steps, exams, cards."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from flashcards.export.numbers import Numbers, Steps
from flashcards.report.story import CardRecord, gather
from flashcards.runs.marks import NEARLY, NOT_ASKED, RIGHT, WRONG

EXAMS = (
    "step",
    "cards_taught",
    "train_seconds",
    "is_full",
    "part",
    "name",
    "seen_right",
    "seen_total",
    "unseen_right",
    "unseen_total",
    "seen_loss_nats",
    "unseen_loss_nats",
)
CARDS = (
    "card_index",
    "prompt",
    "answer",
    "is_held_out",
    "n_asked",
    "n_wrong",
    "first_right_step",
    "n_forgotten",
    "last_mark",
)
MARKS = {NOT_ASKED: "", WRONG: "wrong", NEARLY: "nearly", RIGHT: "right"}


def tables_of(numbers: Numbers, cards: Sequence[CardRecord]) -> dict[str, bytes]:
    """The files by name; one of cards where there are any."""
    steps = [msgspec.structs.astuple(row) for row in numbers.steps]
    exams = [
        (
            row.step,
            row.cards_taught,
            row.train_seconds,
            int(row.is_full),
            row.part,
            row.name,
            row.seen.right,
            row.seen.total,
            row.unseen.right,
            row.unseen.total,
            row.seen_loss_nats,
            row.unseen_loss_nats,
        )
        for row in numbers.exams
    ]
    files = {
        "steps.csv": _table(Steps.__struct_fields__, steps),
        "exams.csv": _table(EXAMS, exams),
    }
    if cards:
        files["cards.csv"] = _table(CARDS, map(_card, cards))
    return files


def cards_of(path: Path) -> tuple[CardRecord, ...]:
    """Each card of a run over all exams; none of a text.
    Raises RunError: its deck can't be read."""
    return gather(path).cards


def _card(card: CardRecord) -> tuple[object, ...]:
    return (
        card.card_index,
        card.prompt,
        card.answer,
        int(card.is_never_seen),
        card.n_asked,
        card.n_wrong,
        card.first_right_step,
        card.n_forgotten,
        MARKS[card.last_mark],
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8, quoted as RFC 4180 says; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
