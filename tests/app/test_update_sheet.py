"""What the sheet of view 4 says of each phase of an update, as text."""

import math

import msgspec
import pytest

from flashcards.app.update.adjustment_bars import most_moved, plain_parts, ripple_rows
from flashcards.app.update.candidate_bars import candidate_rows, error_rows
from flashcards.app.update.sheet import Tile, tile_rows
from flashcards.app.update.view import place_of_update
from flashcards.app.widgets.cells import row_width
from flashcards.app.widgets.heat import blocks, shade, triangle
from flashcards.runs import details as det
from flashcards.runs import values as val
from flashcards.wording import updates
from tests.app.drawn import plain
from tests.app.lesson import change, correction
from tests.app.walked import details_at, errors, expected


def test_the_error_is_the_sum_of_what_its_rows_say() -> None:
    details = details_at("error")
    assert details.expectations is not None
    assert details.error_nats is not None
    total = sum(-math.log(e.probability) for e in details.expectations)
    assert details.error_nats == pytest.approx(total, rel=1e-4)
    rows = plain(
        error_rows(details.expectations, details.error_nats, 74, 15, n_choices=27, is_deep=True)
    )
    shown = [float(row.split("=")[1].split()[0]) for row in rows if "−ln" in row]
    assert sum(shown) == pytest.approx(total, abs=0.01 * len(shown))
    assert f"{total:.2f}" in rows[-2]


def test_of_many_pieces_the_most_surprising_are_shown_and_the_others_are_in_the_sum() -> None:
    chances = [0.9] * 30 + [0.01] + [0.9] * 30
    places = expected(*chances, pieces=[f"p{i}" for i in range(61)])
    total = sum(place.error_nats for place in places)
    rows = errors(places, 74, 12)
    assert len(rows) <= 12
    assert any(row.startswith("p30 ") for row in rows)
    others = next(row for row in rows if "others" in row)
    assert f"{total:.2f}" in rows[-2]
    shown = [float(row.split("=")[1].split()[0]) for row in rows if "−ln" in row]
    assert sum(shown) + float(others.split()[-1]) == pytest.approx(total, abs=0.1)


def test_the_right_piece_is_marked_by_shape_and_there_even_when_hardly_thought_of() -> None:
    far = det.Expectation(
        position=0,
        right="q",
        probability=0.001,
        rank=23,
        error_nats=6.9,
        candidates=tuple(det.Candidate(c, 0.1) for c in "abcdefgh"),
    )
    rows = plain(candidate_rows(far, 74, 8))
    assert len(rows) == 8
    assert rows[0].endswith("◂ its guess")
    assert rows[-1].startswith("q ")
    assert rows[-1].endswith("✓ right")


def test_a_layer_takes_its_attention_and_its_mlp_together() -> None:
    details = details_at("repeat").adjustment
    assert details is not None
    first = next(one for one in plain_parts(details) if one.name == "layer 1")
    own = [part for part in details.parts if part.layer == 1]
    changed = math.sqrt(sum(part.change_norm**2 for part in own))
    weight = math.sqrt(sum(part.weight_norm**2 for part in own))
    assert first.relative == pytest.approx(changed / weight)
    most = max(plain_parts(details), key=lambda one: one.relative)
    assert most_moved(details) == most.where


@pytest.mark.parametrize(
    ("n_helped", "n_hurt", "mean", "is_claimed"),
    [(14, 4, -0.1, True), (11, 9, -0.1, False), (14, 4, 0.1, False), (0, 0, 0.0, False)],
)
def test_that_it_learns_relationships_is_said_only_where_it_shows(
    n_helped: int, n_hurt: int, mean: float, is_claimed: bool
) -> None:
    side = val.RippleSide(
        n_cards=100, n_measured=20, n_helped=n_helped, n_hurt=n_hurt, mean_change_nats=mean
    )
    said = updates.ripple(msgspec.structs.replace(change(), ripple_unseen=side))
    assert ("it learns relationships" in said) is is_claimed
    assert "(a sample)" in said


def test_the_outcome_comes_first_and_whether_the_card_is_right_now() -> None:
    wrong = correction(n_cards=1, guess_after=(val.GuessPiece("singed", 0.5),))
    right = correction(n_cards=1, guess_after=(val.GuessPiece("sang", 0.5),))
    began = "“sang”: 36 ▸ 52 %. "
    said = updates.repeat(wrong, change())
    assert said.startswith(began + "Still wrong. That is normal: it takes hundreds of corrections.")
    assert updates.repeat(right, change()).startswith(began + "Now it is right.")
    worse = updates.repeat(right, change(0.52, 0.36))
    assert worse.startswith("“sang”: 52 ▸ 36 %. This time it got worse: one step can miss.")


