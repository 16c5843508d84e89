"""Every card as a cell of an SVG: filled when right, hollow when wrong, a diamond when held out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flashcards.charts.lettering import escaped, number
from flashcards.report.story import CardRecord
from flashcards.runs.marks import NEARLY, NOT_ASKED, RIGHT

WIDTH = 900
MAX_CELLS = 1_800
SMALL, LARGE = 16.0, 30.0
PAINTS = {
    "w-right": 'fill="#0072B2" stroke="#0072B2"',
    "w-nearly": 'fill="none" stroke="#0072B2"',
    "w-wrong": 'fill="none" stroke="#b3261e"',
    "u-right": 'fill="#C44E00" stroke="#C44E00"',
    "u-wrong": 'fill="none" stroke="#C44E00"',
}
"""For a reader that doesn't apply the page's styles to pictures."""


def cards_a_cell(n_cards: int) -> int:
    """How many cards a cell stands for."""
    return max(1, math.ceil(n_cards / MAX_CELLS))


def wall(cards: Sequence[CardRecord], label: str) -> str:
    """The picture; of several cards in a cell the worst is drawn. Cells of few cards say which."""
    share = cards_a_cell(len(cards))
    taught = [card for card in cards if not card.is_held_out]
    held_out = [card for card in cards if card.is_held_out]
    cells = [side[i : i + share] for side in (taught, held_out) for i in range(0, len(side), share)]
    size = LARGE if len(cells) <= 200 else SMALL
    n_columns = int(WIDTH // size)
    height = math.ceil(len(cells) / n_columns) * size
    parts = [
        f'<svg class="wall" viewBox="0 0 {WIDTH} {number(height)}" role="img" '
        f'aria-label="{escaped(label)}">'
    ]
    for i, cell in enumerate(cells):
        x, y = (i % n_columns + 0.5) * size, (i // n_columns + 0.5) * size
        worst = min(cell, key=lambda card: card.last_mark or RIGHT + 1)
        parts.append(_cell(worst, x, y, size * 0.32, is_named=share == 1))
    return "".join([*parts, "</svg>"])


def _cell(card: CardRecord, x: float, y: float, r: float, *, is_named: bool) -> str:
    name = f"<title>{escaped(f'{card.prompt} → {card.answer}')}</title>" if is_named else ""
    if card.last_mark == NOT_ASKED:
        return f'<circle class="w-none" cx="{number(x)}" cy="{number(y)}" r="1.8">{name}</circle>'
    if card.is_held_out:
        style = "u-right" if card.last_mark == RIGHT else "u-wrong"
        d = number(1.25 * r)
        shape = f"M{number(x)} {number(y - 1.25 * r)}l{d} {d}l-{d} {d}l-{d} -{d}z"
        return f'<path class="{style}" {PAINTS[style]} d="{shape}">{name}</path>'
    is_nearly = card.last_mark == NEARLY
    style = "w-right" if card.last_mark == RIGHT else "w-nearly" if is_nearly else "w-wrong"
    r = r * 0.6 if is_nearly else r
    return (
        f'<rect class="{style}" {PAINTS[style]} x="{number(x - r)}" y="{number(y - r)}" '
        f'width="{number(2 * r)}" height="{number(2 * r)}">{name}</rect>'
    )
