"""Themes whose colours can be read from the back of a room, and no colour under NO_COLOR.

Two themes are our own, for projectors: strong contrast, and colours (after Okabe and Ito) that
people who see fewer of them can tell apart. What a colour says, a shape says too.

A theme's colours are taken towards white or black until their contrast to all grounds of the theme
is enough. What a terminal's own sixteen colours look like is its user's choice: of them those are
taken that can be read with the palettes that terminals come with.

Under NO_COLOR (https://no-color.org) what is painted has no colour of its own, grey included. What
stood out by its ground is in reverse, what was faint is dim: the selected row is seen.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.color import Color as RichColor, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.filter import LineFilter, Monochrome, NoColor
from textual.theme import Theme

from flashcards.base.language import tr
from flashcards.cards.printable import printable


class OnceParsed(Stylesheet):
    """Textual parses all styles anew when a screen brings some of its own: 20 ms of a key. Here
    those of before come from its own memory."""

    def reparse(self) -> None:
        """The rules of all sources; those of before stay when one is wrong."""
        self.parse()


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
    wanted: str | None,
    known: Iterable[str],
    environment: Mapping[str, str],
    colours: str | None = None,
) -> tuple[str, str]:
    """The theme's name, and what is wrong with the one asked for; `colours` as Rich names them."""
    default = FEW_COLOURS if colours == "standard" else DEFAULT
    names = sorted(known)
    for source, name in (("--theme", wanted), ("TEXTUAL_THEME", environment.get("TEXTUAL_THEME"))):
        if not name:
            continue
        if name in names:
            return name, ""
        fields = {"source": source, "name": printable(name), "hint": suggestion(name, names)}
        return default, tr("{source}: no theme is called {name!r}; {hint}", **fields)
    return default, ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """The name that is most like a wrong one, or all that there are."""
    names = list(known)
    for close in get_close_matches(name, names, n=1):
        return tr("did you mean {close}?", close=close)
    return tr("there are: {names}", names=", ".join(names))


FAR, NEAR = 7.0, 4.5
"""Contrast of text: on the lesson and on stage; of the rest (WCAG 2.2, 1.4.6 and 1.4.3)."""

LINE = 2.0
"""Contrast of the empty part of a bar, which is no text: what is filled is thicker as well."""

TEXTS = (
    *("foreground", "footer-key-foreground", "text-primary", "text-secondary", "text-accent"),
    *("text-success", "text-warning", "text-error"),
)
GROUNDS = ("background", "surface", "panel")
MUTED_SHARE, TRACK_SHARE = 0.65, 0.25
"""Least shares of the foreground in labels, and in the empty part of a bar."""

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
"""Largest shares of its colour in the ground of bad news, and of the chosen row."""


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
    for share in (CURSOR_SHARE, 0.25, 0.2, 0.15, 0.1, 0.05, 0.0):
        cursor = named["surface"].blend(Color.parse(variables["primary"]), share)
        if contrast(cursor, muted) >= NEAR:
            break
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
    """The colour, taken towards white or black just so far that it has this contrast to each."""
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


APART = 2.5
"""A ground whose contrast to the screen's is at least this stands out (WCAG 2.2's ratio)."""

FAINT = 3.0  # text whose contrast to its ground is below this is dim


class WithoutColour(LineFilter):
    def __init__(self, app: App[None]) -> None:
        super().__init__()
        self._app = app

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, in the terminal's own two colours."""
        is_dark = self._app.current_theme.dark
        ground = Color.parse(self._app.theme_variables.get("background", "black"))
        if ground.ansi is not None:  # the terminal's own
            ground = Color.parse("black" if is_dark else "white")
        return [
            Segment(text, None if style is None else without_colour(style, ground), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def without_colour(style: Style, ground: Color) -> Style:
    text, behind = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
    below = _resolved(behind, ground)
    above = _resolved(text, below.get_contrast_text(1.0))
    if behind is None or behind.is_default:
        is_apart = bool(style.reverse)
    else:  # of the terminal's sixteen nobody knows how they look
        is_named = behind.type is ColorType.STANDARD
        is_apart = is_named or contrast(below, ground) >= APART
    is_faint = not (style.bold or is_apart) and contrast(above, below) < FAINT
    plain = style.without_color + Style(reverse=is_apart, dim=is_faint)
    return plain + Style.from_meta(style.meta) if style.meta else plain


def _resolved(color: RichColor | None, default: Color) -> Color:
    return default if color is None or color.is_default else Color.from_rich_color(color)


class ColourApp(App[None]):
    """An app with our themes, made readable, with `$muted`, `$track`, `$alarm` and `$cursor`.

    Attributes:
        has_all_styles: The stylesheets of all screens were read, also of those not made yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.has_all_styles = False
        for stage_theme in STAGE:
            self.register_theme(stage_theme)
        self.stylesheet = OnceParsed(variables=self.theme_variables)
        self.no_color = bool(os.environ.get("NO_COLOR"))  # an empty one says nothing
        self._without_colour = WithoutColour(self)

    @property
    def has_all_colours(self) -> bool:
        """Tell whether a cell may have any colour, and not only the terminal's own, or none."""
        return not (self.no_color or self.native_ansi_color)

    def read_styles(self, *sheets: Path) -> None:
        """Read stylesheets before a screen brings them."""
        for sheet in sheets:
            if not self.stylesheet.has_source(str(sheet)):
                self.stylesheet.read(sheet)
        self.stylesheet.parse()

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        filters_left = [
            line_filter
            for line_filter in filters
            if not isinstance(line_filter, Monochrome | NoColor)
        ]
        return [*filters_left, self._without_colour] if self.no_color else filters_left

    def wear(self, wanted: str | None, colours: str | None = None) -> str:
        """Wear the theme that was asked for, or the default; what is wrong with the name, or "".
        `colours`: Rich's name of the terminal's colours."""
        known = self.available_themes
        self.theme, problem = choose(wanted, known, os.environ, colours)
        return problem

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = readable(super().get_css_variables())
        return self.theme_variables
