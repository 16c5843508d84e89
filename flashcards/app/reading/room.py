"""A text being read, shown instead of the lesson where a run reads one."""

from __future__ import annotations

from flashcards.app.room import Room

ROOM = Room("reading", views={"reading": "view:ReadingView"})
