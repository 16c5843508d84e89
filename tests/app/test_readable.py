"""Texts can be read from the back of a room: their contrast in every theme, cell by cell."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from rich.color import ColorType
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.pilot import Pilot

from flashcards.app.textual_fixes.colours import ANSI_TEXTS, FAR, NEAR, contrast
from flashcards.runs.state import RunState
from tests.app.lesson import folded, lesson
from tests.app.playing import PARTS, explaining, presented, showing
from tests.app.script import on_stage, strips

N_NUMBERS = 25  # so many numbers the first screen has at most
FEW = ("textual-dark", "textual-light", "solarized-light")


def explained() -> RunState:
    return folded(explaining("adjustment", *PARTS))


def too_faint(app: App[None], wanted: float) -> Iterator[str]:
    for strip in strips(app):
        for segment in strip:
            ratio = contrast_of(segment)
            if ratio is not None and ratio < wanted - 0.05 and re.search(r"\w", segment.text):
                yield f"{segment.text.strip()!r} {ratio:.2f}"


def contrast_of(segment: Segment) -> float | None:
    """None of what has a colour of the terminal's own."""
    style = segment.style
    if style is None or style.color is None or style.bgcolor is None:
        return None
    if style.color.type is not ColorType.TRUECOLOR or style.bgcolor.type is not ColorType.TRUECOLOR:
        return None
    ink, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
    return contrast(ink.blend(ground, 0.5) if style.dim else ink, ground)


PALETTES = {
    "xterm": "cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 ff0000 00ff00 ffff00 5c5cff",
    "VGA": "aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa ff5555 55ff55 ffff55 5555ff",
    "Windows": "c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc e74856 16c60c f9f1a5 3b78ff",
    "macOS": "990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf e50000 00d900 e5e500 0000ff",
}  # red, green, yellow, blue, magenta, cyan, white; bright red to bright blue: as they come
HUES = ["red", "green", "yellow", "blue", "magenta", "cyan", "white"]
NAMES = [*HUES, *(f"bright_{hue}" for hue in HUES[:4])]


@pytest.mark.parametrize("palette", PALETTES)
def test_the_terminals_own_colours_can_be_read_as_terminals_come(palette: str) -> None:
    own = dict(zip(NAMES, PALETTES[palette].split(), strict=True))
    own |= {"black": "000000", "bright_cyan": "00d7d7"}
    for is_dark, texts in ANSI_TEXTS.items():
        ground = Color.parse("#000000" if is_dark else "#ffffff")
        for name, colour in texts.items():
            ink = Color.parse("#" + own[colour.removeprefix("ansi_")])
            assert contrast(ink, ground) >= 4, (is_dark, name)


async def faint_by_theme(
    app: App[None],
    wanted: float,
    paints: Sequence[Callable[[], None]] = (lambda: None,),
    themes: Sequence[str] = (),
) -> dict[str, list[str]]:
    """Return the too faint texts by theme: of these, or of all that have colours of their own."""
    faint: dict[str, list[str]] = {}
    every = sorted(name for name in app.available_themes if not name.startswith("ansi"))
    assert len(every) > 10
    for name in themes or every:
        app.theme = name
        for paint in paints:
            paint()
            await Pilot(app).pause()
            faint.setdefault(name, []).extend(too_faint(app, wanted))
    return {name: texts for name, texts in faint.items() if texts}


@pytest.mark.slow
async def test_the_lesson_has_seven_to_one_in_every_theme() -> None:
    running = folded(lesson())
    async with showing(running) as app:
        paints = [partial(app.play.paint, state) for state in (running, explained())]
        assert await faint_by_theme(app, FAR, paints) == {}


@pytest.mark.slow
async def test_the_stage_has_seven_to_one_in_every_theme() -> None:
    async with presented(folded(lesson())) as app:
        assert await faint_by_theme(app, FAR) == {}


@pytest.mark.slow
async def test_every_view_has_four_and_a_half_to_one() -> None:
    """The lesson and the stage are looked at in every theme: a theme's texts are made there."""
    async with on_stage(lesson()) as stage:
        for key in ("2", "3", "4", "5", "6", "7", "8", "question_mark", "d", "a"):
            await stage.press(key)
            assert await faint_by_theme(stage.app, NEAR, themes=FEW) == {}, key
            if stage.app.screen is not stage.app.front:
                await stage.press("escape")


@pytest.mark.parametrize("state", [folded(lesson()), explained()], ids=["running", "explained"])
async def test_the_first_screen_has_few_numbers(state: RunState) -> None:
    async with showing(state) as app:
        text = "\n".join(strip.text for strip in strips(app))
        numbers = re.findall(r"\d[\d.,:]*", text)
        assert 5 < len(numbers) <= N_NUMBERS, numbers


async def test_no_text_of_the_card_touches_its_edge() -> None:
    async with showing(explained()) as app:
        face = app.play.query_one("CardFace")
        assert face.styles.padding.left
        assert face.styles.padding.right
