"""Every card with its history."""

from __future__ import annotations

from flashcards.app.room import VIEWS, Key, Room

ROOM = Room(
    "cards",
    keys=(
        Key("view_cards", ("2",), "view:cards", place=200, needs="past model", footer=VIEWS).named(
            "cards",
            "Every card with its history: / filters, s sorts, enter opens one, 1 goes back.",
        ),
    ),
    views={"cards": "view:CardsView"},
)
