"""Where bets stand on bars and charts."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.app.widgets.cells import Row
from flashcards.app.widgets.plot import merged
from flashcards.app.widgets.share_chart import Line
from flashcards.base.language import tr
from flashcards.runs.bets import Bet
from flashcards.runs.values import BetSide

SIGN = "◎"
"""A bet, wherever it is painted."""

STYLE = ".lit-text"


def share_of(bets: Sequence[Bet], side: BetSide) -> float | None:
    """The newest share that was predicted of a side, 0 to 1."""
    said = [bet.placed.share for bet in bets if not bet.is_void and bet.placed.bet.side == side]
    return next((share for share in reversed(said) if share is not None), None)


def marked(bar: Row, share: float | None, width: int) -> Row:
    """The bar of so many cells with the sign where that share ends."""
    if share is None or width < 1:
        return bar
    cells = [(char, style) for text, style in bar for char in text]
    cells[min(len(cells), width) - 1 if share >= 1 else round(share * (width - 1))] = (SIGN, STYLE)
    return merged(cells)


def lines(bets: Sequence[Bet], last_step: int) -> tuple[Line, ...]:
    """A dotted line across a chart of shares: what was predicted of the never seen, or the seen."""
    both = [share_of(bets, "unseen"), share_of(bets, "seen")]
    share = next((one for one in both if one is not None), None)
    if share is None:
        return ()
    points = ((0, share), (max(1, last_step), share))
    return (Line(f"{SIGN} {tr('your bet')}", points, STYLE, "┈", dash=(1, 3)),)
