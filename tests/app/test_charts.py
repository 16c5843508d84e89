"""Numbers and texts in cells; bars, curves and their axis."""

import math

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.class_mode import without_outcomes
from flashcards.app.view import SmoothedPace
from flashcards.app.widgets.bars import (
    ScoreBars,
    ScoresView,
    ShareBet,
    bar,
    column,
    share_bet,
)
from flashcards.app.widgets.cells import Row, cut, fitted, wrap
from flashcards.app.widgets.charts import (
    LINE,
    ChartView,
    Curve,
    LossChart,
    Mark,
    ShareChart,
    SharesView,
    columns,
    getting_better,
    marked_axis,
)
from flashcards.app.widgets.plot import AXIS_WIDTH, axis_row, column_of, plot
from flashcards.app.widgets.time_line import TimeLine, TimeLineView
from flashcards.runs import verdict
from flashcards.runs.bets import Bet
from flashcards.runs.events import BetPlaced
from flashcards.runs.markers import (
    AllRight,
    AnyMarker,
    Forgotten,
    ModelBroke,
    Overtook,
    RateWasChanged,
)
from flashcards.runs.steps import Break
from flashcards.runs.values import BetQuestion, Knowledge, Score
from flashcards.wording.markers import MARKER_WORDS
from flashcards.wording.numbers import (
    chance,
    column_percent,
    duration,
    nats,
    odds_pair,
    percent_right,
    signed,
    small,
    weight_factor,
)
from tests import told
from tests.app.drawn import dots, plain
from tests.app.lesson import folded, started
from tests.golden import words


def test_a_bar_is_full_or_empty_only_when_that_is_true() -> None:
    assert plain([bar(1.0, 8, "")]) == ["━━━━━━━━"]
    assert plain([bar(0.999, 8, "")]) == ["━━━━━━━─"]
    assert plain([bar(0.001, 8, "")]) == ["╾───────"]
    assert plain([bar(0.0, 8, "")]) == ["────────"]
    assert plain([bar(math.nan, 8, "")]) == ["────────"]
    assert plain([bar(0.999, 8, "", is_fine=True)]) == ["━━━━━━━╾"]
    assert plain([bar(0.001, 8, "", is_fine=True)]) == ["╾───────"]
    assert plain([bar(0.0, 8, "", is_fine=True)]) == ["────────"]


def test_a_column_shows_even_the_smallest_surprise_and_stops_at_the_top() -> None:
    assert column(0.0, 1) == ["▁"]
    assert column(0.5, 2) == [" ", "█"]
    assert column(math.inf, 2) == ["█", "█"]


def test_a_line_is_joined_and_a_gap_stays_a_gap() -> None:
    rising = dots(plot(((0, 0.0), (7, 1.0)), 7, 1.0, 4, 2))
    assert rising == ["⠀⠀⢀⡠", "⠔⠊⠁⠀"]
    gap = dots(plot(((0, 0.5), (4, 0.5), (9, math.nan), (25, 0.5), (49, 0.5)), 49, 1.0, 4, 1))
    assert "⠀" not in gap[0][:1]
    assert gap[0][1] != gap[0][3]


def test_a_dashed_line_ends_where_its_newest_score_is() -> None:
    """A gap at its end would leave the score before it as the last one that is seen."""
    for n_columns in range(5, 13):
        points = ((0, 0.5), (18 * n_columns - 9, 0.5), (18 * n_columns, 0.0))
        rows = dots(plot(points, 18 * n_columns, 1.0, n_columns, 3, dash=(4, 4)))
        assert rows[-1][-1] != "⠀"


def test_half_of_the_steps_stands_in_the_middle() -> None:
    only = dots(plot(((50, 0.5),), 100, 1.0, 5, 1))[0]
    assert [cell != "⠀" for cell in only] == [False, False, True, False, False]


def test_no_curve_goes_through_the_words_of_a_chart() -> None:
    high = tuple((i, 3.5) for i in range(101))
    view = ChartView(high, guessing_nats=3.5)
    rows = plain(LossChart().draw(view, 44, 8))
    assert [row.split() for row in rows if "blind" in row] == [["↑", "blind", "guess"]]
    left = (*((i, math.nan) for i in range(55)), *((i, 3.5) for i in range(55, 101)))
    rows = plain(LossChart().draw(ChartView(left, guessing_nats=3.5), 44, 8))
    (named,) = (row for row in rows if " blind guess " in row)
    assert named.index("blind") < 20


