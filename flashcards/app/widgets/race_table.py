"""Two runs in a table: how far, what they score, how large their error is."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app import travel_words as words
from flashcards.app.numbers import count, nats
from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.app.widgets.sheet import Sheet
from flashcards.runs.values import Score

COLUMN_WIDTHS = (9, 9, 19, 17, 7)


@dataclass(frozen=True, slots=True)
class Runner:
    """One of the two. `style` and `sign` are those of its curve."""

    name: str
    sign: str
    style: str
    step: int
    cards_taught: int
    seen: Score | None
    unseen: Score | None
    error_nats: float | None


class RaceTable(Sheet[tuple[Runner, ...]]):
    """A line of headings, a line for each."""

    def draw(self, view: tuple[Runner, ...], width: int, height: int) -> list[Row]:
        name_width = max(12, min(24, width - sum(COLUMN_WIDTHS)))
        headings = zip(words.RACE_COLUMNS, COLUMN_WIDTHS, strict=True)
        head = " " * name_width + "".join(f"{name:>{n}}" for name, n in headings)
        rows: list[Row] = [[(cut(head, width), ".muted")]]
        for runner in view:
            cells = (
                count(runner.step),
                count(runner.cards_taught),
                _score(runner.seen),
                _score(runner.unseen),
                "" if runner.error_nats is None else nats(runner.error_nats),
            )
            numbers = "".join(f"{c:>{n}}" for c, n in zip(cells, COLUMN_WIDTHS, strict=True))
            name = padded(f"{runner.sign} {runner.name}", name_width)
            rows.append([(name, runner.style), (cut(numbers, width - name_width), ".strong")])
        return rows


def _score(score: Score | None) -> str:
    if score is None or score.rate is None:
        return "—"
    return f"{score.rate:.0%} {score.right:,}/{score.total:,}".replace("%", " %")
