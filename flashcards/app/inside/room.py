"""The model from inside."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "inside",
    keys=(
        Key("view_inside", ("6",), "view:inside", place=240, needs="past model").named(
            "inside", "The model from inside: a map of its pieces, its weights, what it attends to."
        ),
    ),
    views={"inside": "view:InsideView"},
)
