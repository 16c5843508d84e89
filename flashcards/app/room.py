"""What a feature of the screen declares: its views, keys and commands. Nothing of it is loaded.

Every folder beside this file that has a `room.py` is a room; `rooms.py` lists them. What a room
does is named by strings such as "branching:branch" (module `branching` of its folder, function
`branch`) and imported when it is first wanted, so that the first frame does not wait for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any, Literal

import msgspec
from textual.binding import Binding
from textual.keys import format_key

from flashcards.base.language import tr

Group = Literal["lesson", "past", "views", "asking", "stage", "decks", "program"]
Needs = Literal["nothing", "model", "past model"]

GROUP_NAMES: dict[Group, str] = {
    "lesson": "The lesson",
    "past": "Looking back",
    "views": "Views",
    "asking": "Asking",
    "stage": "On stage",
    "decks": "Decks and runs",
    "program": "The program",
}

SPEED = Binding.Group("speed", compact=True)
STEPS = Binding.Group("step", compact=True)
VIEWS = Binding.Group("views", compact=True)


class Key(msgspec.Struct, frozen=True):
    """What one or several keys do.

    Attributes:
        id: What a keymap file calls it.
        keys: Names as Textual writes them, the first is the one that is shown; () for what only
            other code does.
        does: "module:function" of the room; the function takes the session and `args`. Or
            "view:NAME" for a view, or "app:ACTION" for an action of Textual's own.
        place: Where it stands among all keys in footer, help and palette.
        group: Its heading in the help; None is "views" for a view, else that of the room's name.
        needs: What must be there for it: a model that can be taught, or at least, in a recorded
            run, a time machine's model of the step that is shown.
        offered: "module:function" that says whether it does anything now; "" is always.
        footer: Whether it is in the footer, and in which group of keys there.
        is_priority: Also while something else has the focus.
        label: One or two words for the footer, in English.
        tooltip: A sentence for the help and the mouse, in English.
    """

    id: str
    keys: tuple[str, ...]
    does: str
    args: tuple[Any, ...] = ()
    place: int = 0
    group: Group | None = None
    needs: Needs = "nothing"
    offered: str = ""
    footer: Binding.Group | bool = False
    is_priority: bool = False
    label: str = ""
    tooltip: str = ""

    def named(self, label: str, tooltip: str) -> Key:
        return msgspec.structs.replace(self, label=label, tooltip=tooltip)


class PaletteCommand(msgspec.Struct, frozen=True):
    """A command that has no key: its title, what it does in words, and "module:function"."""

    title: str
    help: str
    does: str


class LineRank(IntEnum):
    """Which line is shown under the lesson when several rooms have one: the first of these."""

    LEAVING = 0
    VIEWING = 1
    PAST = 2
    FAILED = 3
    DECK = 4
    COURSE = 5
    REGIME = 6
    EXAM = 7
    PROBLEM = 8
    NEXT = 9
    OFFER = 10


class StatusLine(msgspec.Struct, frozen=True):
    rank: LineRank
    text: str


class Room(msgspec.Struct, frozen=True):
    """One feature: a folder of this package.

    Attributes:
        views: Factories of its views by name: "module:function", given the session.
        line: Function that gives its `Line` of the moment, or None.
        on_open: Coroutine function, given the session and a run that was opened; it goes on for as
            long as the run is open.
    """

    folder: str
    keys: tuple[Key, ...] = ()
    views: Mapping[str, str] = {}
    line: str = ""
    on_open: str = ""
    commands: tuple[PaletteCommand, ...] = ()

    def load(self, name: str) -> Any:
        module, _, attribute = name.partition(":")
        return getattr(importlib.import_module(f"{__package__}.{self.folder}.{module}"), attribute)


def shown(keys: tuple[str, ...]) -> str:
    """The keys as a person reads them: `→`, `?`, `ctrl+p`, `⇧←`."""
    shift = "shift+"
    return " ".join(
        f"⇧{format_key(key.removeprefix(shift))}" if key.startswith(shift) else format_key(key)
        for key in keys
    )


def grouped(
    keys: Iterable[Key], remapped: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each group's name, with (keys, what they do) of all its lines; in the user's language."""
    for group, name in GROUP_NAMES.items():
        lines = [
            (shown(remapped.get(key.id, key.keys)), tr(key.tooltip))
            for key in keys
            if key.group == group
        ]
        yield tr(name), lines
