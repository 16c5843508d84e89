"""What one update changed: the right answer's probability, pushes, ripples, size."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.kit.bars import bar, changed_bar
from flashcards.app.kit.cells import LIT, Row, cut, cut_row, fitting, padded, row_width, wrap
from flashcards.app.kit.numbers import UNKNOWN, odds_pair, percent, signed, small, small_percent
from flashcards.app.kit.ripple_words import counts, of_all
from flashcards.app.kit.sheet import Sheet
from flashcards.language import tr
from flashcards.runs.values import Change, Correction, Phase, Push, Ripple

LABEL_WIDTH = 7
WORSE_SIGN = "▾"


@dataclass(frozen=True, slots=True)
class ChangeView:
    """The correction whose change is shown, and the phase it is in, None at speed."""

    correction: Correction | None = None
    phase: Phase | None = None


class ChangeSheet(Sheet[ChangeView]):
    """Title, before ▸ after, then as many facts as there are rows."""

    def draw(self, view: ChangeView, width: int, height: int) -> list[Row]:
        n_cards = 1 if view.correction is None else view.correction.n_cards
        is_lit = view.phase == "adjustment"
        is_known = view.correction is not None and view.correction.change is not None
        style = LIT if is_lit else ".title" if is_known else ".muted"
        name = tr("this correction changed")
        if n_cards > 1:
            name = tr("this batch of {n_cards:,} changed", n_cards=n_cards)
        title: Row = [(cut(name, width), style)]
        if view.correction is None or view.correction.change is None:
            return [title]
        change = view.correction.change
        rows = [title, _probability_row(view.correction.answer, change, width)]
        rows.append(changed_bar(change.probability_before, change.probability_after, width))
        left = height - 3
        details = _details(change, width, left)
        if left > len(details):
            rows.append([])
            left -= 1
        rows += details
        left -= len(details)
        note = tr("one card, raw weights")
        if n_cards > 1:
            note = tr("{n_cards:,} cards at once: its own share is not separable", n_cards=n_cards)
        for block in (
            _ripple_rows(change, width),
            [[(line, ".muted")] for line in wrap(note, width, 2)],
            _layer_rows(change, width),
        ):
            if block and left > len(block):
                rows += [[], *block]
                left -= 1 + len(block)
        return rows


def _probability_row(answer: str, change: Change, width: int) -> Row:
    before, after = odds_pair(change.probability_before, change.probability_after)
    is_worse = change.probability_after < change.probability_before
    numbers: Row = [
        (f"{before} ", ""),
        ("▸ ", ".muted"),
        (after, ".wrong" if is_worse else ".right"),
    ]
    if is_worse:
        word = f" {tr('worse')}"
        is_room = row_width(numbers) + cell_len(word) + 1 + cell_len(answer) <= width
        # the answer before the word: which card this is of can't be told otherwise
        sign = word if is_room else f" {WORSE_SIGN}"
        if row_width(numbers) + cell_len(sign) <= width:
            numbers.append((sign, ".wrong"))
    room = width - row_width(numbers) - 1
    shown = cut(answer, room) if room >= 2 else ""
    gap = " " if cell_len(shown) < LABEL_WIDTH and room > LABEL_WIDTH else ""
    name = padded(shown, LABEL_WIDTH - 1) + gap if gap else f"{shown} "
    return [(name, ".strong"), *numbers]


def _details(change: Change, width: int, n_rows: int) -> list[Row]:
    """The rows that matter most, in their order on screen, at most `n_rows`."""
    room = width - LABEL_WIDTH
    size = [(f"{tr('moved')} ", ".muted"), (small_percent(change.relative_change, 2), ".strong")]
    gradient: Row = [(f"  {tr('grad')} ", ".muted"), (small(change.gradient_norm), "")]
    if row_width(size) + row_width(gradient) <= width:
        size += gradient
    ranked: list[Row] = [
        size,
        [_label(tr("up")), *_pushes(change.up, room)],
        [_label(tr("down")), *_pushes(change.down, room)],
        [_label(tr("helped")), *_ripples(change.helped, room)],
        [_label(tr("hurt")), *_ripples(change.hurt, room)],
    ]
    kept = ranked[: max(0, n_rows)]
    return [*kept[1:], *kept[:1]]


def _layer_rows(change: Change, width: int) -> list[Row]:
    rows: list[Row] = []
    largest = max((c for c in change.layer_changes), default=0.0)
    for i, moved in enumerate(change.layer_changes):
        share = moved / largest if largest > 0 else 0.0
        text = percent(moved)
        length = width - LABEL_WIDTH - 3 - 8
        if length < 4:
            break
        label = padded(tr("layer") if i == 0 else "", LABEL_WIDTH)
        shown = bar(share, length, ".lit-text")
        rows.append([(f"{label}{i + 1:>2} ", ".muted"), *shown, (f" {text:>7}", "")])
    return rows


def _ripple_rows(change: Change, width: int) -> list[Row]:
    """How many others got better and worse, taught and never seen; of how many, on a sample."""
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


def _pushes(pushes: tuple[Push, ...], room: int) -> Row:
    row: Row = []
    for push in pushes:
        said = push.text if push.text.strip() else "␣"
        part: Row = [(cut(said, 8), ".strong"), (f" {signed(push.change)}  ", "")]
        if row_width(row) + row_width(part) - 2 > room:
            break
        row += part
    return row


def _ripples(ripples: tuple[Ripple, ...], room: int) -> Row:
    if not ripples:
        return [(UNKNOWN, ".muted")]
    row: Row = []
    for ripple in ripples:
        sign: Row = [("◆", ".unseen")] if ripple.is_held_out else []
        part = [*sign, (cut(ripple.prompt, room - len(sign)), ""), ("  ", "")]
        if row and row_width(row) + row_width(part) - 2 > room:
            break
        row += part
    return cut_row(row, room + 2)
