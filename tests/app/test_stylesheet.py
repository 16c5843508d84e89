"""Styles are read once for all stylesheets, and again when a theme's variables are others.

So is which rules apply to a widget, as long as it and what it is in have the same names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from textual.css.constants import VALID_PSEUDO_CLASSES
from textual.css.stylesheet import Stylesheet, StylesheetParseError
from textual.widget import Widget
from textual.widgets import Static

from flashcards.app.textual_fixes.readable import ReadableApp
from flashcards.app.textual_fixes.stylesheet import (
    OF_A_WIDGET,
    OF_THE_APP,
    Found,
    RememberingStylesheet,
)

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


class Part(Static):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"inner"}


class Host(ReadableApp):
    CSS = """
    Part { color: red; width: 50%; }
    Part.odd { color: blue; }
    .other Part { width: 10; }
    Part > .inner { color: green; }
    Part.odd > .inner { color: yellow; }
    Part:focus { color: white; }
    Part:disabled { color: black; }
    """

    def compose(self) -> Iterator[Widget]:
        yield Part("first")
        yield Part("second", classes="odd")


def styles_of(host: Host) -> list[object]:
    """What every widget looks like, by the rules that apply to it."""
    found: list[object] = []
    for node in host.screen.walk_children():
        found.append(node.styles.base.get_rules())
        parts = node._component_styles.items()
        found.append({name: styles.base.get_rules() for name, styles in parts})
    return found


def change(host: Host, what: str) -> None:
    part = host.screen.query(Part).first()
    match what:
        case "class":
            part.add_class("odd")
        case "class above":
            host.screen.add_class("other")
        case "disabled":
            part.disabled = True
        case "focus":
            part.can_focus = True
            part.focus()
        case "theme":
            host.theme = "textual-light"
        case "rules":
            host.stylesheet.add_source("Part { color: gray; }", read_from=("later.tcss", ""))
            host.stylesheet.reparse()
            host.stylesheet.update(host)
        case "style of its own":
            part.styles.base.width = 3
            host.stylesheet.update(host)


CHANGES = ["class", "class above", "disabled", "focus", "theme", "rules", "style of its own"]


@pytest.mark.parametrize("what", CHANGES)
async def test_widgets_have_the_styles_they_have_without_remembering(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host()
    async with host.run_test() as pilot:
        await pilot.pause()
        before = styles_of(host)
        change(host, what)
        await pilot.pause()
        remembered = styles_of(host)
        assert (remembered == before) is (what == "style of its own")
        monkeypatch.setattr(RememberingStylesheet, "_has", lambda *_: False)
        monkeypatch.setattr(Found, "get", lambda *_: None)
        host.stylesheet.update(host)
        assert styles_of(host) == remembered


async def test_nothing_is_done_where_a_widget_has_its_styles() -> None:
    host = Host()
    async with host.run_test() as pilot:
        await pilot.pause()
        part = host.screen.query(Part).first()
        n_updates = part.styles.base._updates
        inner = part._component_styles["inner"]
        host.stylesheet.update(host)
        assert part.styles.base._updates == n_updates
        assert part._component_styles["inner"] is inner


def test_every_pseudo_class_is_in_a_state_or_looked_for_anew() -> None:
    anew = Stylesheet._EXCLUDE_PSEUDO_CLASSES_FROM_CACHE
    assert OF_A_WIDGET | OF_THE_APP | anew == VALID_PSEUDO_CLASSES
