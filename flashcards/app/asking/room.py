"""Asking the model, and pins."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "asking",
    keys=(
        Key("ask", ("a",), "dialog:ask", place=270, needs="past model", footer=True).named(
            "ask", "Ask the model anything, at any time. Asking changes nothing."
        ),
        Key("ask_past", (), "dialog:ask_past", needs="past model"),
        Key("pin", ("p",), "prompts:pin", place=280, needs="model").named(
            "pin",
            "Pin the card that is shown, or unpin it: asked again at every exam; a shows "
            "its answers.",
        ),
    ),
)
