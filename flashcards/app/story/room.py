"""The story so far: what happened in this lesson, as a list."""

from __future__ import annotations

from flashcards.app.room import VIEWS, Key, Room

ROOM = Room(
    "story",
    keys=(
        Key("view_story", ("8",), "view:story", place=250, footer=VIEWS).named(
            "story", "What happened so far, one line a marker; enter goes to that step."
        ),
    ),
    views={"story": "view:StoryView"},
)
