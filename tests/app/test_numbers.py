"""Numbers and texts as they are written in cells."""

import math

import pytest
from rich.cells import cell_len

from flashcards.app.view import SmoothedPace
from flashcards.app.widgets.cells import Row, cut, fitted, wrap
from flashcards.app.widgets.charts import ChartView, LossChart
from flashcards.runs import verdict
from flashcards.runs.values import Score
from flashcards.wording.numbers import (
    column_percent,
    duration,
    nats,
    odds_factor,
    odds_pair,
    percent,
    percent_right,
    signed,
    small,
    weight_factor,
)
from tests.app.drawn import plain


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"),
        (1e-9, "<0.01 %"),
        (0.0002, "0.02 %"),
        (0.004, "0.4 %"),
        (0.36, "36 %"),
        (0.9961, "99.61 %"),
        (0.99994, "99.99 %"),
        (1.0, "100 %"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_a_probability_is_never_rounded_into_certainty(share: float | None, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (0.361, 0.364, "36.1 ▸ 36.4 %"),
        (0.36, 0.52, "36 ▸ 52 %"),
        (0.9938, 0.9953, "99.38 ▸ 99.53 %"),
        (0.1249, 0.1251, "12.49 ▸ 12.51 %"),
        (0.98, 1.0, "98 ▸ 100 %"),
        (0.99997, 0.99999, "99.997 ▸ 99.999 %"),
        (0.5, 0.5, "50 ▸ 50 %"),
        (0.9999999, 0.9999999, "100 ▸ 100 %"),
        (0.0, 0.2, "0 ▸ 20 %"),
        (1 / 29_000, 0.0002, "0.003 ▸ 0.020 %"),
        (2.3e-9, 0.01, "<0.01 ▸ 1.00 %"),
        (2.3e-9, 2.6e-9, "1 in 435 M ▸ 385 M"),
        (1 / 3.4e9, 1 / 900e6, "1 in 3,400 M ▸ 900 M"),
        (1 / 12_000, 1 / 500e6, "1 in 10⁴ ▸ 10⁹"),
        (1 / 1.32e13, 1 / 1.08e13, "1 in 1.3·10¹³ ▸ 1.1·10¹³"),
        (1 / 3.42e13, 1 / 9.6e12, "1 in 3·10¹³ ▸ 1·10¹³"),
        (1e-40, 1e-38, "1 in 10⁴⁰ ▸ 10³⁸"),
        (1e-305, 1e-9, "1 in 10³⁰⁰ ▸ 10⁹"),
        (math.nan, 0.5, "– ▸ 50 %"),
    ],
)
def test_both_ends_of_an_arrow_have_one_unit_and_the_digits_that_show_the_change(
    before: float, after: float, shown: str
) -> None:
    assert " ▸ ".join(odds_pair(before, after)) == shown


@pytest.mark.parametrize(
    ("before", "after", "factor"),
    [
        (7e-21, 1.4e-20, "2.0"),
        (1.4e-20, 7e-21, "0.5"),
        (1e-20, 1.02e-20, "1.020"),
        (1e-20, 1e-20, ""),
        (1e-20, 1.0001e-20, ""),
        (0.9e-12, 1.8e-12, "2.0"),  # or 1 in 1.1·10¹² ▸ 0.6·10¹²
        (1e-20, 2e-19, ""),  # 1 in 10²⁰ ▸ 5·10¹⁸
        (1e-9, 2e-9, ""),
        (1e-13, 0.5, ""),
        (math.nan, 1e-20, ""),
        (0.0, 1e-20, ""),
    ],
)
def test_a_factor_is_told_where_both_are_powers_of_ten(
    before: float, after: float, factor: str
) -> None:
    assert odds_factor(before, after) == factor


def test_a_row_that_is_too_long_ends_in_an_ellipsis_and_never_within_a_number() -> None:
    row: Row = [("sum   ", ""), ("19.88", ".strong"), (" nats  ", "")]
    assert fitted(row, 18) == row
    assert "".join(text for text, _ in fitted(row, 16)) == "sum   19.88 nats"
    assert "".join(text for text, _ in fitted(row, 10)) == "sum   19.…"


def test_all_right_and_none_right_are_said_only_when_true() -> None:
    assert percent_right(Score(2879, 2880)) == "99 %"
    assert percent_right(Score(2880, 2880)) == "100 %"
    assert percent_right(Score(1, 2880)) == "<1 %"
    assert percent_right(Score(0, 0)) == "–"


@pytest.mark.parametrize("n", range(1, 101))
def test_whole_per_cents_are_themselves(n: int) -> None:
    assert percent_right(Score(n, 100)) == verdict.percent(n / 100) == f"{n} %"


def test_numbers_have_their_signs_and_units() -> None:
    assert [weight_factor(v) for v in (0.2, -0.3, 0.004, 9.0, math.inf)] == [
        "×1.2",
        "×0.74",
        "×1.004",
        "×8,103",
        "–",
    ]
    assert [signed(v) for v in (1.1, -0.44, 0.012, -0.002, math.inf)] == [
        "+1.1",
        "−0.4",
        "+0.01",
        "−0.002",
        "–",
    ]
    assert [nats(v) for v in (0.0, 1.005, 123.4, math.nan)] == ["0.00", "1.00", "123", "–"]
    assert [duration(s) for s in (0, 21.9, 3723)] == ["00:00", "00:21", "1:02:03"]
    assert [small(v) for v in (0.0, 0.84, 1e-7, 1234.0)] == ["0", "0.84", "1e-07", "1,234"]
    assert small(0.00064) == "0.00064"


def test_shares_in_a_column_have_as_many_digits_each() -> None:
    shares = (0.0008, 0.000758, 0.0921, 0.000000001, 0.0, 0.5)
    shown = ["0.0800 %", "0.0758 %", "9.21 %", "<0.0001 %", "0 %", "50 %"]
    assert [column_percent(share) for share in shares] == shown


def test_pace_is_smoothed_and_starts_over_when_the_run_goes_back() -> None:
    pace = SmoothedPace()
    assert pace.update(0, 0.0) is None
    assert pace.update(100, 1.0) == pytest.approx(100)
    faster = pace.update(400, 2.0)
    assert faster is not None
    assert 100 < faster < 300
    assert pace.update(400, 2.0) == faster
    assert pace.update(50, 0.5) is None


def test_text_is_cut_and_wrapped_by_cells() -> None:
    assert cut("りんごを食べる", 7) == "りんご…"
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"
    assert cut("e\u0301te\u0301s", 3) == "e\u0301t…"
    assert wrap("two words", 5, 3) == ["two", "words"]
    assert wrap("unbreakable", 4, 9) == ["unbr", "eaka", "ble"]
    assert wrap("one two three four", 5, 2) == ["one", "two…"]
    assert all(cell_len(line) <= 6 for line in wrap("りんごを食べる 👩‍👩‍👧‍👦 x", 6, 9))


def test_a_value_above_the_plot_is_marked_in_the_legend() -> None:
    points = ((0, 3.0), (10, 0.1))
    view = ChartView(points, ((0, 3.0), (10, 54.1)), guessing_nats=3.0)
    (legend, *_) = plain(LossChart().draw(view, 60, 8))
    assert legend.endswith("never seen 54.10 ▲")
    assert "taught 0.10 ▲" not in legend
