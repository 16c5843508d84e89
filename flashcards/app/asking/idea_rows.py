"""How the answer to one prompt came about: what each saved state says to it, a row a state.

Where there are more states than rows, those stay at which the answer became another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flashcards.app.widgets.cells import MUTED, Row, cut, padded, row_width
from flashcards.base.language import tr
from flashcards.runs.values import Mark
from flashcards.wording.lesson import MARK_SIGNS, nothing
from flashcards.wording.numbers import count, percent

MARKS: dict[Mark, tuple[str, str]] = {
    "right": (MARK_SIGNS["right"], "bold $text-success"),
    "nearly": (MARK_SIGNS["nearly"], "bold $text-warning"),
    "wrong": (MARK_SIGNS["wrong"], "bold $text-error"),
}
NO_MARK = (" ", "bold $text-primary")
PERCENT_WIDTH = 8
ANSWER_SHARE = 3
"""Answers take up to a third of the width."""


@dataclass(frozen=True)
class Moment:
    """What was said at one step, and how sure the model was of it, 0 to 1.

    `mark` is None where no card says what is right.
    """

    step: int
    answer: str
    mark: Mark | None
    probability: float = 0.0


def idea_rows(moments: Sequence[Moment], width: int, height: int) -> list[Row]:
    """A heading; step, answer, whether it is right, and how sure, of as many states as fit."""
    if not moments or height < 2:
        return []
    kept, step = pick(moments, height - 1), tr("step")
    step_width = max(len(step), *(len(count(moment.step)) for moment in kept))
    longest = max(len(moment.answer or nothing()) for moment in kept)
    answer_width = min(max(6, longest), width // ANSWER_SHARE)
    heading = f"{step:>{step_width}}  {padded(tr('says'), answer_width)}    {tr('how sure')}"
    rows = [_row(moment, step_width, answer_width, width) for moment in kept]
    return [[(padded(heading, width), MUTED)], *rows]


def _row(moment: Moment, step_width: int, answer_width: int, width: int) -> Row:
    sign, style = NO_MARK if moment.mark is None else MARKS[moment.mark]
    answer = cut(moment.answer or nothing(), answer_width)
    row: Row = [
        (f"{count(moment.step):>{step_width}}  ", MUTED),
        (padded(answer, answer_width), style if moment.mark == "right" else "bold"),
        (f" {sign}  ", style),
        (padded(percent(moment.probability), PERCENT_WIDTH), MUTED),
    ]
    room = width - row_width(row)
    if room >= 4:
        n_full = min(room, max(0, round(moment.probability * room)))
        row += [("━" * n_full, style), ("─" * (room - n_full), "$track")]
    return row


def pick(moments: Sequence[Moment], n: int) -> list[Moment]:
    """At most `n` of them, in order.

    The first and the newest, then those that say something else than the one before, the newest of
    these first, then others, spread evenly.
    """
    if len(moments) <= n:
        return list(moments)
    last = len(moments) - 1
    turns = [i for i in range(last, 0, -1) if moments[i].answer != moments[i - 1].answer]
    chosen = dict.fromkeys([last, 0, *turns][:n])
    rest = [i for i in range(len(moments)) if i not in chosen]
    n_more = n - len(chosen)
    for k in range(n_more):
        chosen[rest[k * len(rest) // n_more]] = None
    return [moments[i] for i in sorted(chosen)]
