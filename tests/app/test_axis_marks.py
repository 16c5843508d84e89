"""Signs on a chart's axis: each is there, one cell wide, with its step where there is room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flashcards.app.widgets.plot import AXIS_WIDTH
from flashcards.app.widgets.share_chart import (
    LINE,
    Line,
    Mark,
    ShareChart,
    SharesView,
    columns,
)
from tests.app.drawn import plain

LEFT, DIFFERS = "⋎", "≠"


def marks(*steps: int) -> tuple[Mark, ...]:
    """The branch left at the first, an answer differed at the second."""
    signs = zip(steps, (LEFT, DIFFERS), strict=False)
    return tuple(Mark(step, sign, ".strong") for step, sign in signs)


def chart(*steps: int, last_step: int, width: int) -> list[str]:
    """A chart of that many columns with a line up to the last step, row by row."""
    line = Line("", ((0, 0.5), (last_step, 0.5)), ".taught")
    shown = tuple(mark for mark in marks(*steps) if mark.step <= last_step)
    return plain(ShareChart().draw(SharesView("", (line,), marks=shown), AXIS_WIDTH + width, 8))


def drawn(*steps: int, last_step: int = 1284, width: int = 60) -> str:
    """The axis as text, without what is left of the plot."""
    return chart(*steps, last_step=last_step, width=width)[-1][AXIS_WIDTH:]


@pytest.mark.parametrize(
    ("steps", "row"),
    [
        ((410, 434), "0  early steps wider         410 ⋎≠ 434           step 1,284"),
        ((300, 340), "0  early steps wider    300 ⋎ ≠ 340               step 1,284"),
        ((100, 900), "0               ⋎ 100         321     step 1,284 ≠"),
        ((410,), "0  early steps wider             ⋎ 410            step 1,284"),
        ((0, 1), "⋎≠ 1             early steps wider                step 1,284"),
        ((1270, 1284), "0                early steps wider             step 1,284 ⋎≠"),
        ((2000,), "0                early steps wider                step 1,284"),
    ],
)
def test_signs_stand_at_their_steps_and_numbers_where_there_is_room(
    steps: tuple[int, ...], row: str
) -> None:
    assert drawn(*steps) == row


@given(
    st.lists(st.integers(0, 5000), max_size=2),
    st.integers(1, 5000),
    st.integers(4, 120),
)
def test_no_sign_is_ever_lost_and_no_row_too_wide(
    steps: list[int], last_step: int, width: int
) -> None:
    row = chart(*steps, last_step=last_step, width=width)[-1]
    for mark in marks(*steps):
        assert (mark.sign in row) == (mark.step <= last_step)
    assert cell_len(row) <= AXIS_WIDTH + width
    assert all(0 <= x < width for x in columns(marks(*steps), last_step, width))


def test_signs_are_one_cell_wide() -> None:
    assert [cell_len(sign) for sign in (LEFT, DIFFERS, LINE)] == [1, 1, 1]


def test_a_line_goes_through_what_is_empty_and_never_through_a_curve() -> None:
    line = Line("seen", tuple((step, 0.5) for step in range(0, 1000, 10)), ".taught")
    view = SharesView("", (line,), marks=marks(250))
    rows = plain(ShareChart().draw(view, 60, 12))
    assert [row[32:] for row in rows if LINE in row] == [LINE] * 9
    assert rows[6] == "     " + "⠉" * 55
    assert rows[-1] == "     0  early steps wider       ⋎ 250               step 990"
