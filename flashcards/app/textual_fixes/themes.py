"""Which theme is worn: the one named, else the environment's, else ours.

Two are our own, for projectors: strong contrast, and colours (after Okabe and Ito) that people who
see fewer of them can tell apart. What a colour says, a shape says too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from textual.theme import Theme

from flashcards.base.language import tr
from flashcards.cards.printable import printable

DEFAULT = "textual-dark"
"""Of the built-in dark ones the one with the strongest contrast between text, sheet and ground."""

FEW_COLOURS = "ansi-dark"
"""Worn where the terminal has sixteen colours: others would come out as the nearest of those, green
and red as grey."""

STAGE_DARK, STAGE_LIGHT = "stage-dark", "stage-light"


def _stage(
    name: str, foreground: str, background: str, surface: str, panel: str, **colours: Any
) -> Theme:
    return Theme(
        name,
        secondary=colours["primary"],
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        dark=name == STAGE_DARK,
        variables={f"text-{role}": colour for role, colour in colours.items()},
        **colours,
    )


STAGE = (
    _stage(
        STAGE_DARK,
        *("#ffffff", "#000000", "#101010", "#1c1c1c"),
        primary="#56b4e9",
        warning="#ffb733",
        error="#ff9d6b",
        success="#4fe0b5",
        accent="#f0e442",
    ),
    _stage(
        STAGE_LIGHT,
        *("#000000", "#ffffff", "#f6f6f6", "#e8e8e8"),
        primary="#00457a",
        warning="#6b4200",
        error="#8a2a00",
        success="#00543c",
        accent="#5b2a86",
    ),
)
"""Every text in them has a contrast of at least 7 to 1 to the ground (WCAG 2.2, 1.4.6)."""


def choose(
    asked: str | None,
    known: Iterable[str],
    environment: Mapping[str, str],
    colours: str | None = None,
) -> tuple[str, str]:
    """The theme's name, and what is wrong with the one that was asked for ("" when nothing is).

    `colours`: Rich's name of the terminal's colours; "standard" are sixteen.
    """
    default = FEW_COLOURS if colours == "standard" else DEFAULT
    names = sorted(known)
    for source, name in (("--theme", asked), ("TEXTUAL_THEME", environment.get("TEXTUAL_THEME"))):
        if not name:
            continue
        if name in names:
            return name, ""
        said = {"source": source, "name": printable(name), "hint": did_you_mean(name, names)}
        return default, tr("{source}: no theme is called {name!r}; {hint}", **said)
    return default, ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The name that is most like a wrong one, or all that there are."""
    names = list(known)
    for close in get_close_matches(name, names, n=1):
        return tr("did you mean {close}?", close=close)
    return tr("there are: {names}", names=", ".join(names))
