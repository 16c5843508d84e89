"""Bars made of characters: a share, a share that changed, a column; bets on them, and marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from flashcards.app.widgets.cells import Row
from flashcards.app.widgets.plot import merged
from flashcards.app.widgets.share_chart import Curve
from flashcards.base.language import tr
from flashcards.runs.bets import Bet
from flashcards.runs.values import BetSide
from flashcards.wording.lesson import HISTORY_MARKS

EXPECTED, UNSURE = 0.5, 0.1
"""A piece with at least this probability was expected; with less than the other, a surprise."""

MARK_STYLES = {"r": ".right", "n": ".nearly", "w": ".wrong"}


def bar(share: float | None, width: int, style: str, *, is_rounded: bool = False) -> Row:
    """A share of 0 to 1 as a line of `width` cells. Full only when it is 1, empty only when 0.

    `is_rounded`: empty, too, when it is hardly any: a chance of 1 in 100 million is none to see.
    """
    if share is None or not math.isfinite(share):
        return [("─" * width, ".track")]
    filled = _cells(share, width)
    filled = min(filled, round(share * width)) if is_rounded else filled
    return [("━" * filled, style), ("─" * (width - filled), ".track")]


def changed_bar(before: float, after: float, width: int) -> Row:
    """Where a share was and where it went: arrows to the right for a gain, left for a loss.

    Of shares that are hardly any it is empty, or nearly full of those that are nearly all.
    """
    if not (math.isfinite(before) and math.isfinite(after)):
        return [("─" * width, ".track")]
    first, last = (min(_cells(share, width), round(share * width)) for share in (before, after))
    if last >= first:
        row = [("━" * first, ".taught"), ("▸" * (last - first), ".right")]
    else:
        row = [("━" * last, ".taught"), ("◂" * (first - last), ".wrong")]
    return [*row, ("─" * (width - max(first, last)), ".track")]


def column(share: float, n_rows: int) -> list[str]:
    """A share of 0 to 1 as `n_rows` characters, top first. Never quite empty; above 1 is 1."""
    eighths = 8 * n_rows if math.isinf(share) else round(min(1.0, max(0.0, share)) * 8 * n_rows)
    eighths = max(1, eighths)
    return [" ▁▂▃▄▅▆▇█"[min(8, max(0, eighths - 8 * row))] for row in reversed(range(n_rows))]


def surprise_style(probability: float) -> str:
    """A right piece that was expected, one of several, or a surprise."""
    if probability >= EXPECTED:
        return ".right"
    return ".nearly" if probability >= UNSURE else ".wrong"


def history_marks(history: str, width: int) -> Row:
    """The newest marks that fit, the very newest at the right."""
    row: Row = [(" " * (width - len(history)), "")]
    for letter, run in groupby(history[max(0, len(history) - width) :]):
        row.append((HISTORY_MARKS.get(letter, "?") * len(list(run)), MARK_STYLES.get(letter, "")))
    return row


def _cells(share: float, width: int) -> int:
    share = min(1.0, max(0.0, share))
    cells = round(share * width)
    if share < 1 and cells == width:
        return max(0, width - 1)
    return 1 if share > 0 and cells == 0 and width else cells


SIGN = "◎"
"""A bet, wherever it is painted."""

STYLE = ".lit-text"


def share_of(bets: Sequence[Bet], side: BetSide) -> float | None:
    """The newest share that was predicted of a side, 0 to 1."""
    said = [bet.placed.share for bet in bets if not bet.is_void and bet.placed.bet.side == side]
    return next((share for share in reversed(said) if share is not None), None)


def marked(bar: Row, share: float | None, width: int) -> Row:
    if share is None or width < 1:
        return bar
    cells = [(char, style) for text, style in bar for char in text]
    cells[min(len(cells), width) - 1 if share >= 1 else round(share * (width - 1))] = (SIGN, STYLE)
    return merged(cells)


def lines(bets: Sequence[Bet], last_step: int) -> tuple[Curve, ...]:
    """A dotted line across a chart of shares: what was predicted of the never seen, or the seen."""
    both = [share_of(bets, "unseen"), share_of(bets, "seen")]
    share = next((one for one in both if one is not None), None)
    if share is None:
        return ()
    points = ((0, share), (max(1, last_step), share))
    return (Curve(f"{SIGN} {tr('your bet')}", points, STYLE, "┈", dash=(1, 3)),)
