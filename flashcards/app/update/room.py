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
            "phase",
            "Walk one update: the next card, held at each phase. Again: the next phase.",
            "lesson",
            60,
            args=(1,),
            needs="past model",
        ),
        Key(
            "phase_before",
            ("comma",),
            "actions:walk",
            "phase before",
            "Look at the phase before, of the same update.",
            "lesson",
            70,
            args=(-1,),
            needs="past model",
        ),
        Key(
            "view_update",
            ("4",),
            "view:update",
            "update",
            "One update, phase by phase: . walks on, , looks back, enter goes deeper.",
            "views",
            220,
            is_shown=True,
            footer_group=VIEWS,
        ),
    ),
    views={"update": "view:make"},
)
