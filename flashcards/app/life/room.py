"""A model taught one deck after another: remedies against forgetting, and what they do."""

from __future__ import annotations

from functools import partial

from flashcards.app.room import Key, Room

LIFE_KEY = partial(Key, group="lesson", needs="model")

ROOM = Room(
    "life",
    keys=(
        LIFE_KEY(
            "rehearse", ("R",), "actions:next_rehearsal", place=112, offered="actions:is_later"
        ).named(
            "rehearse",
            "In a second deck: 0, 10 or 50 % of the cards are old ones, so that they are not "
            "forgotten.",
        ),
        LIFE_KEY(
            "learns", ("P",), "actions:next_part", place=114, offered="actions:is_later"
        ).named(
            "part",
            "In a second deck: the whole model learns, its last layer alone, or an adapter "
            "beside it.",
        ),
        LIFE_KEY(
            "adapter", ("A",), "actions:switch_adapter", place=116, offered="actions:has_adapter"
        ).named("adapter", "Take the adapter off, and the old model is back bit for bit; or on."),
    ),
    line="actions:line",
    on_open="actions:warn_of_both",
)
