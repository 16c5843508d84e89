"""The screen without a terminal: painted with states, read off as cells or as an SVG."""

import base64
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.pilot import Pilot

from flashcards.app.lesson.play import PlayScreen
from flashcards.app.reading.reading_view import ReadingView
from flashcards.app.reward.reward_view import RewardView
from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.app.textual_fixes.screens import strips_of
from flashcards.app.view import View
from flashcards.app.widgets import emoji
from flashcards.base.errors import UserError
from flashcards.record.moments import TimedEvents
from flashcards.runs.state import RunState
from flashcards.wording.run_kinds import kind_of

Rgb = tuple[int, int, int]

LESSON_VIEWS: dict[str, type[PlayScreen | ReadingView | RewardView]] = {
    "lesson": PlayScreen,
    "reading": ReadingView,
    "reward": RewardView,
}
"""The views that a run may open with, by their names."""


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
    """A picture of the screen, and for how long it is shown. `svg` is "" unless asked for."""

    rows: Rows
    seconds: float
    svg: str = ""


class RecordedScreen(ColourApp):
    CSS_PATH = "../app/app.tcss"
    CSS = "Footer { display: none; }"

    def __init__(self, theme: str | None, view: View) -> None:
        super().__init__()
        if problem := self.wear(theme):
            raise UserError(problem)
        self.view = view

    def on_mount(self) -> None:
        self.view.viewing = "replay"
        self.push_screen(self.view)

    def show(self, view: View) -> AwaitComplete:
        """Replace the view; await this before it is painted."""
        self.view = view
        view.viewing = "replay"
        return self.switch_screen(view)

    async def frames(
        self, pilot: Pilot[None], state: RunState, moments: Iterable[TimedEvents], *, is_drawn: bool
    ) -> AsyncIterator[Frame]:
        """Fold the events and give the frames that are shown. `is_drawn`: with their SVG."""
        for moment in moments:
            for event in moment.events:
                state.fold(event)
            if moment.seconds:
                is_lesson = type(self.view) in LESSON_VIEWS.values()
                if is_lesson and type(self.view) is not view_of(state):
                    await self.show(view_of(state)())
                    await pilot.pause()
                self.view.paint(state)
                await pilot.pause()
                svg = self.export_screenshot(title="flashcards") if is_drawn else ""
                svg = re.sub(r"terminal-\d+", "terminal", svg)
                yield Frame(_rows(self), moment.seconds, svg)


def view_of(state: RunState) -> type[PlayScreen | ReadingView | RewardView]:
    return LESSON_VIEWS[kind_of(state).view]


async def frames(
    moments: Sequence[TimedEvents],
    size: tuple[int, int],
    theme: str | None = None,
    *,
    is_drawn: bool = False,
) -> AsyncIterator[Frame]:
    """The screen at each moment that is shown. `is_drawn`: with its SVG."""
    app = RecordedScreen(theme, PlayScreen())
    state = RunState()
    async with app.run_test(size=size) as pilot:
        async for frame in app.frames(pilot, state, moments, is_drawn=is_drawn):
            yield frame


def _rows(app: App[None]) -> Rows:
    return tuple(
        tuple(_cell(text, style or Style.null()) for text, style, _ in strip if text)
        for strip in strips_of(app.screen)
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


FONTS = Path(__file__).parent / "fonts"
TEXT_FONTS = ((400, FONTS / "DejaVuSansMono.ttf"), (700, FONTS / "DejaVuSansMono-Bold.ttf"))

EMOJI_RANGES = ((0x23E9, 0x23F3), (0x2600, 0x27BF), (0x2B50, 0x2B55), (0x1F000, 0x1FAFF))


def is_emoji(char: str) -> bool:
    """Tell whether a character is a picture of two columns, in the ranges of emoji."""
    is_within = any(first <= ord(char) <= last for first, last in EMOJI_RANGES)
    return is_within and cell_len(char) == 2


def with_font(svg: str) -> str:
    """The picture with our fonts inside instead of one from elsewhere: it looks right anywhere."""
    faces = [(f"font-weight:{weight}", font) for weight, font in TEXT_FONTS]
    if any(is_emoji(char) for char in svg):
        ranges = ",".join(f"U+{first:X}-{last:X}" for first, last in EMOJI_RANGES)
        faces.append((f"unicode-range:{ranges}", emoji.FONT))
    inside = "".join(
        f'@font-face{{font-family:"Fira Code";{which};'
        f"src:url(data:font/ttf;base64,{base64.b64encode(font.read_bytes()).decode()})}}"
        for which, font in faces
    )
    bare = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return bare.replace("<style>", f"<style>{inside}", 1)
