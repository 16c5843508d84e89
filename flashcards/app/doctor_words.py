"""The sentences of the deck doctor's view."""

from __future__ import annotations

TITLE = "Deck doctor"
CHANGE = "what to change, what to expect"
FOUND = "what is in the deck"
NOTHING = "nothing to change"
RULE = "rule"
NOT_ASKED_YET = "the lesson itself will show it: no card has been asked yet"


def more(n: int) -> str:
    """How many lines are below."""
    return f"↓ {n} more line{'' if n == 1 else 's'}"


def examining(seconds: int) -> str:
    """While the deck is read, after so long."""
    if seconds < 3:
        return "reading the deck…"
    return f"reading the deck… {seconds} s so far; the lesson goes on meanwhile"
