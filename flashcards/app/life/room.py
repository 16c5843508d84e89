"""A model taught one deck after another: remedies against forgetting, and what they do."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "life",
    keys=(
        Key(
            "rehearse",
            ("R",),
            "actions:next_rehearsal",
            place=112,
            group="lesson",
            needs="model",
            offered="actions:is_later",
        ).named(
            "rehearse",
            "In a second deck: 0, 10 or 50 % of the cards are old ones, so that they are not "
            "forgotten.",
        ),
        Key(
            "learns",
            ("P",),
            "actions:next_part",
            place=114,
            group="lesson",
            needs="model",
            offered="actions:is_later",
        ).named(
            "part",
            "In a second deck: the whole model learns, its last layer alone, or an adapter "
            "beside it.",
        ),
        Key(
            "adapter",
            ("A",),
            "actions:switch_adapter",
            place=116,
            group="lesson",
            needs="model",
            offered="actions:has_adapter",
        ).named("adapter", "Take the adapter off, and the old model is back bit for bit; or on."),
    ),
    line="line:line",
    on_open="actions:warn_of_both",
)
