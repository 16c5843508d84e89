"""Which theme is worn: the one named, else the environment's, else ours. All are Textual's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from flashcards.cards.printable import printable

DEFAULT = "textual-dark"
"""Of the built-in dark ones the one with the strongest contrast between text, sheet and ground."""

LIGHT = "textual-light"


def choose(
    asked: str | None, known: Iterable[str], environment: Mapping[str, str]
) -> tuple[str, str]:
    """The theme's name, and what is wrong with the one that was asked for ("" when nothing is)."""
    names = sorted(known)
    for source, name in (("--theme", asked), ("TEXTUAL_THEME", environment.get("TEXTUAL_THEME"))):
        if not name:
            continue
        if name in names:
            return name, ""
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names)}"
        return DEFAULT, f"{source}: no theme is called {printable(name)!r}; {hint}"
    return DEFAULT, ""
