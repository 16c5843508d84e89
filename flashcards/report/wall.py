"""Every card as a cell of one picture: where each cell is and which card it shows.

What a cell looks like is in templates/report.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flashcards.report.story import CardRecord
from flashcards.runs.marks import RIGHT

WIDTH = 900
MAX_CELLS = 1_800
SMALL, LARGE = 16.0, 30.0


@dataclass(frozen=True, slots=True)
class Wall:
    """All cells: the card that each one shows, and its middle.

    A cell of several cards shows the worst of them. `radius` is half the side of a square.
    """

    cells: tuple[tuple[CardRecord, float, float], ...]
    cards_per_cell: int
    height: float
    radius: float
    width: int = WIDTH


def wall_of(cards: Sequence[CardRecord]) -> Wall:
    """Taught cards first, then those never seen."""
    n = max(1, math.ceil(len(cards) / MAX_CELLS))
    taught = [card for card in cards if not card.is_never_seen]
    never_seen = [card for card in cards if card.is_never_seen]
    groups = [side[i : i + n] for side in (taught, never_seen) for i in range(0, len(side), n)]
    size = LARGE if len(groups) <= 200 else SMALL
    n_columns = int(WIDTH // size)
    cells = []
    for i, group in enumerate(groups):
        worst = min(group, key=lambda card: card.last_mark or RIGHT + 1)
        cells.append((worst, (i % n_columns + 0.5) * size, (i // n_columns + 0.5) * size))
    height = math.ceil(len(groups) / n_columns) * size
    return Wall(tuple(cells), n, height, size * 0.32)
