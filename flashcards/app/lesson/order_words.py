"""The orders cards are given out in, as a person reads them."""

from __future__ import annotations

from flashcards.language import say
from flashcards.runs.values import OrderName

ORDERS: dict[OrderName, str] = {
    "shuffled": say("shuffled"),
    "hardest": say("hardest first"),
    "boxes": say("Leitner boxes"),
    "deck": say("deck order"),
}
ORDER_MEANINGS: dict[OrderName, str] = {
    "shuffled": say("every card once a round, in random order"),
    "hardest": say("what it gets wrong comes more often"),
    "boxes": say("a right answer puts a card in a box that is asked less often"),
    "deck": say("as they stand in the deck file"),
}


def order(name: OrderName) -> str:
    """What `o` says after it was pressed."""
    return say(
        "Order of cards: {order} ({meaning})",
        order=ORDERS[name],
        meaning=ORDER_MEANINGS[name],
    )
