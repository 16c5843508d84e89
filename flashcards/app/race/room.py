"""A branch of the lesson, or two saved runs, side by side."""

from __future__ import annotations

from flashcards.app.room import Key, Room

ROOM = Room(
    "race",
    keys=(
        Key("view_race", ("5",), "view:race", place=230).named(
            "race", "The lesson and its branch side by side; enter goes on with the branch."
        ),
        Key("branch", ("b",), "branching:branch", place=260, group="past", needs="model").named(
            "branch",
            "Branch from the step that is shown: the same model, one thing done differently.",
        ),
        Key("take_branch", (), "branching:take", needs="model"),
    ),
    views={"race": "view:RaceView"},
)
