"""Texts of decks and models inside Markdown, which shows them as they are."""

from __future__ import annotations

import re

from flashcards.cards.printable import printable


def escaped(text: str) -> str:
    """The text as Markdown that shows it as it is: what would be markup or a link is escaped."""
    text = printable(text).replace("\n", " ")
    return re.sub(r"[\\`*_\[\]<>#|~&$!]|:(?=//)", r"\\\g<0>", text)