@pytest.mark.parametrize("step", [0, 1, 300, 320, 340, 800, 1100, 1150, 1166])
def test_a_marker_on_the_axis_stands_clear_of_its_labels(step: int) -> None:
    marker = AllRight(step=step, seen=Score(1, 1))
    row = "".join(text for text, _ in marked_axis((marker,), 1166, 39))
    at = row.index("★")
    assert at - AXIS_WIDTH == max(2, column_of(step, 1166, 39))
    assert row[at - 1 : at + 2].replace("★", "").strip() == ""
    assert row.split()[0] == "0"
    words = row.replace("★", " ").replace("last exam:", "").split()
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
    assert row[AXIS_WIDTH + column_of(806, 1000, 39)] == "∞"
    assert "▼" in row
    line = "".join(t for t, _ in TimeLine().draw(TimeLineView(0, 1000, markers), 80, 1)[0])
    assert "∞" in line


def test_on_a_time_line_with_room_a_word_says_what_a_sign_means() -> None:
    """A viewer in the back row doesn't know what ▲ and ★ stand for."""
    ahead = Overtook(step=300, unseen=Score(5, 9), rival=None)
    every = AllRight(step=600, seen=Score(9, 9))
    line = "".join(
        t for t, _ in TimeLine().draw(TimeLineView(700, 1000, (ahead, every)), 120, 1)[0]
    )
    assert f"▲ {MARKER_WORDS['overtook']} ─" in line.replace("━", "─")
    assert "★ all right" not in line  # the place that is looked at would hide it
    line = "".join(t for t, _ in TimeLine().draw(TimeLineView(0, 1000, (ahead, every)), 130, 1)[0])
    assert f"★ later: {MARKER_WORDS['all_right']} ─" in line
    assert f"▲ later: {MARKER_WORDS['overtook']} ─" in line, "of what has not happened by then"
    narrow = "".join(t for t, _ in TimeLine().draw(TimeLineView(0, 1000, (ahead, every)), 40, 1)[0])
    assert not any(word in narrow for word in MARKER_WORDS.values())


@pytest.mark.parametrize(
    ("width", "until", "remark"),
    [
        (76, 600, "◎ your bet 80 %, at step 600"),
        (76, None, "3 right of 6 · ◎ your bet 80 %"),
        (116, 600, "3 right of 6 · ◎ your bet 80 %, at step 600"),
        (116, None, "3 right of 6 · ◎ your bet 80 %"),
    ],
)
def test_a_score_says_whose_bet_stands_beside_it_and_until_when(
    width: int, until: int | None, remark: str
) -> None:
    bet = ShareBet(0.8, until)
    view = ScoresView(seen=Score(3, 6), unseen=Score(0, 78), n_held_out=78, seen_bet=bet)
    seen, unseen = plain(ScoreBars().draw(view, width, 2))
    assert seen.endswith(f"─ {remark}")
    assert "bet" not in unseen


def test_a_classs_bet_beside_a_score_is_not_called_yours() -> None:
    question = BetQuestion(kind="score", side="seen", at_step=600)
    hands = (0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0)
    placed = BetPlaced(step=1, bet=question, share=0.4, hands=hands)
    bet = share_bet([Bet(placed)], "seen")
    assert bet is not None
    view = ScoresView(seen=Score(3, 6), unseen=Score(0, 78), n_held_out=78, seen_bet=bet)
    seen, _ = plain(ScoreBars().draw(view, 116, 2))
    remark = words("screen: class bet", share="40 %", step=600)
    assert seen.endswith(f"3 right of 6 · ◎ {remark}")


def test_a_chart_without_a_number_waits() -> None:
    for points in ((), ((0, math.nan),)):
        drawn = " ".join(plain(LossChart().draw(ChartView(points), 44, 8)))
        assert words("screen: no curve yet") in drawn


