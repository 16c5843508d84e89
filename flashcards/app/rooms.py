"""The rooms of the app, and the one table of all their keys."""

from __future__ import annotations

import importlib

import msgspec
from textual.binding import Binding

from flashcards.app.room import GROUP_NAMES, Group, Key, Room, shown
from flashcards.app.room import VIEWS as FOOTER_VIEWS
from flashcards.base.language import tr

NAMES = (
    "lesson",
    "bets",
    "reading",
    "reward",
    "past",
    "cards",
    "memory",
    "update",
    "race",
    "inside",
    "story",
    "life",
    "asking",
    "stage",
    "audience",
    "decks",
    "help",
)

ROOMS: tuple[Room, ...] = tuple(
    importlib.import_module(f"{__package__}.{name}.room").ROOM for name in NAMES
)


def _group_of(room: Room, key: Key) -> Group | None:
    implied = "views" if key.does.startswith("view:") else room.folder
    return key.group or next((group for group in GROUP_NAMES if group == implied), None)


OWNERS: dict[str, Room] = {key.id: room for room in ROOMS for key in room.keys}
BY_ID: dict[str, Key] = {
    key.id: msgspec.structs.replace(key, group=_group_of(room, key))
    for room in ROOMS
    for key in room.keys
}
KEYS: tuple[Key, ...] = tuple(
    sorted((key for key in BY_ID.values() if key.keys), key=lambda key: key.place)
)
LAST_VIEW = [key for key in KEYS if key.footer is FOOTER_VIEWS][-1]
"""In the footer the first view's key and this one stand for all: 1–8."""

VIEWS: dict[str, tuple[Room, str]] = {
    name: (room, factory) for room in ROOMS for name, factory in room.views.items()
}


def bindings() -> list[Binding]:
    """The table as Textual takes it, in the user's language."""
    return [
        Binding(
            ",".join(key.keys),
            key.does.removeprefix("app:") if key.does.startswith("app:") else f"do('{key.id}')",
            tr(key.label),
            show=bool(key.footer),
            tooltip=tr(key.tooltip),
            id=key.id,
            key_display=f"–{shown(key.keys[:1])}" if key is LAST_VIEW else None,
            group=_footer_group(key.footer),
            priority=key.is_priority,
        )
        for key in KEYS
    ]


def _footer_group(footer: Binding.Group | bool) -> Binding.Group | None:
    if isinstance(footer, bool):
        return None
    return Binding.Group(tr(footer.description), compact=footer.compact)
