"""The parts of the play screen as text: what a chart, a wall, a bar or a big letter looks like.

Long because the screen has many parts, and each is drawn at several sizes.
"""

from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from flashcards.app.kit.bars import bar, changed_bar, column
from flashcards.app.kit.card_face import CardFace, CardView, big_lines
from flashcards.app.kit.cells import LIT, Row, cut, fitted, wrap
from flashcards.app.kit.letters import N_ROWS, big, big_width, can_draw
from flashcards.app.kit.loss_chart import ChartView, LossChart, axis_row
from flashcards.app.kit.plot import AXIS_WIDTH, plot
from flashcards.app.kit.time_line import TimeLine, TimeLineView, place_of
from flashcards.app.kit.verdict_line import VerdictLine, VerdictView
from flashcards.app.lesson.card_wall import CardWall, WallView, fit, worst
from flashcards.app.lesson.change_sheet import ChangeSheet, ChangeView
from flashcards.app.lesson.guess_sheet import GuessSheet, GuessView
from flashcards.app.run.pace import Pace
from flashcards.numbers import (
    column_percent,
    duration,
    nats,
    odds_pair,
    percent,
    percent_right,
    signed,
    small,
    weight_factor,
)
from flashcards.runs import verdict
from flashcards.runs.markers import AllRight, AnyMarker, Broke, Forgotten, RateWasChanged
from flashcards.runs.steps import Break
from flashcards.runs.values import PHASES, Correction, Score
from tests.app.lesson import change, correction


def plain(rows: list[Row]) -> list[str]:
    """Rows as the text in them."""
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def dots(grid: list[list[int]]) -> list[str]:
    """Braille bits as text."""
    return ["".join(chr(0x2800 | bits) for bits in row) for row in grid]


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
        (1 / 1.32e13, 1 / 1.08e13, "1 in 1.3 ▸ 1.1·10¹³"),
        (1 / 3.42e13, 1 / 9.6e12, "1 in 3 ▸ 1·10¹³"),
        (1e-40, 1e-38, "1 in 10⁴⁰ ▸ 10³⁸"),
        (1e-305, 1e-9, "1 in 10³⁰⁰ ▸ 10⁹"),
        (math.nan, 0.5, "– ▸ 50 %"),
    ],
)
def test_both_ends_of_an_arrow_have_one_unit_and_the_digits_that_show_the_change(
    before: float, after: float, shown: str
) -> None:
    assert " ▸ ".join(odds_pair(before, after)) == shown


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
    pace = Pace()
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


def test_a_bar_is_full_or_empty_only_when_that_is_true() -> None:
    assert plain([bar(1.0, 8, "")]) == ["━━━━━━━━"]
    assert plain([bar(0.999, 8, "")]) == ["━━━━━━━─"]
    assert plain([bar(0.001, 8, "")]) == ["━───────"]
    assert plain([bar(0.0, 8, "")]) == ["────────"]
    assert plain([bar(math.nan, 8, "")]) == ["────────"]


def test_a_changed_bar_points_where_the_change_went() -> None:
    assert plain([changed_bar(0.25, 0.5, 8)]) == ["━━▸▸────"]
    assert plain([changed_bar(0.5, 0.25, 8)]) == ["━━◂◂────"]


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


def test_a_chart_has_its_top_its_floor_the_blind_guess_and_the_steps() -> None:
    view = ChartView(((0, 3.5), (100, 0.5)), ((0, 3.6), (100, 1.5)), math.log(37))
    rows = plain(LossChart().draw(view, 44, 8))
    assert rows[0] == "error  ━ seen 0.50  ╍ never seen 1.50"
    assert rows[1].startswith("3.61 ")
    assert "blind guess" in rows[1]
    assert rows[-2].startswith("   0 ")
    assert "expected it" in rows[-2]
    assert rows[-1].split() == ["0", "early", "steps", "wider", "step", "100"]


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
    row = "".join(text for text, _ in axis_row((marker,), 1166, 39))
    at = row.index("★")
    assert at - AXIS_WIDTH == max(2, place_of(step, 1166, 39))
    assert row[at - 1 : at + 2].replace("★", "").strip() == ""
    assert row.split()[0] == "0"
    words = row.replace("★", " ").replace("early steps wider", "").split()
    assert set(words) <= {"0", "291", "step", "1,166"}


def test_where_the_model_broke_words_stand_beside_the_sign() -> None:
    for step, is_said in ((900, True), (0, False)):
        found = Break(step=step, sign="forgot", before_nats=0.1, factor=32.0)
        broke = Broke(step=step, broken=found, guessing_nats=3.6, loss_nats=3.0)
        row = "".join(text for text, _ in axis_row((broke,), 1166, 39))
        assert "∞" in row
        assert ("broke here ∞" in row) is is_said