def test_an_error_beyond_the_top_stays_at_the_top() -> None:
    grid = plot(((0, 1.0), (9, 1e9)), 9, 2.0, 5, 2)
    assert dots(grid)[0][-1] != "⠀"


def test_the_chart_draws_the_floor_that_contradicting_cards_make() -> None:
    points = tuple((i, max(0.9, 3.0 - 0.1 * i)) for i in range(41))
    view = ChartView(seen=points, guessing_nats=3.0, floor_nats=0.9)
    rows = plain(LossChart().draw(view, 60, 12))
    (floor,) = (row for row in rows if "floor: cards contradict" in row)
    assert floor.strip().startswith("┄")
    assert not any("floor" in row for row in plain(LossChart().draw(ChartView(points), 60, 12)))


LEFT, DIFFERS = "├", "≠"


def marks(*steps: int) -> tuple[Mark, ...]:
    signs = zip(steps, (LEFT, DIFFERS), strict=False)
    return tuple(Mark(step, sign, ".strong") for step, sign in signs)


def chart(*steps: int, last_step: int, width: int) -> list[str]:
    """A chart of that many columns with a line up to the last step, row by row."""
    line = Curve("", ((0, 0.5), (last_step, 0.5)), ".taught")
    shown = tuple(mark for mark in marks(*steps) if mark.step <= last_step)
    return plain(ShareChart().draw(SharesView("", (line,), marks=shown), AXIS_WIDTH + width, 8))


def test_a_lone_dot_is_left_out() -> None:
    dot = Curve("dot", ((0, math.nan), (8, 1.0)), ".taught")
    line = Curve("line", ((0, 0.5), (8, 0.5)), ".unseen")
    for lines in ((dot, line), (line, dot)):
        rows = plain(ShareChart().draw(SharesView("", lines), 40, 8))
        assert rows[0].split()[1:2] == ["line"]
    rows = plain(ShareChart().draw(SharesView("", (dot,), waiting="Too early to say."), 40, 8))
    assert [row.strip() for row in rows if row.strip()] == ["Too early to say."]


@pytest.mark.parametrize(
    ("steps", "row"),
    [
        ((727, 748), "0                            727 ├≠    last exam: step 1,284"),
        ((623, 663), "0                       623 ├ ≠ 663    last exam: step 1,284"),
        ((360, 1080), "0               ├ 360      last exam: step 1,284 ≠"),
        ((727,), "0                                ├ 727 last exam: step 1,284"),
        ((0, 37), "├≠ 37                                  last exam: step 1,284"),
        ((1278, 1284), "0                                   last exam: step 1,284 ├≠"),
        ((2000,), "0                                      last exam: step 1,284"),
    ],
)
def test_signs_stand_at_their_steps_and_numbers_fit(steps: tuple[int, ...], row: str) -> None:
    assert chart(*steps, last_step=1284, width=60)[-1][AXIS_WIDTH:] == row


@given(st.lists(st.integers(0, 5000), max_size=2), st.integers(1, 5000), st.integers(4, 120))
def test_no_sign_is_lost_and_no_row_too_wide(steps: list[int], last_step: int, width: int) -> None:
    row = chart(*steps, last_step=last_step, width=width)[-1]
    for mark in marks(*steps):
        assert (mark.sign in row) == (mark.step <= last_step)
    assert cell_len(row) <= AXIS_WIDTH + width
    assert all(0 <= x < width for x in columns(marks(*steps), last_step, width))


