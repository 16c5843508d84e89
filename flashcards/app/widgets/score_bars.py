"""The two scores, one above the other so that their difference can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app import words
from flashcards.app.numbers import percent_right
from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import Row, padded
from flashcards.app.widgets.sheet import Sheet
from flashcards.runs.events import Score


@dataclass(frozen=True, slots=True)
class ScoresView:
    """None until asked. `is_sample`: graded on part of the deck; `n_held_out`: None until known."""

    seen: Score | None = None
    unseen: Score | None = None
    n_held_out: int | None = None
    is_sample: bool = False


class ScoreBars(Sheet[ScoresView]):
    """SEEN above NEVER SEEN, on one scale."""

    def draw(self, view: ScoresView, width: int, height: int) -> list[Row]:
        seen = _row(words.SEEN, view.seen, ".taught", words.NOT_ASKED_YET, view, width)
        missing = words.NONE_HELD_OUT if view.n_held_out == 0 else words.NOT_ASKED_YET
        unseen = _row(words.NEVER_SEEN, view.unseen, ".unseen", missing, view, width)
        return [seen, unseen]


def _row(
    name: str, score: Score | None, style: str, missing: str, view: ScoresView, width: int
) -> Row:
    label: Row = [(padded(name, 13), style)]
    if score is None or score.total == 0:
        return [*label, (f"  –    {missing}", ".muted")]
    counts = words.right_of(score)
    if view.is_sample:
        counts = words.right_in_sample(score, is_short=width < 100)
    n_counts = max(14, len(counts))
    length = max(4, width - 13 - 7 - 1 - n_counts)
    return [
        *label,
        (f"{percent_right(score):>5}  ", ".strong"),
        *bar(score.rate, length, style),
        (f" {counts:>{n_counts}}", ".muted"),
    ]