def test_where_signs_crowd_a_break_is_seen_and_what_was_done_by_hand_gives_way() -> None:
    raised = [RateWasChanged(step=800 + i, factor=2.0) for i in range(5)]
    found = Break(step=806, sign="forgot", before_nats=0.1, factor=2.0)
    broke = Broke(step=806, broken=found, guessing_nats=3.5, loss_nats=3.0)
    forgot = Forgotten(step=810, seen=Score(1, 9), best=Score(9, 9))
    markers: tuple[AnyMarker, ...] = (*raised, broke, forgot)
    row = "".join(text for text, _ in axis_row(markers, 1000, 39))
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


def test_a_wall_keeps_the_never_seen_cards_apart() -> None:
    view = WallView(bytes([3, 3, 2, 1, 0, 3]), bytes([0, 1, 0, 0, 0, 1]))
    rows = plain(CardWall().draw(view, 30, 8))
    assert [sign for sign in "".join(rows[1:-1]) if sign != " "] == ["■", "▪", "·", "◆", "◆"]
    assert "◆ never seen" not in rows[-1]
    assert rows[-1].split() == ["■◆", "right", "▪◈", "nearly", "·◇", "wrong"]


def test_a_cell_of_several_cards_shows_the_worst() -> None:
    assert worst(bytes([3, 2, 3, 3, 1, 3, 2]), 2) == bytes([2, 3, 1, 2])


def test_of_a_large_deck_only_the_cards_of_the_last_exam_are_shown_and_counted() -> None:
    view = WallView(bytes([0, 3, 0, 2, 0, 1, 0, 0]), bytes([0, 0, 0, 0, 0, 1, 1, 0]), current=3)
    rows = plain(CardWall().draw(view, 40, 8))
    assert rows[0] == "3 of 8 cards"
    assert [sign for sign in "".join(rows[1:-1]) if sign != " "] == ["■", "▪", "◇"]
    lit = [part for row in CardWall().draw(view, 40, 8) for part in row if part[1] == LIT]
    assert lit == [("▪", LIT)]


def test_of_a_large_deck_in_another_order_the_order_its_cards_and_what_a_cell_is_are_all_said() -> (
    None
):
    marks = bytes([3] * 988 + [0] * 3012)
    rows = plain(CardWall().draw(WallView(marks, bytes(4000), order="hardest"), 30, 8))
    assert rows[:2] == ["hardest first: 988 of 4,000", "■ = all of 7 cards right"]
    assert "■" * 30 in rows[2]
    rows = plain(CardWall().draw(WallView(marks, bytes(4000)), 30, 8))
    assert rows[0] == "988 of 4,000 cards"


@pytest.mark.parametrize("n_taught", [1, 12, 50, 2880, 100_000])
@pytest.mark.parametrize("n_held_out", [0, 20, 800])
@pytest.mark.parametrize(("width", "n_rows"), [(30, 6), (46, 11), (74, 27)])
def test_every_card_has_a_cell(n_taught: int, n_held_out: int, width: int, n_rows: int) -> None:
    n_cards, pitch, n_apart = fit(n_taught, n_held_out, width, n_rows)
    per_row = (width + pitch - 1) // pitch
    cells = [math.ceil(n / n_cards) for n in (n_taught, n_held_out)]
    needed = sum(math.ceil(n / per_row) for n in cells)
    assert needed * n_apart - (n_apart - 1) <= n_rows


def test_big_letters_are_four_rows_of_the_width_they_say() -> None:
    for is_wide in (True, False):
        rows = big("sing", is_wide=is_wide)
        assert len(rows) == N_ROWS
        assert {cell_len(row) for row in rows} == {big_width("sing", is_wide=is_wide)}
    assert big("i", is_wide=True) == ["  ▀  ", " ▀█  ", "  █  ", " ▀▀▀ "]


def test_letters_without_a_drawing_stay_small() -> None:
    assert can_draw("Qu'est-ce?")
    assert can_draw("façade")
    assert not can_draw("りんご")
    assert not can_draw("🍎")
    assert not can_draw("")
    assert big_lines("りんご", 40, 10) == []


def test_big_letters_never_break_a_word_or_lose_one() -> None:
    assert len(big_lines("sing", 18, 5)) == N_ROWS
    assert big_lines("understand", 18, 5) == []
    assert len(big_lines("go on", 18, 9)) == 2 * N_ROWS
    assert len(big_lines("go on", 18, 5)) == N_ROWS
    assert len(big_lines("seven hundred", 28, 9)) == 2 * N_ROWS
    assert big_lines("seven hundred", 28, 5) == []


