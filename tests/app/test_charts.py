"""Bars, curves and their axis, and the wall of cards."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flashcards.app.widgets.bars import bar, column
from flashcards.app.widgets.charts import (
    LINE,
    ChartView,
    Curve,
    LossChart,
    Mark,
    ShareChart,
    SharesView,
    columns,
    marked_axis,
)
from flashcards.app.widgets.plot import AXIS_WIDTH, plot
from flashcards.app.widgets.time_line import TimeLine, TimeLineView, place_of
from flashcards.runs.markers import AllRight, AnyMarker, Forgotten, ModelBroke, RateWasChanged
from flashcards.runs.steps import Break
from flashcards.runs.values import Score
from tests.app.drawn import dots, plain


def test_a_bar_is_full_or_empty_only_when_that_is_true() -> None:
    assert plain([bar(1.0, 8, "")]) == ["━━━━━━━━"]
    assert plain([bar(0.999, 8, "")]) == ["━━━━━━━─"]
    assert plain([bar(0.001, 8, "")]) == ["━───────"]
    assert plain([bar(0.0, 8, "")]) == ["────────"]
    assert plain([bar(math.nan, 8, "")]) == ["────────"]


def test_a_column_shows_even_the_smallest_surprise_and_stops_at_the_top() -> None:
    assert column(0.0, 1) == ["▁"]
    assert column(0.5, 2) == [" ", "█"]
    assert column(math.inf, 2) == ["█", "█"]


def test_a_line_is_joined_and_a_gap_stays_a_gap() -> None:
    rising = dots(plot(((0, 0.0), (7, 1.0)), 7, 1.0, 4, 2))
    assert rising == ["⠀⠀⡠⠊", "⡠⠊⠀⠀"]
    gap = dots(plot(((0, 0.5), (4, 0.5), (9, math.nan), (25, 0.5), (49, 0.5)), 49, 1.0, 4, 1))
    assert "⠀" not in gap[0][:1]
    assert gap[0][1] != gap[0][3]


def test_a_quarter_of_the_steps_stands_in_the_middle() -> None:
    only = dots(plot(((25, 0.5),), 100, 1.0, 5, 1))[0]
    assert [cell != "⠀" for cell in only] == [False, False, True, False, False]


def test_no_curve_goes_through_the_words_of_a_chart() -> None:
    high = tuple((i, 3.5) for i in range(101))
    view = ChartView(high, guessing_nats=3.5)
    assert not any("blind" in row for row in plain(LossChart().draw(view, 44, 8)))
    left = (*((i, math.nan) for i in range(30)), *((i, 3.5) for i in range(30, 101)))
    rows = plain(LossChart().draw(ChartView(left, guessing_nats=3.5), 44, 8))
    (named,) = (row for row in rows if " blind guess " in row)
    assert named.index("blind") < 20


@pytest.mark.parametrize("step", [0, 1, 300, 320, 340, 800, 1100, 1150, 1166])
def test_a_marker_on_the_axis_stands_clear_of_its_labels(step: int) -> None:
    marker = AllRight(step=step, seen=Score(1, 1))
    row = "".join(text for text, _ in marked_axis((marker,), 1166, 39))
    at = row.index("★")
    assert at - AXIS_WIDTH == max(2, place_of(step, 1166, 39))
    assert row[at - 1 : at + 2].replace("★", "").strip() == ""
    assert row.split()[0] == "0"
    words = row.replace("★", " ").replace("early steps wider", "").split()
    assert set(words) <= {"0", "291", "step", "1,166"}


def test_where_the_model_broke_words_stand_beside_the_sign() -> None:
    for step, is_said in ((900, True), (0, False)):
        found = Break(step=step, sign="forgot", before_nats=0.1, factor=32.0)
        broke = ModelBroke(step=step, broken=found, guessing_nats=3.6, loss_nats=3.0)
        row = "".join(text for text, _ in marked_axis((broke,), 1166, 39))
        assert "∞" in row
        assert ("broke here ∞" in row) is is_said


def test_where_signs_crowd_a_break_is_seen_and_what_was_done_by_hand_gives_way() -> None:
    raised = [RateWasChanged(step=800 + i, factor=2.0) for i in range(5)]
    found = Break(step=806, sign="forgot", before_nats=0.1, factor=2.0)
    broke = ModelBroke(step=806, broken=found, guessing_nats=3.5, loss_nats=3.0)
    forgot = Forgotten(step=810, seen=Score(1, 9), best=Score(9, 9))
    markers: tuple[AnyMarker, ...] = (*raised, broke, forgot)
    row = "".join(text for text, _ in marked_axis(markers, 1000, 39))
    assert row[AXIS_WIDTH + place_of(806, 1000, 39)] == "∞"
    assert "▼" in row
    line = "".join(t for t, _ in TimeLine().draw(TimeLineView(0, 1000, markers), 80, 1)[0])
    assert "∞" in line


def test_a_chart_without_a_number_waits() -> None:
    for points in ((), ((0, math.nan),)):
        assert "first exam" in " ".join(plain(LossChart().draw(ChartView(points), 44, 8)))


def test_an_error_beyond_the_top_stays_at_the_top() -> None:
    grid = plot(((0, 1.0), (9, 1e9)), 9, 2.0, 5, 2)
    assert dots(grid)[0][-1] != "⠀"


def test_the_chart_draws_the_floor_that_contradicting_cards_make() -> None:
    points = tuple((i, max(0.9, 3.0 - 0.1 * i)) for i in range(41))
    view = ChartView(seen=points, guessing_nats=3.0, floor_nats=0.9)
    rows = plain(LossChart().draw(view, 60, 12))
    (floor,) = (row for row in rows if "floor: cards contradict" in row)
    assert floor.startswith("0.90 ┄")
    assert not any("floor" in row for row in plain(LossChart().draw(ChartView(points), 60, 12)))


LEFT, DIFFERS = "⋎", "≠"


def marks(*steps: int) -> tuple[Mark, ...]:
    """The branch left at the first, an answer differed at the second."""
    signs = zip(steps, (LEFT, DIFFERS), strict=False)
    return tuple(Mark(step, sign, ".strong") for step, sign in signs)


def chart(*steps: int, last_step: int, width: int) -> list[str]:
    """A chart of that many columns with a line up to the last step, row by row."""
    line = Curve("", ((0, 0.5), (last_step, 0.5)), ".taught")
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


@given(st.lists(st.integers(0, 5000), max_size=2), st.integers(1, 5000), st.integers(4, 120))
def test_no_sign_is_ever_lost_and_no_row_too_wide(
    steps: list[int], last_step: int, width: int
) -> None:
    row = chart(*steps, last_step=last_step, width=width)[-1]
    for mark in marks(*steps):
        assert (mark.sign in row) == (mark.step <= last_step)
    assert cell_len(row) <= AXIS_WIDTH + width
    assert all(0 <= x < width for x in columns(marks(*steps), last_step, width))


def test_a_line_goes_through_what_is_empty_and_never_through_a_curve() -> None:
    line = Curve("seen", tuple((step, 0.5) for step in range(0, 1000, 10)), ".taught")
    view = SharesView("", (line,), marks=marks(250))
    rows = plain(ShareChart().draw(view, 60, 12))
    assert [row[32:] for row in rows if LINE in row] == [LINE] * 9
    assert rows[6] == "     " + "⠉" * 55
    assert rows[-1] == "     0  early steps wider       ⋎ 250               step 990"
