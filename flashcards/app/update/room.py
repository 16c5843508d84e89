"""One update, walked phase by phase."""

from __future__ import annotations

from functools import partial

from flashcards.app.room import Key, Room

PHASE_KEY = partial(Key, group="lesson", needs="past model")

ROOM = Room(
    "update",
    keys=(
        PHASE_KEY("phase_next", ("full_stop",), "actions:walk", (1,), place=60).named(
            "phase", "Walk one update: the next card, held at each phase. Again: the next phase."
        ),
        PHASE_KEY("phase_before", ("comma",), "actions:walk", (-1,), place=70).named(
            "phase before", "Look at the phase before, of the same update."
        ),
        Key("view_update", ("4",), "view:update", place=220).named(
            "update", "One update, phase by phase: . walks on, , looks back, enter goes deeper."
        ),
    ),
    views={"update": "view:UpdateView"},
)
