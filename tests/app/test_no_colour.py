"""Under NO_COLOR nothing that is painted has a colour, and what is selected is still seen."""

import pytest
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.widgets import OptionList

from flashcards.app.asking.ask_screen import AskScreen
from flashcards.app.textual_fixes.colours import STAGE_DARK, STAGE_LIGHT
from flashcards.runs.values import BranchChange
from flashcards.wording import facts
from tests.app.lesson import lesson
from tests.app.script import Stage, on_stage, strips

THEMES = ["textual-dark", "textual-light", "ansi-dark", "ansi-light", STAGE_DARK, STAGE_LIGHT]


def painted(app: App[None]) -> list[list[Segment]]:
    return [list(strip) for strip in strips(app)]


def has_colour(style: Style | None) -> bool:
    colours = () if style is None else (style.color, style.bgcolor)
    return any(c is not None and c.type is not ColorType.DEFAULT for c in colours)


def reversed_text(app: App[None]) -> str:
    return "".join(
        segment.text
        for row in painted(app)
        for segment in row
        if segment.style is not None and segment.style.reverse
    )


def assert_no_colour(stage: Stage) -> None:
    coloured = [s for row in painted(stage.app) for s in row if has_colour(s.style)]
    assert not coloured, stage.app.theme


@pytest.mark.slow
async def test_no_colour_is_painted_but_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(lesson(), (120, 40), theme=THEMES[0]) as stage:
        await stage.resize((80, 24))
        for theme in THEMES:
            await wear(stage, theme)
            assert_no_colour(stage)
            assert "LIVE" in reversed_text(stage.app), theme
        await stage.press("a")
        assert isinstance(stage.app.screen, AskScreen)
        assert_no_colour(stage)
        await stage.press("escape", "b")
        options = stage.app.screen.query_one(OptionList)
        assert options.highlighted is not None
        for theme in THEMES[2:4]:
            await wear(stage, theme)
            assert_no_colour(stage)
            half = facts.branch(BranchChange(learning_rate_factor=0.5))
            assert f"1  {half}" in reversed_text(stage.app), theme


async def wear(stage: Stage, theme: str) -> None:
    stage.app.theme = theme
    await stage.settle()


async def test_an_empty_no_color_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with on_stage(lesson()) as stage:
        assert any(has_colour(s.style) for row in painted(stage.app) for s in row)
