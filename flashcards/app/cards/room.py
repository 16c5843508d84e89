"""Every card with its history."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "cards",
    keys=(
        Key("view_cards", ("2",), "view:cards", place=200, needs="past model").named(
            "cards",
            "Every card with its history: / filters, s sorts, enter opens one, 1 goes back.",
        ),
    ),
    views={"cards": "view:CardsView"},
)