def test_a_line_goes_through_what_is_empty_and_never_through_a_curve() -> None:
    line = Curve("seen", tuple((step, 0.5) for step in range(0, 1000, 10)), ".taught")
    view = SharesView("", (line,), marks=marks(498))
    rows = plain(ShareChart().draw(view, 60, 12))
    assert [row[32:] for row in rows if LINE in row] == [LINE] * 9
    assert rows[6] == "     " + "⠉" * 55
    assert rows[-1] == "     0                          ├ 498    last exam: step 990"


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
    assert chance(share) == said


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
        (2.3e-9, 2.6e-9, "1 in 435 million ▸ 1 in 385 million"),
        (1 / 3.4e9, 1 / 900e6, "1 in 3,400 million ▸ 1 in 900 million"),
        (1 / 12_000, 1 / 500e6, "1 in 10⁴ ▸ 1 in 10⁹"),
        (1 / 1.32e13, 1 / 1.08e13, "1 in 1.3·10¹³ ▸ 1 in 1.1·10¹³"),
        (1 / 3.42e13, 1 / 9.6e12, "1 in 3·10¹³ ▸ 1 in 1·10¹³"),
        (1e-40, 1e-38, "1 in 10⁴⁰ ▸ 1 in 10³⁸"),
        (1e-305, 1e-9, "1 in 10³⁰⁰ ▸ 1 in 10⁹"),
        (math.nan, 0.5, "– ▸ 50 %"),
    ],
)
def test_both_ends_of_an_arrow_have_one_unit(before: float, after: float, shown: str) -> None:
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


def test_whole_per_cents_are_themselves() -> None:
    for n in range(1, 101):
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
        "−0.44",
        "+0.01",
        "−0.002",
        "–",
    ]
    assert [nats(v) for v in (0.0, 1.005, 123.4, math.nan)] == ["0.00", "1.00", "123", "–"]
    assert [duration(s) for s in (0, 1, 21.9, 3723)] == ["00:00", "00:01", "00:21", "1:02:03"]
    assert [duration(s) for s in (0.001, 0.42)] == ["0.1 s", "0.4 s"]
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


def test_a_line_ends_at_the_share_that_its_legend_says() -> None:
    """Where many points share the last column, their mean would lie below."""
    points = tuple((step, step / 1000) for step in range(911))
    top, *_ = plot(((0, 0.0), *points, (911, 0.0), (912, 1.0)), 912, 1.0, 20, 8)
    assert top[-1] != 0
    rows = plain(ShareChart().draw(SharesView("", (Curve("it", points, ""),)), 40, 12))
    assert rows[0] == "━ it 91 %"


def test_lines_without_shares_are_named_beside_the_title_one_alone_too() -> None:
    points = ((0, 0.0), (10, 0.5))
    seen = Curve("seen", points, ".taught", has_share=False)
    unseen = Curve("never taught", points, ".unseen", "╍", has_share=False)
    rows = plain(ShareChart().draw(SharesView("Better?", (seen, unseen)), 60, 8))
    assert rows[0].split("  ")[0] == "Better?"
    assert rows[0].endswith("━ seen  ╍ never taught")
    alone = plain(ShareChart().draw(SharesView("Better?", (seen,)), 60, 8))[0]
    assert alone.split() == ["Better?", "━", "seen"]
    later = Curve("never taught", ((0, math.nan),), ".unseen", "╍", has_share=False)
    rows = plain(ShareChart().draw(SharesView("Better?", (seen, later)), 60, 8))
    named = "━ seen  ╍ never taught: no line yet"
    assert rows[0].endswith(named), "nobody looks for it, or takes one"
    begun = Curve("never taught", ((0, math.nan), (10, 0.0)), ".unseen", "╍", has_share=False)
    rows = plain(ShareChart().draw(SharesView("Better?", (seen, begun)), 60, 8))
    assert rows[0].endswith("━ seen  ╍ never taught"), "nobody takes the one for the other"


def test_a_value_above_the_plot_is_marked_in_the_legend() -> None:
    points = ((0, 3.0), (10, 0.1))
    view = ChartView(points, ((0, 3.0), (10, 54.1)), guessing_nats=3.0)
    (legend, *_) = plain(LossChart().draw(view, 60, 8))
    assert legend.endswith(f"never taught {words('screen: off top')}")
    assert "━ taught ▲" not in legend


@pytest.mark.parametrize("n_rows", [4, 12])
def test_all_and_nothing_are_level_with_their_labels_and_nearly_is_not(n_rows: int) -> None:
    middle, lower, upper = 0x02 | 0x10 | 0x04 | 0x20, 0x04 | 0x20 | 0x40 | 0x80, 0x01 | 0x08

    def drawn(share: float) -> list[list[int]]:
        return plot(((0, share), (9, share)), 9, 1.0, 5, n_rows, thickness=2)

    assert drawn(1.0)[0] == drawn(0.0)[-1] == [middle] * 5
    for share in (0.98, 0.999):
        assert all(bits and not bits & upper for bits in drawn(share)[0])
        assert drawn(share)[0] == [lower] * 5
    for share in (0.02, 0.001):
        assert all(bits & upper for bits in drawn(share)[-1])


