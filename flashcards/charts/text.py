"""A chart for a terminal: a line for each value, with its interval."""

from __future__ import annotations

LINE, INTERVAL, VALUE, REST = "━", "╍", "◆", "·"


def share_bar(share: float, low: float, high: float, width: int) -> str:
    """A share of 0 to 1 in `width` characters: ━ up to the interval, ╍ within it, ◆ the share."""
    first, at, last = (min(width - 1, max(0, int(value * width))) for value in (low, share, high))
    cells = [LINE] * first + [INTERVAL] * (last - first + 1) + [REST] * (width - last - 1)
    cells[at] = VALUE
    return "".join(cells)