def test_the_model_is_shown_where_its_layers_help_else_it_is_said_why_they_did_not() -> None:
    details = details_at("model")
    assert details.reading is not None
    first, last = details.reading.emerging[0], details.reading.emerging[-1]
    gains = [after - before for before, after in zip(first.right, last.right, strict=True)]
    assert max(gains) > 0 > min(gains)
    assert place_of_update(details, "model") == gains.index(max(gains))
    better = updates.model(details.reading, gains.index(max(gains)), "x")
    assert "rises from" in better
    worse = updates.model(details.reading, gains.index(min(gains)), "x")
    assert worse.startswith("Here thinking made it worse")
    flat = msgspec.structs.replace(details.reading, emerging=(last, first))
    turned = msgspec.structs.replace(details, reading=flat)
    assert place_of_update(turned, "model") == gains.index(min(gains))


def test_that_it_learns_relationships_is_not_said_of_too_few_cards_for_a_verdict() -> None:
    side = val.RippleSide(n_cards=19, n_measured=19, n_helped=19, n_hurt=0, mean_change_nats=-0.1)
    said = updates.ripple(msgspec.structs.replace(change(), ripple_unseen=side))
    assert said == "Other cards: 19; 19 better, 0 worse."
    side = val.RippleSide(n_cards=1, n_measured=1, n_helped=1, n_hurt=0, mean_change_nats=-0.1)
    said = updates.ripple(msgspec.structs.replace(change(), ripple_unseen=side))
    assert said == "Other cards: 1; 1 better, 0 worse."


def test_the_ripple_tells_taught_from_never_seen_and_leaves_out_what_rounds_to_nothing() -> None:
    taught = val.RippleSide(
        n_cards=2,
        n_measured=2,
        n_helped=2,
        n_hurt=0,
        mean_change_nats=-0.1,
        helped=(val.Ripple("ring", -0.2, False), val.Ripple("sit", -0.00001, False)),
    )
    unseen = val.RippleSide(
        n_cards=9,
        n_measured=9,
        n_helped=1,
        n_hurt=0,
        mean_change_nats=-0.1,
        helped=(val.Ripple("drink", -0.3, True),),
    )
    changed = msgspec.structs.replace(change(), ripple_taught=taught, ripple_unseen=unseen)
    rows = plain(ripple_rows(changed, 74, 10))
    assert "■ seen: 2 better, 0 worse of 2" in rows[1]
    helped = [row[:36] for row in rows if row[:2] in ("■ ", "◆ ") and "better" not in row]
    assert [row.split()[:3] for row in helped] == [["◆", "drink", "−0.3"], ["■", "ring", "−0.2"]]
    assert any("no other card" in row for row in rows)


def test_shades_are_blank_only_for_nothing() -> None:
    assert shade(0.0) == " "
    assert shade(1.0) == "█"
    assert shade(math.nan) == " "
    assert [shade(i / 10) for i in range(11)] == sorted(
        [shade(i / 10) for i in range(11)], key=" ·░▒▓█".index
    )


def test_a_heat_map_shows_the_row_it_tells_about_when_there_are_too_many() -> None:
    n = 60
    rows = [[1 / (i + 1)] * (i + 1) for i in range(n)]
    drawn = plain(triangle(rows, [f"p{i}" for i in range(n)], 40, 60, 10))
    assert len(drawn) <= 10
    assert any(row.startswith("p40") and "▸" in row for row in drawn)
    assert all(len(row) <= 60 for row in drawn)


def test_a_heat_map_says_how_many_rows_it_leaves_out() -> None:
    rows = [[1 / (i + 1)] * (i + 1) for i in range(60)]
    labels = [f"p{i}" for i in range(60)]
    assert plain(triangle(rows, labels, 40, 60, 10))[1] == "… 33 rows before these, 19 after"
    assert plain(triangle(rows, labels, 59, 60, 10))[1] == "… 52 rows before these"
    assert plain(triangle(rows, labels, 2, 60, 10))[1] == "… 52 rows after these"
    assert "…" not in "".join(plain(triangle(rows[:9], labels[:9], 8, 60, 10)))


def test_what_is_hardly_looked_at_is_not_as_blank_as_what_cannot_be_seen() -> None:
    _, first, second = plain(triangle([[1.0], [0.0, 1.0]], ["a", "b"], 1, 40, 3))
    assert first.endswith("██████")
    assert second.endswith("······██████")


def test_blocks_are_means_against_the_greatest_cell() -> None:
    levels = bytes([255, 255, 0, 0] * 2)
    assert blocks(levels, 4, 2, 1) == ["█ "]
    assert blocks(bytes([250, 255, 252, 251]), 4, 4, 1)[0][:2] == "·█"
    assert blocks(bytes([9] * 4), 4, 4, 1) == ["████"]
    assert blocks(b"", 4, 2, 1) == []
    assert blocks(bytes(8), 4, 4, 2) == ["    ", "    "]


def test_tiles_are_boxed_then_bare_then_counted() -> None:
    tiles = [Tile(text, "") for text in ("a", "東京", "👩‍👩‍👧", " ", "e")]
    boxed = tile_rows(tiles, 60, 3)
    assert len(boxed) == 3
    assert len({row_width(row) for row in boxed}) == 1
    assert "␣" in plain(boxed)[1]
    many = [Tile(f"p{i}", "") for i in range(100)]
    cut = tile_rows(many, 40, 2)
    assert len(cut) == 2
    assert plain(cut)[-1].endswith(" more")
    assert max(row_width(row) for row in cut) <= 40
