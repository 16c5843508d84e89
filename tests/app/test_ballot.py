"""What the projector shows while phones answer: the question first, and how it came out."""

from itertools import pairwise, product

import pytest
from hypothesis import given, strategies as st

from flashcards.app.widgets.ballot import (
    BALLOT_SIZES,
    TALK,
    BallotSheet,
    BallotView,
    OutcomeMark,
)
from flashcards.app.widgets.cells import HEADING, row_width
from tests.app.drawn import plain

TENTHS = tuple(f"{10 * n} %" for n in range(11))
RATE = ("more right than before", "about as many right", "fewer right")
SHARE = BallotView(
    "What share of cards TAUGHT will be right after 10 s more training?",
    left="27 s",
    answered="3 of 23 have answered",
    keys="esc calls it off",
)
CHOICE = BallotView(
    "Each correction now changes 64 times as much. How many cards will be right then?",
    RATE,
    left="27 s",
    answered="3 of 23 have answered",
    keys="esc calls it off",
)


def sizes(view: BallotView, width: int, height: int) -> int:
    """Which of the pairs of sizes the question and the rest are drawn in."""
    sheet = BallotSheet()
    drawn = [sheet._sized(view, *pair, width, height) for pair in BALLOT_SIZES]
    return max(i for i, rows in enumerate(drawn) if rows is not None)


def test_the_question_is_the_largest_and_nothing_gets_smaller_with_the_sizes() -> None:
    for question, rest in BALLOT_SIZES[1:]:
        assert question is not None
        assert rest is None or rest < question
    for before, after in pairwise(BALLOT_SIZES):
        assert all(
            a is None or (b is not None and a <= b) for a, b in zip(before, after, strict=True)
        )


@pytest.mark.parametrize("view", [SHARE, CHOICE])
@pytest.mark.parametrize("size", [(76, 22), (116, 38), (196, 48)])
def test_the_question_fills_the_screen(view: BallotView, size: tuple[int, int]) -> None:
    assert sizes(view, *size) > 0
    rows = BallotSheet().draw(view, *size)
    assert len(rows) == size[1]
    assert all(row_width(row) <= size[0] for row in rows)


@pytest.mark.slow
@given(
    st.sampled_from([SHARE, CHOICE]),
    *(st.integers(40, 200), st.integers(12, 60), st.integers(0, 100), st.integers(0, 40)),
)
def test_no_letter_of_a_ballot_is_smaller_on_a_larger_screen(
    view: BallotView, width: int, height: int, wider: int, higher: int
) -> None:
    assert sizes(view, width, height) <= sizes(view, width + wider, height + higher)


def test_what_can_be_answered_stands_apart_from_the_seconds() -> None:
    rows = plain(BallotSheet().draw(CHOICE, 76, 22))
    answers = next(y for y, row in enumerate(rows) if "fewer right" in row)
    seconds = next(y for y, row in enumerate(rows) if "27 s" in row)
    assert rows[answers + 1] == ""
    assert seconds == answers + 2


def test_a_class_that_talks_first_reads_so_on_the_screen() -> None:
    view = BallotView(SHARE.question, order=TALK, left="89 s", answered="", keys="")
    assert plain(BallotSheet().draw(view, 76, 22))[0].strip() == TALK


@pytest.mark.parametrize("width", [56, 76, 116, 196])
@pytest.mark.parametrize("columns", [((2, 12, 9),), ((9, 8, 6), (2, 12, 9))])
def test_an_outcome_in_words_keeps_to_its_row(
    width: int, columns: tuple[tuple[int, ...], ...]
) -> None:
    outcome = OutcomeMark(frozenset({2}), "fewer right")
    view = BallotView(CHOICE.question, RATE, columns=columns, outcome=outcome)
    rows = BallotSheet().draw(view, width, 30)
    assert all(row_width(row) <= width for row in rows)
    (marked,) = (row for row in rows if any("◀" in text for text, _ in row))
    assert marked[0] == ("fewer right           ", HEADING)
    text = plain([marked])[0]
    assert text.endswith("9 ◀ ✓")
    assert text.count("fewer right") == 1


def test_an_outcome_that_is_a_number_is_said_beside_its_place() -> None:
    hands = (0, 0, 1, 0, 0, 0, 0, 0, 4, 14, 0)
    view = BallotView(
        SHARE.question, TENTHS, columns=(hands,), outcome=OutcomeMark(frozenset({9}), "93 %")
    )
    (marked,) = (row for row in plain(BallotSheet().draw(view, 76, 22)) if "◀" in row)
    assert marked.startswith("90 %")
    assert marked.endswith("14 ◀ 93 %")
    assert len([row for row in plain(BallotSheet().draw(view, 76, 22)) if " %" in row]) >= 11


def test_two_rounds_are_named() -> None:
    view = BallotView(
        "Which?", RATE, columns=((1, 2, 3), (3, 2, 1)), outcome=OutcomeMark(frozenset(), "")
    )
    rows = plain(BallotSheet().draw(view, 76, 22))
    assert any("before talking" in row and "after talking" in row for row in rows)


def test_every_size_of_a_screen_is_filled_without_a_fault() -> None:
    for view, width, height in product((SHARE, CHOICE), (20, 40, 60), (6, 10, 14)):
        assert len(BallotSheet().draw(view, width, height)) == height
