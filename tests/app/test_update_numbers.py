"""The numbers of one update: what is shown beside each other holds together, and none is cut."""

import math
import re

import msgspec
import pytest

from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.update.adjustment_bars import adjustment_rows, parts_table, ripple_rows
from flashcards.app.update.view import card_line
from flashcards.app.widgets.heat import triangle
from flashcards.runs import values as val
from flashcards.wording import updates
from flashcards.wording.pieces import looked_at
from tests.app.drawn import plain
from tests.app.lesson import change, correction
from tests.app.walked import details_at, errors, expected


def test_a_probability_has_the_digits_with_which_its_logarithm_is_what_is_shown() -> None:
    places = expected(0.0337, 0.0344, 0.9993, 0.99504, 1.2345e-7)
    rows = errors(places, 74, 15)
    shown = [row.split("−ln ")[1].split()[:3] for row in rows if "−ln" in row]
    assert [number for number, _, _ in shown[:2]] == ["0.0337", "0.0344"]
    for number, sign, error in shown:
        assert sign == "="
        assert f"{-math.log(float(number)):.2f}" == error


def test_a_sum_that_its_rounded_rows_do_not_add_up_to_is_said_to_be_about() -> None:
    places = expected(*[0.999] * 7)
    rows = errors(places, 74, 15)
    assert rows[-2].split() == ["sum", "≈", "0.01"]
    places = expected(0.5, 0.5)
    rows = errors(places, 30, 15)
    assert rows[-2].split() == ["sum", "≈", "1.39"]


@pytest.mark.parametrize("width", [30, 34, 40, 50])
def test_on_a_narrow_screen_no_number_of_the_error_is_cut(width: int) -> None:
    places = expected(0.0337, 1.2e-8)
    rows = errors(places, width, 8)
    assert all(len(row.rstrip()) <= width for row in rows)
    assert any("3.39" in row for row in rows)
    assert "21.63" in rows[-2]
    assert "10.81" in rows[-1]


def test_more_than_a_blind_guess_is_not_said_to_be_certainty() -> None:
    spread_out = expected(0.002, 0.001)
    said = updates.error_deeper(spread_out, 400)
    assert "sure" not in said
    assert said.startswith("In all its error is 13.12; a blind guess would have 11.98.")
    blind = updates.error_deeper(expected(0.1), 10)
    assert blind == "In all its error is 2.30; a blind guess would have 2.30."


def test_a_division_whose_rounded_numbers_give_another_result_says_about() -> None:
    facts = dict(updates.shares(expected(0.33, 0.35, 0.37), 10))
    assert facts["per piece"] == "3.15 / 3 = 1.05"
    assert facts["whole answer"] == "33 % × 35 % × 37 % ≈ 4.3 %"
    facts = dict(updates.shares(expected(1e-3, 1e-4, 0.999), 10))
    assert facts["whole answer"].endswith("≈ 1 in 10 M")


def test_what_was_not_pushed_by_a_thousandth_is_not_said_to_be_pushed() -> None:
    details = details_at("adjustment").adjustment
    assert details is not None
    tiny = (val.Push("i", 0.0003), val.Push("p", -0.0003))
    hardly = msgspec.structs.replace(change(), up=tiny[:1], down=(val.Push("h", -0.2), tiny[1]))
    assert updates.adjustment(details, hardly, "").endswith("; pushed down h (×0.82).")
    rows = plain(adjustment_rows(details, correction(change=hardly), 74, 14))
    assert not any("×1.000" in row or "pushed up" in row for row in rows)
    unmoved = msgspec.structs.replace(hardly, up=(), down=tiny[1:])
    assert "pushed" not in updates.adjustment(details, unmoved, "")
    rows = plain(adjustment_rows(details, correction(change=unmoved), 74, 14))
    assert not any("where it erred most" in row for row in rows)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.8, 0.9, "It was right already; now it is surer."),
        (0.8, 0.7, "This time it got worse: one step can miss."),
        (0.99999999, 0.999999999, "It was right already."),
        (0.999999999, 0.99999999, "It was right already."),
    ],
)
def test_what_hardly_changed_is_not_called_surer_or_worse(
    before: float, after: float, said: str
) -> None:
    made = msgspec.structs.replace(
        change(),
        probability_before=before,
        probability_after=after,
        ripple_taught=None,
        ripple_unseen=None,
    )
    right = correction(guess="sang", change=made, guess_after=(val.GuessPiece("sang", after),))
    assert updates.repeat(right, made).endswith(f" %. {said}")


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (74, "◆ never seen: 26 better, 26 worse, 7 as before, of 59"),
        (44, "◆ never seen: 26 better, 26 worse of 59"),
    ],
)
def test_the_ripple_says_how_many_stayed_as_they_were_where_there_is_room(
    width: int, row: str
) -> None:
    side = val.RippleSide(n_cards=59, n_measured=59, n_helped=26, n_hurt=26, mean_change_nats=0.0)
    changed = msgspec.structs.replace(change(), ripple_taught=None, ripple_unseen=side)
    assert plain(ripple_rows(changed, width, 10))[1] == row
    assert updates.ripple(changed) == (
        "Of the other cards about half got better: 26 better, 26 worse."
    )


