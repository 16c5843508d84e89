"""Two runs in a table: how far, what they score, how large their error is."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.app.widgets.sheet import Sheet
from flashcards.base.language import tr
from flashcards.runs.events import ExamTaken
from flashcards.runs.values import Score
from flashcards.runs.verdict import counted
from flashcards.wording.numbers import count, nats, percent_right

COLUMN_WIDTHS = (9, 9, 19, 17, 7)
FEW_COLUMN_WIDTHS = (7, 7, 11)
MIN_NAME_WIDTH = 14


@dataclass(frozen=True, slots=True)
class Runner:
    """One of the two. `name` begins with the sign of its curve, `style` is that curve's."""

    name: str
    style: str
    step: int
    cards_taught: int
    exam: ExamTaken | None

    def cells(self, *, is_wide: bool) -> tuple[str, ...]:
        """Step, cards, both scores and the error; step and both scores where that is too much."""
        scores = (None, None) if self.exam is None else (self.exam.seen, self.exam.unseen)
        shown = [_score(score, is_wide=is_wide) for score in scores]
        if not is_wide:
            return (count(self.step), *shown)
        error = "" if self.exam is None else nats(self.exam.seen_loss_nats)
        return (count(self.step), count(self.cards_taught), *shown, error)


class RaceTable(Sheet[tuple[Runner, ...]]):
    """A line of headings, a line for each."""

    def draw(self, view: tuple[Runner, ...], width: int, height: int) -> list[Row]:
        is_wide = width >= MIN_NAME_WIDTH + sum(COLUMN_WIDTHS)
        heads: tuple[str, ...] = (tr("step"), tr("SEEN"), tr("NEVER SEEN"))
        if is_wide:
            heads = (heads[0], tr("cards"), *heads[1:], tr("error"))
        widths = COLUMN_WIDTHS if is_wide else FEW_COLUMN_WIDTHS
        name_width = max(MIN_NAME_WIDTH, min(24, width - sum(widths)))
        rows: list[Row] = [[(cut(" " * name_width + _line(heads, widths), width), ".muted")]]
        for runner in view:
            numbers = cut(_line(runner.cells(is_wide=is_wide), widths), width - name_width)
            rows.append([(padded(runner.name, name_width), runner.style), (numbers, ".strong")])
        return rows


def _line(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return "".join(f"{cell:>{n}}" for cell, n in zip(cells, widths, strict=True))


def _score(score: Score | None, *, is_wide: bool) -> str:
    if score is None or score.rate is None:
        return "—"
    return f"{percent_right(score)} {counted(score)}" if is_wide else percent_right(score)
