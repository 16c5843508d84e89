"""Two runs in a table: how far, what they score, how large their error is."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.kit.cells import Row, cut, padded
from flashcards.app.kit.numbers import count, nats, percent_right
from flashcards.app.kit.sheet import Sheet
from flashcards.app.race import words
from flashcards.runs.values import Score
from flashcards.runs.verdict import counted

COLUMN_WIDTHS = (9, 9, 19, 17, 7)
FEW_COLUMN_WIDTHS = (7, 7, 11)
MIN_NAME_WIDTH = 14


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
        is_wide = width >= MIN_NAME_WIDTH + sum(COLUMN_WIDTHS)
        names = words.RACE_COLUMNS if is_wide else words.RACE_FEW_COLUMNS
        widths = COLUMN_WIDTHS if is_wide else FEW_COLUMN_WIDTHS
        name_width = max(MIN_NAME_WIDTH, min(24, width - sum(widths)))
        head = " " * name_width + _cells(names, widths)
        rows: list[Row] = [[(cut(head, width), ".muted")]]
        for runner in view:
            cells: tuple[str, ...] = (
                count(runner.step),
                _short(runner.seen),
                _short(runner.unseen),
            )
            if is_wide:
                cells = (
                    count(runner.step),
                    count(runner.cards_taught),
                    _score(runner.seen),
                    _score(runner.unseen),
                    "" if runner.error_nats is None else nats(runner.error_nats),
                )
            name = padded(f"{runner.sign} {runner.name}", name_width)
            numbers = cut(_cells(cells, widths), width - name_width)
            rows.append([(name, runner.style), (numbers, ".strong")])
        return rows


def _cells(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return "".join(f"{cell:>{n}}" for cell, n in zip(cells, widths, strict=True))


def _short(score: Score | None) -> str:
    return "—" if score is None or score.rate is None else percent_right(score)


def _score(score: Score | None) -> str:
    if score is None or score.rate is None:
        return "—"
    return f"{percent_right(score)} {counted(score)}"
