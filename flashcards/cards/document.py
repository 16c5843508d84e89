"""A deck file as it was read, with every line in its place, so that it can be written back."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Style = Literal["line", "tab", "block"]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """Where a card stands: its first and last line (from 1), its style, and its `card_index`.

    A `:::` card is one entry; the card of the other direction follows at `card_index + 1`.
    """

    first_line: int
    last_line: int
    style: Style
    card_index: int
    is_both_ways: bool


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A deck file's text and where its cards stand in it.

    Attributes:
        name: The file's name; its extension matters (`.tsv`).
        text: All of it, BOM and line ends too; bytes that are no UTF-8 are lone surrogates.
        is_tabbed: Whether TABs part prompt and answer.
    """

    name: str
    text: str
    is_tabbed: bool = False
    entries: tuple[Entry, ...] = ()

    @property
    def newline(self) -> str:
        """The line end to write: the first one in the file, LF when it has none."""
        first = re.search(r"\r\n|\r|\n", self.text)
        return first[0] if first else "\n"


def decoded(data: bytes) -> str:
    """The bytes as text, whatever they are; `write` gives the same bytes again."""
    return data.decode("utf-8", "surrogateescape")


def write(document: Document) -> bytes:
    """The file's bytes: those that were read, except for what was changed since."""
    return document.text.encode("utf-8", "surrogateescape")
