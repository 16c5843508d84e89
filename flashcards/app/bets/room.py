"""Bets: predict first, then see."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "bets",
    keys=(
        Key("bet", ("B",), "actions:bet", place=35, group="lesson", needs="model").named(
            "bet", "Predict what the lesson will do; it is settled when the lesson gets there."
        ),
    ),
    line="actions:line",
    on_open="actions:announce",
)
