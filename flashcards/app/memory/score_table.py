"""Who answers how much: the model, its twin and the rivals, SEEN beside NEVER SEEN."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import Row, cut, padded
from flashcards.app.widgets.sheet import Sheet
from flashcards.base.language import tr
from flashcards.runs.values import Score
from flashcards.wording import lesson
from flashcards.wording.numbers import percent_right

NAME_WIDTH = 30
NARROW = 60
"""Below it a name has a third of the width."""

PERCENT_WIDTH = 5
COUNTS_FROM_HALF = 36
"""Half of the width, from which on it is also said how many of how many."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """One line of the table; None where it was not asked, `remark` instead of missing scores."""

    name: str
    seen: Score | None = None
    unseen: Score | None = None
    is_model: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TableView:
    """All lines, the model first. `has_never_seen`: whether there is anything never seen."""

    answerers: tuple[Answerer, ...] = ()
    has_never_seen: bool = True


class ScoreTable(Sheet[TableView]):
    """A heading, then a line each: two bars on one scale, so that the gap can be seen."""

    def draw(self, view: TableView, width: int, height: int) -> list[Row]:
        n_name = _name_width(width)
        half = (width - n_name - 2) // 2
        heading: Row = [
            (" " * n_name, ""),
            (padded(tr("■ SEEN"), half), ".taught"),
            ("  ", ""),
            (cut(tr("◆ NEVER SEEN"), half), ".unseen"),
        ]
        return [heading, *(_line(one, view, half, width) for one in view.answerers)]


def _name_width(width: int) -> int:
    return NAME_WIDTH if width >= NARROW else width // 3


def _line(one: Answerer, view: TableView, half: int, width: int) -> Row:
    n_name = _name_width(width)
    name: Row = [(padded(one.name, n_name), ".strong" if one.is_model else "")]
    if one.remark:
        return [*name, (cut(one.remark, width - n_name), ".muted")]
    seen = _share(one.seen, half, ".taught" if one.is_model else ".muted", tr("not asked yet"))
    missing = tr("not asked yet") if view.has_never_seen else tr("all are taught")
    unseen = _share(one.unseen, half, ".unseen" if one.is_model else ".muted", missing)
    return [*name, *seen, ("  ", ""), *unseen]


def _share(score: Score | None, width: int, style: str, missing: str) -> Row:
    if score is None or score.total == 0:
        return [(padded(f"{'–':>{PERCENT_WIDTH}}  {missing}", width), ".muted")]
    counts = lesson.right_of(score) if width >= COUNTS_FROM_HALF else ""
    n_counts = max(16, len(counts)) if counts else 0
    length = max(3, width - PERCENT_WIDTH - 1 - n_counts)
    return [
        (f"{percent_right(score):>{PERCENT_WIDTH}} ", ".strong"),
        *bar(score.rate, length, style),
        (f"{counts:>{n_counts}}", ".muted"),
    ]
