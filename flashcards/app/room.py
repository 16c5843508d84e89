"""The declarations of a room: keys and a line under the lesson. `rooms.py` has all of them."""

import importlib
from enum import IntEnum
from typing import Any, Literal

import msgspec
from textual.binding import Binding
from textual.keys import format_key

from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr

Needs = Literal["nothing", "model", "past model"]


class Key(msgspec.Struct, frozen=True):
    """An action, and the one or several keys for it.

    Attributes:
        keys: Names as Textual writes them, the first is shown; () for what only the palette does.
        does: "room.module:function", given the session and `args`; or "view:NAME"; or "app:ACTION"
            for an action of Textual's own.
        needs: A model that can be taught, or at least a time machine's of the step that is shown.
        offered: The function of the same module that says whether it does anything now.
        view: Its keys act in this view alone; "" is in all of them.
        footer: Whether it is in the footer, and in which group of keys there.
        is_priority: Also while something else has the focus.
        opens_dialog: What is typed next is for a dialog, and waits until that is open.
    """

    id: str
    keys: tuple[str, ...]
    does: str
    args: tuple[Any, ...] = ()
    needs: Needs = "nothing"
    offered: str = ""
    view: str = ""
    footer: Binding.Group | bool = False
    is_priority: bool = False
    opens_dialog: bool = False
    label: str = ""
    tooltip: str = ""

    @property
    def in_help(self) -> bool:
        """Tell whether it is one of the few keys that help lists: one sign, in every view."""
        is_short = any(len(format_key(key)) == 1 and not key.isdecimal() for key in self.keys)
        return (is_short or bool(self.footer)) and not self.view and not self.is_priority

    def is_offered(self, session: object) -> bool:
        module = self.does.partition(":")[0]
        return not self.offered or bool(load(f"{module}:{self.offered}")(session))


class LineRank(IntEnum):
    """The rank of a line under the lesson: of several rooms' lines the first of these is shown."""

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
    LAST_RUN = 11


class StatusLine(msgspec.Struct, frozen=True):
    """A line under the lesson; a view decides by what it is about how it is shown.

    Attributes:
        text: Its sentences; "" where there is no more than `enter`.
        key: The id of the key that the text offers; it stands in the footer as long.
        lead: The word before the text that stands out.
        enter: What Enter does now; it stays when another sentence takes the line's place.
        about: "end": how a lesson that has ended is gone on with; it stands behind the verdict.
            "forgotten": what became of an earlier deck; at the end it stands before the verdict.
            "word": a word of the week, which has its own conclusion; it stands in its place.
    """

    rank: LineRank
    text: str = ""
    key: str = ""
    lead: str = ""
    enter: str = ""
    about: Literal["", "bet", "end", "forgotten", "word"] = ""

    @property
    def whole(self) -> str:
        """All of it, where nothing else is said."""
        return sentences(self.lead, self.text, self.enter)


NO_LINE = StatusLine(LineRank.OFFER)
"""The line under the lesson where no room has one."""


def load(name: str) -> Any:
    """Import what "room.module:name" names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(f"{__package__}.{module}"), attribute)


KEY_NAMES = ("space", "tab", "esc", "home", "end", "pgup", "pgdn", "del")
"""Names of keys that other languages call otherwise."""


def keys_as_text(keys: tuple[str, ...]) -> str:
    """The keys as a person reads them: `→`, `?`, `ctrl+p`, `⇧←`; in German `Leertaste`."""
    return " ".join(map(_key_name, keys))


def _key_name(key: str) -> str:
    *modifiers, last = key.split("+")
    sign = format_key(last)
    name = tr(sign) if sign in KEY_NAMES else sign
    held = "".join("⇧" if held == "shift" else f"{tr(held)}+" for held in modifiers)
    return f"{held}{name}"
