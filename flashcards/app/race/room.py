"""A branch of the lesson, or two saved runs, side by side."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "race",
    keys=(
        Key(
            "view_race",
            ("5",),
            "view:race",
            "race",
            "The lesson and its branch side by side; enter goes on with the branch.",
            "views",
            240,
        ),
        Key(
            "branch",
            ("b",),
            "branching:branch",
            "branch",
            "Branch from the step that is shown: the same model, one thing done differently.",
            "past",
            260,
            needs="model",
        ),
        Key("take_branch", (), "branching:take", "", "", "past", 261, needs="model"),
    ),
    views={"race": "racing:make"},
)
