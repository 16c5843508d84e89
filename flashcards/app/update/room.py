"""One update, walked phase by phase."""

from __future__ import annotations

from flashcards.app.room import VIEWS, Key, Room

ROOM = Room(
    "update",
    keys=(
        Key(
            "phase_next",
            ("full_stop",),
            "actions:walk",
            (1,),
            place=60,
            group="lesson",
            needs="past model",
        ).named(
            "phase", "Walk one update: the next card, held at each phase. Again: the next phase."
        ),
        Key(
            "phase_before",
            ("comma",),
            "actions:walk",
            (-1,),
            place=70,
            group="lesson",
            needs="past model",
        ).named("phase before", "Look at the phase before, of the same update."),
        Key("view_update", ("4",), "view:update", place=220, footer=VIEWS).named(
            "update", "One update, phase by phase: . walks on, , looks back, enter goes deeper."
        ),
    ),
    views={"update": "view:make"},
)
