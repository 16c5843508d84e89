"""Asking the model, and pins."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "asking",
    keys=(
        Key(
            "ask",
            ("a",),
            "actions:ask",
            "ask",
            "Ask the model anything, at any time. Asking changes nothing.",
            "asking",
            270,
            needs="past model",
            is_shown=True,
        ),
        Key("ask_past", (), "actions:ask_past", "", "", "asking", 275, needs="past model"),
        Key(
            "pin",
            ("p",),
            "actions:pin",
            "pin",
            "Pin the card that is shown, or unpin it: asked again at every exam; "
            "a shows its answers.",
            "asking",
            280,
            needs="model",
        ),
    ),
)