def test_the_smallest_move_stands_apart_from_its_bar_and_says_how_small_it_is() -> None:
    recorded_parts = details_at("adjustment").adjustment
    assert recorded_parts is not None
    moves = {"embedding": 2e-7, "head": 2.56e-6}
    details = msgspec.structs.replace(
        recorded_parts,
        parts=tuple(
            msgspec.structs.replace(part, relative=moves[part.name])
            for part in recorded_parts.parts
            if part.name in moves
        ),
    )
    rows = plain(adjustment_rows(details, correction(change=None), 74, 12))
    moved = sorted(" ".join(row.split()[2:4]) for row in rows if row.split()[3:4] == ["%"])
    assert moved == ["0.000256 %", "<0.0001 %"]
    table = plain(parts_table(details, 56, 8))
    assert all("  " in row[: row.index(" %")] for row in table[1:])
    assert len({len(row) for row in table}) == 1


@pytest.mark.parametrize(
    ("n_cards", "row"),
    [(2000, "◆ 2 better, 6 worse of 8 (of 2,000)"), (8, "◆ 2 better, 6 worse of 8")],
)
def test_beside_the_card_too_the_ripple_says_that_it_was_read_on_a_sample(
    n_cards: int, row: str
) -> None:
    side = val.RippleSide(
        n_cards=n_cards, n_measured=8, n_helped=2, n_hurt=6, mean_change_nats=0.01
    )
    changed = msgspec.structs.replace(change(), ripple_taught=None, ripple_unseen=side)
    rows = plain(ChangeSheet().draw((correction(change=changed), None), 36, 14))
    assert row in rows


def test_cards_that_are_counted_and_too_little_moved_to_be_listed_are_not_said_to_be_none() -> None:
    side = val.RippleSide(
        n_cards=2,
        n_measured=2,
        n_helped=1,
        n_hurt=0,
        mean_change_nats=-0.0001,
        helped=(val.Ripple("sea", -0.0002, True),),
    )
    changed = msgspec.structs.replace(change(), ripple_taught=None, ripple_unseen=side)
    rows = plain(ripple_rows(changed, 74, 10))
    assert rows[1] == "◆ never seen: 1 better, 0 worse, 1 as before, of 2"
    assert re.split(r" {2,}", rows[3].strip()) == ["none by 0.001 or more", "no other card"]


@pytest.mark.parametrize("width", [62, 100])
def test_of_a_long_card_both_sides_and_how_often_it_was_taught_are_named(width: int) -> None:
    long = correction(
        "The painter mixed blue and yellow until he had the green of the meadow",
        "the painter mixed blue and yellow",
    )
    line = card_line(long, "seen 47×", width)
    assert line.startswith("The painter mixed blue ")
    assert " → the painter mixed blue" in line
    assert line.endswith("   seen 47×")
    assert len(line) <= width


def test_on_a_narrow_screen_the_card_comes_before_how_often_it_was_taught() -> None:
    shown = card_line(correction("slug", "slugged"), "not yet taught", 24)
    assert shown.startswith("slug → slugged   ")
    assert len(shown) <= 24


def test_what_it_looks_at_most_is_only_claimed_of_the_pieces_that_are_known() -> None:
    texts = ["a", "b", "c"]
    assert looked_at(texts, [0.2, 0.5, 0.3], 0) == ("“b”", 0.5)
    assert looked_at(texts, [0.1, 0.1, 0.4], 9) == ("itself", 0.4)
    assert looked_at(texts, [0.1, 0.2, 0.1], 9)[0] == "“b”, of the last 3 pieces"


def test_rows_left_out_of_a_very_long_card_are_counted_from_its_start() -> None:
    rows = [[1 / (i + 1)] * (i + 1) for i in range(64)]
    labels = ["p"] * 64
    drawn = plain(triangle(rows, labels, 29, 74, 14, n_before=40))
    assert drawn[1] == "… 58 rows before these, 34 after"
    whole = plain(triangle(rows[:9], labels[:9], 8, 74, 14, n_before=2))
    assert whole[0].strip().startswith("…")
    assert whole[1] == "… 2 rows before these"
    assert len(whole) == 11
