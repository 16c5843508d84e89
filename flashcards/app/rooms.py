"""The rooms of the app, and the one table of all their keys."""

from __future__ import annotations

import importlib

from textual.binding import Binding

from flashcards.app.room import Key, Room
from flashcards.language import say

NAMES = (
    "lesson",
    "past",
    "cards",
    "memory",
    "update",
    "race",
    "inside",
    "asking",
    "stage",
    "decks",
    "help",
)

ROOMS: tuple[Room, ...] = tuple(
    importlib.import_module(f"{__package__}.{name}.room").ROOM for name in NAMES
)
OWNERS: dict[str, Room] = {key.id: room for room in ROOMS for key in room.keys}
BY_ID: dict[str, Key] = {key.id: key for room in ROOMS for key in room.keys}
KEYS: tuple[Key, ...] = tuple(
    sorted((key for key in BY_ID.values() if key.keys), key=lambda key: key.place)
)
VIEWS: dict[str, tuple[Room, str]] = {
    name: (room, factory) for room in ROOMS for name, factory in room.views.items()
}


def bindings() -> list[Binding]:
    """The table as Textual takes it, in the user's language."""
    return [
        Binding(
            ",".join(key.keys),
            key.does.removeprefix("app:") if key.does.startswith("app:") else f"do('{key.id}')",
            say(key.label),
            show=key.is_shown,
            tooltip=say(key.tooltip),
            id=key.id,
            group=_group(key.footer_group),
            priority=key.is_priority,
        )
        for key in KEYS
    ]


def _group(group: Binding.Group | None) -> Binding.Group | None:
    return None if group is None else Binding.Group(say(group.description), compact=group.compact)
