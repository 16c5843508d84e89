"""What is changed in Textual: a screen is drawn once when it opens, and styles are read once."""

import pytest
from textual._compositor import Compositor
from textual.css.stylesheet import StylesheetParseError
from textual.geometry import Size

from flashcards.app.asking.dialog import AskScreen
from flashcards.app.cards.view import CardsView
from flashcards.app.textual_fixes.colours import RememberingStylesheet
from tests.app.lesson import lesson
from tests.app.script import on_stage


@pytest.mark.parametrize(("key", "kind"), [("2", CardsView), ("a", AskScreen)])
async def test_nothing_is_drawn_before_the_next_frame(
    key: str, kind: type[CardsView | AskScreen], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    render = Compositor._render_chops

    def counted(self: Compositor, *args: object) -> object:
        drawn.append("a frame")
        return render(self, *args)  # type: ignore[arg-type]

    async with on_stage(lesson()) as stage:
        monkeypatch.setattr(Compositor, "_render_chops", counted)
        await stage.press(key)
        screen = stage.app.screen
        assert isinstance(screen, kind)
        assert drawn
        assert not screen._dirty_widgets
        drawn.clear()
        screen._refresh_layout(Size(100, 30))
        assert not drawn
        await stage.settle()
        assert drawn


async def test_another_size_is_drawn() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        before = stage.rows()
        await stage.pilot.resize_terminal(120, 40)
        await stage.settle()
        assert len(stage.rows()) == 40 > len(before)
        assert stage.app.screen._compositor.size == (120, 40)
        assert not stage.app.screen._compositor._dirty_regions


CSS = "Label { color: $ink; }"


def of(ink: str, css: str = CSS) -> RememberingStylesheet:
    sheet = RememberingStylesheet(variables={"ink": ink})
    sheet.add_source(css, read_from=("test.tcss", ""))
    return sheet


def test_rules_are_shared_by_stylesheets_with_the_same_variables_only() -> None:
    first, same, other = of("red"), of("red"), of("blue")
    assert first.rules[0] is same.rules[0]
    assert first.rules[0].styles.color != other.rules[0].styles.color


def test_new_variables_are_read_with_the_next_look() -> None:
    sheet = of("red")
    red = sheet.rules[0].styles.color
    sheet.set_variables({"ink": "blue"})
    sheet.reparse()
    assert sheet.rules[0].styles.color != red


def test_a_wrong_style_leaves_the_rules_of_before() -> None:
    sheet = of("red")
    before = sheet.rules
    sheet.add_source("Label { color: no-such-colour; }", read_from=("wrong.tcss", ""))
    with pytest.raises(StylesheetParseError):
        sheet.reparse()
    sheet._require_parse = False
    assert sheet.rules == before