def test_the_question_over_the_curves_is_answered_where_there_is_room() -> None:
    exams = [told.exam(100 * i, (20 * i, 100), (10, 50)) for i in range(1, 5)]
    view = getting_better(folded([started(), *exams]))
    assert view.answer == words("better: rising")
    for width, is_there in ((100, True), (len(view.title) + 2, False)):
        (head, *_) = plain(ShareChart().draw(view, width, 12))
        assert (f"{view.title} {view.answer}" in head) == is_there


def test_before_there_is_a_curve_it_is_said_whether_anything_is_known() -> None:
    for n_right, key in ((0, "chart: nothing known"), (3, "verdict: learning, in a few words")):
        view = getting_better(folded([started(), told.exam(1, (n_right, 100), (0, 50))]))
        assert view.waiting == words(key)
    exam = told.exam(1, (0, 100), (0, 50))
    past = getting_better(folded([started(), exam]), is_past=True)
    assert past.waiting == words("verdict: learning, in a few words"), (
        "the line below says the rest"
    )
    knew = replace(exam, known=Knowledge(seen=Score(31, 31), unseen=Score(0, 0)))
    assert getting_better(folded([started(), knew])).waiting != words("chart: nothing known")


def test_what_is_also_asked_stands_behind_the_answer_where_there_is_room() -> None:
    line = Curve("taught", ((0, 0.0), (9, 1.0)), ".taught", has_share=False)
    view = SharesView("Better?", (line,), answer="Yes.", also="Memory? No.")
    for width, said in ((60, "Better? Yes. Memory? No."), (30, "Better? Yes."), (18, "Better?")):
        (head, *_) = plain(ShareChart().draw(view, width, 8))
        assert head.removesuffix("━ taught").strip() == said


def test_while_a_class_bets_the_question_is_not_answered() -> None:
    exams = [told.exam(100 * i, (20 * i, 100), (10, 50)) for i in range(1, 5)]
    state = folded([started(), *exams])
    assert getting_better(without_outcomes(state)).answer == ""


def test_what_happened_is_said_before_more_about_the_end() -> None:
    end = "a step corrects up to 32 cards · last exam: step {n}"
    words_of = {10: "larger corrections: learning rate ×64"}
    for width, is_long in ((100, True), (70, False)):
        row = "".join(text for text, _ in axis_row(500, width, {10: ("↑", "")}, words_of, end=end))
        assert "larger corrections" in row
        assert "last exam: step 500" in row
        assert ("a step corrects" in row) == is_long


def test_the_step_beside_a_sign_is_that_of_what_happened_there() -> None:
    row = "".join(text for text, _ in axis_row(332, 18, {16: ("≠", "")}, {16: "308"}))
    assert row.split() == ["0", "step", "308", "≠"]


def test_what_a_mark_means_is_said_in_short_where_there_is_no_room_for_all_of_it() -> None:
    words_of = {10: "larger corrections: learning rate ×64"}
    for width, said in ((100, words_of[10]), (45, "larger corrections"), (24, "")):
        row = "".join(text for text, _ in axis_row(500, width, {10: ("↑", "")}, words_of, end=" "))
        assert row.replace("0", " ").split("↑")[1].strip() == said


@pytest.mark.parametrize(("nats", "row"), [(2.99, 3), (2.5, 1), (2.0, 1)])
def test_where_the_error_begins_stands_beside_its_number(nats: float, row: int) -> None:
    """A curve that covers the line of a blind guess leaves its name to the first free row."""
    curve = tuple((step, nats) for step in range(6))
    rows = plain(LossChart().draw(ChartView(curve, (), 2.996), 69, 13))
    assert rows[1].startswith(" 3.0 ")
    (named,) = [at for at, text in enumerate(rows) if "blind guess" in text]
    assert named == row
    assert ("↑" in rows[named]) == (nats > 2.9)
