"""The people in the room: they follow the lesson on their phones and send questions."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "audience",
    keys=(
        Key("room", ("Q",), "actions:room", place=335, group="stage").named(
            "room", "Show the lesson on phones in the room, and look at the questions they send."
        ),
    ),
    on_open="actions:follow",
)
"""Q for questions; S is the measurement of more data."""
