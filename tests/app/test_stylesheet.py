"""Styles are read once for all stylesheets, and again when a theme's variables are others."""

import pytest
from textual.css.stylesheet import StylesheetParseError

from flashcards.app.textual_fixes.colours import RememberingStylesheet

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
