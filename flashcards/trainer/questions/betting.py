"""A bet as it is asked for becomes one as it is logged: its words safe, its numbers possible."""

from __future__ import annotations

import math

import msgspec

from flashcards.cards.printable import printable
from flashcards.runs.bets import CHOICES
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import BetPlaced

MAX_WORDS = 300
"""Characters of the asker's own words."""


def placed(command: PlaceBet, step: int) -> BetPlaced | None:
    """The bet that is asked for, its words made safe; None where it is none of its kind."""
    bet, share, choice = command.bet, command.share, command.choice
    known = CHOICES[bet.kind]
    if (choice not in known) if known else (share is None or not 0 <= share <= 1):
        return None
    if not 0.0 < bet.factor <= 1e6 or not _can_be(bet.at_seconds) or not _can_be(bet.at_step):
        return None
    texts = {name: _safe(getattr(bet, name)) for name in ("prompt", "answer", "text", "because")}
    names = (_safe(bet.names[0]), _safe(bet.names[1]))
    return BetPlaced(
        step=step,
        bet=msgspec.structs.replace(bet, names=names, **texts),
        share=None if known else share,
        choice=choice if known else None,
        hands=tuple(min(max(n, 0), 100_000) for n in command.hands[: len(known)]),
    )


def _can_be(moment: float | None) -> bool:
    return moment is None or (math.isfinite(moment) and 0 <= moment <= 1e9)


def _safe(text: str) -> str:
    return printable(text)[:MAX_WORDS]
