"""The sentences of the deck doctor's view."""

from __future__ import annotations

from flashcards.language import say

TITLE = say("Deck doctor")
CHANGE = say("what to change, what to expect")
FOUND = say("what is in the deck")
NOTHING = say("nothing to change")
RULE = say("rule")
NOT_ASKED_YET = say("the lesson itself will show it: no card has been asked yet")


def version(number: int, of: int) -> str:
    """Which version of a deck that was changed meanwhile."""
    return say(" · version {number} of {n}", number=number, n=of)


def more(n: int) -> str:
    """How many lines are below."""
    return say("↓ {n} more line", n=n) if n == 1 else say("↓ {n} more lines", n=n)


def examining(seconds: int) -> str:
    """While the deck is read, after so long."""
    if seconds < 3:
        return say("reading the deck…")
    return say(
        "reading the deck… {seconds} s so far; the lesson goes on meanwhile", seconds=seconds
    )
