"""A table in cells: every row is as wide as its columns, whatever stands in them."""

import pytest
from rich.cells import cell_len

from flashcards.app.widgets import table
from flashcards.app.widgets.cells import row_width
from flashcards.app.widgets.table import Column

COLUMNS: list[Column[str]] = [
    Column("word", 6, lambda word: (word, ".strong")),
    Column("letters", 4, lambda word: (str(len(word)), ""), is_right=True),
    Column("marks", 3, lambda word: [("✓", ".right"), ("✗✗", ".wrong")]),
]


@pytest.mark.parametrize("gap", ["", "  "])
@pytest.mark.parametrize("word", ["", "go", "interesting", "日本語の言葉"])
def test_heading_and_rows_are_as_wide_as_their_columns(word: str, gap: str) -> None:
    width = 6 + 4 + 3 + 3 * len(gap)
    assert row_width(table.heading(COLUMNS, gap)) == width
    assert row_width(table.line(COLUMNS, word, gap)) == width


def test_a_number_stands_at_the_right_of_its_column_and_keeps_its_style() -> None:
    assert table.line(COLUMNS, "go", " ") == [
        ("go    ", ".strong"),
        (" ", ""),
        ("   2", ""),
        (" ", ""),
        ("✓", ".right"),
        ("✗✗", ".wrong"),
        (" ", ""),
    ]


def test_what_is_too_long_ends_with_an_ellipsis_on_either_side() -> None:
    for is_right in (False, True):
        column = Column("", 4, lambda text: (text, ""), is_right=is_right)
        ((text, _),) = table.line([column], "日本語の言葉", "")
        assert cell_len(text) == 4
        assert text.strip() == "日…"
