"""The play screen without a terminal: painted with states, read off as cells or as an SVG."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from rich.color import Color
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual.app import App

from flashcards.app import themes
from flashcards.app.keys import bindings
from flashcards.app.screens.play import PlayScreen
from flashcards.app.widgets.run_header import HeaderView
from flashcards.record.moments import Moment
from flashcards.runs.state import RunState

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """Some text in one style; wide characters take two columns."""

    text: str
    ink: Rgb
    paper: Rgb
    is_bold: bool = False
    is_underlined: bool = False


Rows = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the screen looks like, and for how long. `svg` is "" unless asked for."""

    rows: Rows
    seconds: float
    svg: str = ""


class _Replayed(PlayScreen):
    """Says that what is shown was recorded."""

    def header(self, state: RunState, is_stalled: bool) -> HeaderView:
        return dataclasses.replace(super().header(state, is_stalled), badge="replay")


class _Stage(App[None]):
    CSS_PATH = "../app/app.tcss"
    BINDINGS = [*bindings()]  # noqa: RUF012

    def __init__(self, theme: str | None) -> None:
        super().__init__()
        self.theme, _ = themes.choose(theme, self.available_themes, os.environ)
        self.play = _Replayed()

    def on_mount(self) -> None:
        self.push_screen(self.play)


async def frames(
    moments: Sequence[Moment],
    size: tuple[int, int],
    theme: str | None = None,
    *,
    is_drawn: bool = False,
) -> AsyncIterator[Frame]:
    """The screen at each moment that is shown. `is_drawn`: with its SVG."""
    app, state = _Stage(theme), RunState()
    async with app.run_test(size=size) as pilot:
        for moment in moments:
            for event in moment.events:
                state.fold(event)
            if not moment.seconds:
                continue
            app.play.paint(state)
            await pilot.pause()
            svg = app.export_screenshot(title="flashcards") if is_drawn else ""
            yield Frame(_rows(app), moment.seconds, re.sub(r"terminal-\d+", "terminal", svg))


def _rows(app: App[None]) -> Rows:
    strips = app.screen._compositor.render_strips()
    return tuple(
        tuple(_cell(text, style or Style.null()) for text, style, _ in strip if text)
        for strip in strips
    )


def _cell(text: str, style: Style) -> Cell:
    ink, paper = _rgb(style.color, is_ink=True), _rgb(style.bgcolor, is_ink=False)
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = tuple((2 * a + b) // 3 for a, b in zip(ink, paper, strict=True))  # type: ignore[assignment]
    return Cell(text, ink, paper, bool(style.bold), bool(style.underline))


def _rgb(color: Color | None, *, is_ink: bool) -> Rgb:
    if color is None:
        return (224, 224, 224) if is_ink else (18, 18, 18)
    triplet = color.get_truecolor(DIMMED_MONOKAI, foreground=is_ink)
    return triplet.red, triplet.green, triplet.blue
