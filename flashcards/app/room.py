"""What a room declares: keys and a line under the lesson. `rooms.py` has all of them."""

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
GROUP_OF: dict[str, Group] = {
    **dict.fromkeys(("bets", "update", "life", "reward"), "lesson"),
    **dict.fromkeys(("help", "app"), "program"),
    "race": "past",
    "memory": "asking",
    "audience": "stage",
    "view": "views",
}
"""Of a room whose keys have no heading of its own; of views and of Textual's actions."""


class Key(msgspec.Struct, frozen=True):
    """What one or several keys do.

    Attributes:
        id: What a keymap file calls it.
        keys: Names as Textual writes them, the first is the one that is shown; () for what only
            the palette or other code does.
        does: "room.module:function"; the function takes the session and `args`. Or "view:NAME" for
            a view, or "app:ACTION" for an action of Textual's own.
        group: Its heading in the help; None is that of its room, or of all views.
        needs: What must be there for it: a model that can be taught, or at least, in a recorded
            run, a time machine's model of the step that is shown.
        offered: The function of the same module that says whether it does anything now; "" is
            always.
        footer: Whether it is in the footer, and in which group of keys there.
        is_priority: Also while something else has the focus.
    """

    id: str
    keys: tuple[str, ...]
    does: str
    args: tuple[Any, ...] = ()
    group: Group | None = None
    needs: Needs = "nothing"
    offered: str = ""
    footer: Binding.Group | bool = False
    is_priority: bool = False
    label: str = ""
    tooltip: str = ""

    @property
    def heading(self) -> str:
        room = self.does.partition(":" if self.does.startswith(("view:", "app:")) else ".")[0]
        return self.group or GROUP_OF.get(room) or room

    def is_offered(self, session: object) -> bool:
        module = self.does.partition(":")[0]
        return not self.offered or bool(load(f"{module}:{self.offered}")(session))


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


def load(name: str) -> Any:
    """What "room.module:name" names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(f"{__package__}.{module}"), attribute)


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
            if key.heading == group
        ]
        yield tr(name), lines
