"""What one update changed: the probability of the right answer, and that of other cards."""

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
    wrap,
)
from flashcards.base.language import tr
from flashcards.runs.values import Change, Correction, Phase, Ripple
from flashcards.wording.numbers import UNKNOWN, odds_factor, odds_pair
from flashcards.wording.updates import counts, of_all

LABEL_WIDTH = 7
WORSE_SIGN = "▾"
MIN_HEIGHT_AIRY = 8  # from so many rows on nothing stands at the upper edge


ChangeView = tuple[Correction | None, Phase | None]
"""The correction whose change is shown, and the phase it is in, None at speed."""


class ChangeSheet(Sheet[ChangeView]):
    def draw(self, view: ChangeView, width: int, height: int) -> list[Row]:
        correction, phase = view
        n_cards = 1 if correction is None else correction.n_cards
        is_known = correction is not None and correction.change is not None
        style = LIT if phase == "adjustment" else ".title" if is_known else ".muted"
        name = tr("one correction changed")
        if n_cards > 1:
            name = tr("correcting {n_cards:,} cards", n_cards=n_cards)
        title: Row = [(cut(name, width), style)]
        if correction is None or correction.change is None:
            return [[], title] if height >= MIN_HEIGHT_AIRY else [title]
        change = correction.change
        rows = [title, _probability_row(correction.answer, change, width)]
        rows.append(changed_bar(change.probability_before, change.probability_after, width))
        left = height - len(rows)
        ripples = [
            [_label(tr("helped")), *_ripples(change.helped, width - LABEL_WIDTH)],
            [_label(tr("hurt")), *_ripples(change.hurt, width - LABEL_WIDTH)],
        ]
        if left > len(ripples):
            rows.append([])
            left -= 1
        rows += ripples[:left]
        left -= len(ripples)
        if height >= MIN_HEIGHT_AIRY:
            rows.insert(0, [])
            left -= 1
        note = ""
        if n_cards > 1:
            note = tr("{n_cards:,} cards at once: its own share is not separable", n_cards=n_cards)
        for block in (
            _ripple_rows(change, width),
            [[(line, ".muted")] for line in wrap(note, width, 2)] if note else [],
        ):
            if block and left > len(block):
                rows += [[], *block]
                left -= 1 + len(block)
        return rows


def _probability_row(answer: str, change: Change, width: int) -> Row:
    probabilities = change.probability_before, change.probability_after
    before, after = odds_pair(*probabilities)
    is_worse = change.probability_after < change.probability_before
    style = ".wrong" if is_worse else ".right"
    factor = odds_factor(*probabilities)
    if factor:
        numbers: Row = [(tr("chance ×{factor}", factor=factor), style)]
    else:
        numbers = [(f"{before} ", ""), ("▸ ", ".muted"), (after, style)]
    if is_worse:
        word = f" {tr('worse')}"
        is_room = row_width(numbers) + cell_len(word) + 1 + cell_len(answer) <= width
        # the answer before the word: which card this is of can't be told otherwise
        sign = word if is_room else f" {WORSE_SIGN}"
        if row_width(numbers) + cell_len(sign) <= width:
            numbers.append((sign, ".wrong"))
    unit = "" if is_worse or factor else f" {tr('chance')}"
    if unit and row_width(numbers) + cell_len(unit) + 1 + cell_len(answer) <= width:
        numbers.append((unit, ".muted"))
    room = width - row_width(numbers) - 1
    shown = fitting(room, answer, *([] if factor else [tr("chance")]))
    gap = " " if cell_len(shown) < LABEL_WIDTH and room > LABEL_WIDTH else ""
    name = padded(shown, LABEL_WIDTH - 1) + gap if gap else f"{shown} ".lstrip()
    return [(name, ".strong"), *numbers]


def _ripple_rows(change: Change, width: int) -> list[Row]:
    rows: list[Row] = []
    sides = ((change.ripple_taught, "■", ".taught"), (change.ripple_unseen, "◆", ".unseen"))
    for side, sign, style in sides:
        if side is not None and side.n_measured:
            full, short = counts(side, has_rest=True), counts(side)
            sample = of_all(side)
            texts = (f"{full}{sample}", f"{short}{sample}", short)
            text = fitting(width - 2, *texts) or cut(short, width - 2)
            rows.append([(f"{sign} ", style), (text, "")])
    return rows


def _label(text: str) -> tuple[str, str]:
    return padded(text, LABEL_WIDTH), ".muted"


def _ripples(ripples: tuple[Ripple, ...], room: int) -> Row:
    if not ripples:
        return [(UNKNOWN, ".muted")]
    row: Row = []
    for ripple in ripples:
        sign: Row = [("◆", ".unseen")] if ripple.is_never_seen else []
        part = [*sign, (cut(ripple.prompt, room - len(sign)), ""), ("  ", "")]
        if row and row_width(row) + row_width(part) - 2 > room:
            break
        row += part
    return cut_row(row, room + 2)