def test_a_card_in_big_letters_also_has_its_words() -> None:
    rows = plain(CardFace().draw(CardView("sing", "irregular", "seen 31×"), 18, 8))
    assert (rows[0], len(rows)) == ("", 7)
    assert rows[1] == "────── irregular ─"
    assert rows[6] == "sing      seen 31×"


def test_a_guess_that_runs_on_is_cut_soon_after_the_answer() -> None:
    card = correction("🍎", "apple", "chy" + "m" * 30)
    rows = plain(GuessSheet().draw(GuessView(card, None, 3.3), 28, 8))
    assert rows[1].split() == ["guess", *"chymmm…"]
    assert rows[3].split() == ["answer", *"apple⏎"]


def test_long_answers_wrap_and_show_where_they_go_wrong() -> None:
    right, wrong = "x" * 60, "x" * 55 + "yyyyy"
    rows = plain(GuessSheet().draw(GuessView(correction("p", right, wrong), None, 3.3), 28, 8))
    assert any("✗" in row and "wrong" not in row for row in rows)
    assert any("0 = expected" in row for row in rows)


@pytest.mark.parametrize(("width", "height"), [(28, 8), (46, 14), (90, 18)])
@pytest.mark.parametrize(("answer", "guess"), [("sang", "singed"), ("x" * 60, "x" * 50)])
def test_the_labels_stay_where_they_are_while_a_card_is_explained(
    width: int, height: int, answer: str, guess: str
) -> None:
    whole = correction("p", answer, guess, n_cards=1)
    known: dict[str, dict[str, object]] = {
        "data": {},
        "prediction": {"guess": whole.guess},
        "error": {
            "guess": whole.guess,
            "mark": whole.mark,
            "pieces": whole.pieces,
            "error_nats": whole.error_nats,
        },
    }
    places = set()
    for phase in PHASES[:4]:
        card = Correction(
            card_index=1,
            prompt="p",
            answer=answer,
            section="",
            times_seen=1,
            n_cards=1,
            history="w",
            **known.get(phase, {}),  # type: ignore[arg-type]
        )
        rows = plain(GuessSheet().draw(GuessView(card, phase, 3.3), width, height))
        labels = ("guess", "answer", "surprise", "error", "history")
        places.add(
            tuple((y, label) for y, row in enumerate(rows) for label in labels if label in row)
        )
    assert len(places) == 1


def test_the_chart_draws_the_floor_that_contradicting_cards_make() -> None:
    points = tuple((i, max(0.9, 3.0 - 0.1 * i)) for i in range(41))
    view = ChartView(seen=points, guessing_nats=3.0, floor_nats=0.9)
    rows = plain(LossChart().draw(view, 60, 12))
    (floor,) = (row for row in rows if "floor: cards contradict" in row)
    assert floor.startswith("0.90 ┄")
    assert not any("floor" in row for row in plain(LossChart().draw(ChartView(points), 60, 12)))


def test_an_exception_answered_by_the_rule_is_told_apart_from_other_mistakes() -> None:
    by_rule = correction("go", "went", "goed", is_by_rule=True)
    rows = plain(GuessSheet().draw(GuessView(by_rule), 50, 10))
    assert any(row.startswith("↻ rule") for row in rows)
    assert not any("✗ wrong" in row for row in rows)


def test_a_value_above_the_plot_is_marked_in_the_legend() -> None:
    points = ((0, 3.0), (10, 0.1))
    view = ChartView(points, ((0, 3.0), (10, 54.1)), guessing_nats=3.0)
    (legend, *_) = plain(LossChart().draw(view, 60, 8))
    assert legend.endswith("never seen 54.10 ▲")
    assert "taught 0.10 ▲" not in legend


def test_what_goes_on_after_the_end_is_never_cut_off() -> None:
    view = VerdictView("word " * 60, "verdict", tail="Any key goes on.")
    rows = plain(VerdictLine().draw(view, 40, 2))
    assert len(rows) == 2
    assert rows[-1].endswith("… Any key goes on.")
    assert all(cell_len(row) <= 40 for row in rows)
    rows = plain(VerdictLine().draw(VerdictView("word " * 7, tail="Any key goes on."), 40, 2))
    assert [row.rstrip() for row in rows] == [
        "word word word word word word word",
        "Any key goes on.",
    ]
    (short,) = plain(VerdictLine().draw(VerdictView("It has.", tail="Any key goes on."), 40, 2))
    assert short == "It has. Any key goes on."


def test_an_answer_is_not_cut_off_for_the_word_that_it_got_worse() -> None:
    worse = change(0.974, 0.972)
    for answer, ends in (("24586", "▾"), ("a", "worse")):
        shown = ChangeView(correction("x", answer, n_cards=1, change=worse), None)
        row = next(row for row in plain(ChangeSheet().draw(shown, 24, 8)) if "▸" in row)
        assert row.startswith(answer)
        assert row.endswith(ends)
