"""The change by one update: of the probability of the right answer, and that of other cards."""

from rich.cells import cell_len

from flashcards.app.widgets.bars import changed_bar
from flashcards.app.widgets.cells import (
    LIT,
    Row,
    Sheet,
    cut,
    cut_row,
    fitting,
    padded,
    row_width,
)
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs.values import Change, Correction, Phase, Ripple
from flashcards.wording import updates
from flashcards.wording.facts import quoted
from flashcards.wording.numbers import UNKNOWN, count, in_percent, odds_apart

MIN_HEIGHT_AIRY = 8  # from so many rows on nothing stands at the upper edge


ChangeView = tuple[Correction | None, Phase | None, int | None]
"""The correction whose change is shown; the phase it is in, None at speed; and its step, where that
is not the one in the top line."""


class ChangeSheet(Sheet[ChangeView]):
    def draw(self, view: ChangeView, width: int, height: int) -> list[Row]:
        correction, phase, step = view
        is_known = correction is not None and correction.change is not None
        style = LIT if phase == "adjustment" else ".title" if is_known else ".muted"
        name = fitting(width, tr("what this step changed"), tr("what changed"))
        if step is not None:
            at_step = tr("what step {step} changed", step=count(step))
            name = fitting(width, at_step, tr("what changed"))
        title: Row = [(name, style)]
        if correction is None or correction.change is None:
            return [[], title] if height >= MIN_HEIGHT_AIRY else [title]
        change = correction.change
        rows = [title, *_chance_rows(correction, change, width)]
        others = [[(tr("other cards"), ".muted")], *_other_rows(change, width)]
        n_over = len(rows) + len(others) + (height >= MIN_HEIGHT_AIRY) - height
        rows += others if n_over <= 0 else others[1:] if n_over == 1 else []
        return [[], *rows] if height >= MIN_HEIGHT_AIRY else rows


def _chance_rows(correction: Correction, change: Change, width: int) -> list[Row]:
    """Say whether the right answer became more likely, and how likely it was and is."""
    probabilities = change.probability_before, change.probability_after
    direction = tr("as likely as before")
    style = ".title"
    if probabilities[1] > probabilities[0]:
        direction = f"▲ {tr('more likely')}"
        style = ".right"
    elif probabilities[1] < probabilities[0]:
        direction = f"▼ {tr('less likely')}"
        style = ".wrong"
    answer = printable(correction.answer) + updates.end_counted(correction)
    word: Row = [(fitting(width, f"{direction}: {answer}", direction), style)]
    before, after = odds_apart(*probabilities)
    chance_rows: list[Row] = [[(before, ""), (" ▸ ", ".muted"), (after, style)]]
    if probabilities[0] == probabilities[1]:
        chance_rows = [[(before, "")]]
    if cell_len(before) + cell_len(after) + 3 > width:
        chance_rows = [[(before, "")], [("▸ ", ".muted"), (after, style)]]
    if row_width(word) + row_width(chance_rows[0]) + 2 <= width:
        word = [*word, ("  ", ""), *chance_rows[0]]
        chance_rows = chance_rows[1:]
    if in_percent(*probabilities):
        chance_rows.append(changed_bar(*probabilities, width))
    return [word, *chance_rows]


def _other_rows(change: Change, width: int) -> list[Row]:
    """The cards whose right answers the same step made more and less likely, most first."""
    names = tr("better"), tr("worse")
    label = max(map(cell_len, names)) + 1
    lists = change.helped, change.hurt
    return [
        [(padded(name, label), ".muted"), *_ripples(ripples, width - label)]
        for name, ripples in zip(names, lists, strict=True)
    ]


def _ripples(ripples: tuple[Ripple, ...], room: int) -> Row:
    if not ripples:
        return [(UNKNOWN, ".muted")]
    row: Row = []
    for ripple in ripples:
        sign: Row = [("◆", ".unseen")] if ripple.is_never_seen else []
        part = [*sign, (quoted(cut(ripple.prompt, room - len(sign) - 2)), ""), ("  ", "")]
        if row and row_width(row) + row_width(part) - 2 > room:
            break
        row += part
    return cut_row(row, room + 2)
