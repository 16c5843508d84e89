"""Colours that can be read from the back of a room, in every theme.

A theme's colours are taken towards white or black until their contrast to all grounds of the theme
is enough. What a terminal's own sixteen colours look like is its user's choice: of them those are
taken that can be read with the palettes that terminals come with.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from textual.app import App
from textual.color import Color

from flashcards.app.textual_fixes.stylesheet import RememberingStylesheet

FAR, NEAR = 7.0, 4.5
"""Contrast of text: on the lesson and on stage; of the rest (WCAG 2.2, 1.4.6 and 1.4.3)."""

LINE = 2.0
"""Contrast of the empty part of a bar, which is no text: what is filled is thicker as well."""

TEXTS = (
    "foreground",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
    "footer-key-foreground",
)
GROUNDS = ("background", "surface", "panel")
MUTED_SHARE, TRACK_SHARE = 0.65, 0.25
"""How much of the foreground is in labels, and in the empty part of a bar, at least."""

ANSI_TEXTS: dict[bool, dict[str, str]] = {
    True: {
        "text-primary": "ansi_bright_cyan",
        "text-accent": "ansi_bright_yellow",
        "text-success": "ansi_bright_green",
        "text-warning": "ansi_yellow",
        "text-error": "ansi_bright_red",
    },
    False: {
        "text-primary": "ansi_blue",
        "text-accent": "ansi_magenta",
        "text-success": "ansi_black",
        "text-warning": "ansi_magenta",
        "text-error": "ansi_red",
    },
}
"""Texts in the terminal's own colours, on a dark ground and on a light one."""

ALARM_SHARE, CURSOR_SHARE = 0.15, 0.35
"""How much of its colour the ground of bad news, and of the chosen row, has at most."""


class ReadableApp(App[None]):
    """An app whose themes are made readable, with `$muted`, `$track`, `$alarm` and `$cursor`."""

    def __init__(self) -> None:
        super().__init__()
        self.stylesheet = RememberingStylesheet(variables=self.theme_variables)

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = readable(super().get_css_variables())
        return self.theme_variables


def readable(variables: dict[str, str]) -> dict[str, str]:
    """The theme's variables with texts that have a contrast of at least 7 to all grounds."""
    return dict(_readable(tuple(variables.items())))


@lru_cache(64)
def _readable(items: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    variables = dict(items)
    named = {name: Color.parse(variables[name]) for name in (*GROUNDS, "foreground")}
    if any(colour.ansi is not None or colour.a < 1 for colour in named.values()):
        plain = {
            **ANSI_TEXTS[variables.get("ansi-background") != "ansi_white"],
            "muted": variables["foreground"],
            "track": "ansi_bright_black",
            "alarm": "transparent",
            "cursor": "ansi_blue",
        }
        return tuple({**variables, **plain}.items())
    grounds = [named[name] for name in GROUNDS]
    ground = named["background"]
    for share in (ALARM_SHARE, 0.1, 0.05, 0.0):
        alarm = ground.blend(Color.parse(variables["error"]), share)
        # a ground of middling brightness would wash its text out to white or black
        if max(contrast(alarm, Color.parse(end)) for end in ("white", "black")) > 2 * FAR:
            break
    grounds.append(alarm)
    lifted = {
        name: lift(Color.parse(variables[name]), grounds, FAR)
        for name in TEXTS
        if "auto" not in variables[name]
    }
    text = lifted["foreground"]
    muted = _least(ground, text, MUTED_SHARE, grounds, FAR)
    cursor = next(
        mixed
        for share in (CURSOR_SHARE, 0.25, 0.2, 0.15, 0.1, 0.05, 0.0)
        if contrast(
            mixed := named["surface"].blend(Color.parse(variables["primary"]), share), muted
        )
        >= NEAR
        or share == 0
    )
    own = {
        "muted": muted,
        "track": _least(ground, text, TRACK_SHARE, grounds, LINE),
        "alarm": alarm,
        "cursor": cursor,
        "footer-background": named["panel"],
        "footer-foreground": text,
        "footer-description-foreground": text,
    }
    mended = {name: colour.hex6 for name, colour in (*lifted.items(), *own.items())}
    return tuple({**variables, **mended}.items())


def lift(colour: Color, grounds: Iterable[Color], wanted: float) -> Color:
    """The colour, taken towards white or black just so far that it has this contrast to each.

    As far as it goes where no colour has it.
    """
    grounds = list(grounds)
    end = max(
        (Color.parse("white"), Color.parse("black")),
        key=lambda end: min(contrast(end, ground) for ground in grounds),
    )
    return _least(colour, end, 0.0, grounds, wanted)


def _least(start: Color, end: Color, share: float, grounds: list[Color], wanted: float) -> Color:
    """From `start` to `end`: the least share from this one on at which the contrast is enough."""

    def is_enough(share: float) -> bool:
        mixed = start.blend(end, share)
        return all(contrast(mixed, ground) >= wanted for ground in grounds)

    if is_enough(share):
        return start.blend(end, share)
    low, high = share, 1.0
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return start.blend(end, high)


def contrast(a: Color, b: Color) -> float:
    """The ratio of their luminances, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(1024)
def _luminance(color: Color) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
