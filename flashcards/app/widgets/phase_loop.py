"""The loop in six words. One is lit while it is really happening; at speed a counter turns."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.widgets.cells import LIT, Row, Sheet, fitting, row_width, spread
from flashcards.base.language import tr
from flashcards.runs.values import PHASES, Phase
from flashcards.wording import lesson

TURNS = "◐◓◑◒"


@dataclass(frozen=True, slots=True)
class LoopView:
    """`phase` is None at speed; then one correction of `n_corrections` is shown (None: unknown).
    Of one alone nothing is said.

    `turns` counts what goes by, so that the wheel turns only as fast as training does.
    """

    phase: Phase | None = None
    n_corrections: int | None = None
    turns: int = 0


class LoopWords(Sheet[LoopView]):
    """DATA ▸ MODEL ▸ PREDICTION ▸ ERROR ▸ ADJUSTMENT ▸ REPEAT."""

    def draw(self, view: LoopView, width: int, height: int) -> list[Row]:
        row: Row = []
        for phase in PHASES:
            if row:
                row.append(("▸", ".muted"))
            style = LIT if phase == view.phase else ".muted"
            row.append((f" {tr(lesson.PHASES[phase][0])} ", style))
        if row_width(row) > width:
            row = _only(view.phase)
        room = width - row_width(row) - 2
        if view.phase is not None or view.n_corrections in (None, 1):
            return [row]
        texts = (
            "showing one of {n_corrections:,} cards",
            "one of {n_corrections:,} cards",
            "one of {n_corrections:,}",
        )
        n = view.n_corrections
        text = fitting(room - 2, *(tr(text, n_corrections=n) for text in texts))
        if not text:
            return [row]
        wheel = TURNS[view.turns % len(TURNS)]
        return [spread(row, [(f"{wheel} ", ".lit-text"), (f"{text} ", ".muted")], width)]


def _only(phase: Phase | None) -> Row:
    """What is left of the loop where six words do not fit: the one that is lit."""
    if phase is None:
        return []
    place = PHASES.index(phase) + 1
    return [(f" {tr(lesson.PHASES[phase][0])} ", LIT), (f" {place}/{len(PHASES)}", ".muted")]
