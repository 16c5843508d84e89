"""What the sheet of view 4 says of each phase of an update, and that its numbers hold together."""

import itertools
import math
import re

import msgspec
import pytest

from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.update import adjustment_bars
from flashcards.app.update.candidate_bars import (
    candidate_rows,
    error_intro,
    error_rows,
    place_row,
)
from flashcards.app.update.sheet import (
    Tile,
    UpdateSheet,
    UpdateShown,
    data_rows,
    lens_rows,
    tile_rows,
)
from flashcards.app.update.update_view import card_line, place_of_update
from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import HEADING, row_width
from flashcards.app.widgets.heat import blocks, shade, triangle
from flashcards.base.keyed_text import key_name
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.runs import details as det, values as val
from flashcards.wording import lesson, updates
from flashcards.wording.numbers import chance, odds, small_percent, whole_percent
from flashcards.wording.pieces import END, looked_at, rows_left_out
from tests.app.drawn import plain
from tests.app.lesson import change, correction
from tests.app.recorded import details_at, errors, expected
from tests.golden import check_words, words


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
    assert rows[-1].endswith("◂ the right one")
    n_above = sum("10 %" in row for row in rows)
    assert rows[-2].strip() == updates.others(22 - n_above), "those between have a row"


def test_the_end_is_no_letter_among_those_to_come() -> None:
    places = expected(0.9, 0.9, 0.9, 0.9, pieces=["s", "ö", "t", END])
    first, third, last = (words("update: piece of the answer", n=n, of=4) for n in (1, 3, 4))
    assert plain([place_row(places, 0, 74)]) == [f"{first}   ?  · · + {tr('the end')}"]
    assert plain([place_row(places, 2, 74)]) == [f"{third}  s ö  ?  + {tr('the end')}"]
    assert plain([place_row(places, 3, 74)]) == [f"{last}  s ö t  ?"]


def test_a_layer_takes_its_attention_and_its_mlp_together() -> None:
    details = details_at("repeat").adjustment
    assert details is not None
    first = next(one for one in adjustment_bars.plain_parts(details) if one.where == "layer 1")
    own = [part for part in details.parts if part.layer == 1]
    changed = math.sqrt(sum(part.change_norm**2 for part in own))
    weight = math.sqrt(sum(part.weight_norm**2 for part in own))
    assert first.relative == pytest.approx(changed / weight)
    most = max(adjustment_bars.plain_parts(details), key=lambda one: one.relative)
    assert adjustment_bars.most_moved(details) == (most.where, most.relative)


def test_the_sentence_says_how_little_was_changed_and_what_for() -> None:
    details = details_at("repeat").adjustment
    assert details is not None
    most = adjustment_bars.most_moved(details)
    assert most is not None
    card = correction()
    sentence = updates.adjustment(details, card, most)
    size = small_percent(most[1], 2)
    check_words("screen: adjustment", sentence, size=size)
    assert "×" not in sentence, "the panel has the numbers"
    rows = plain(adjustment_bars.adjustment_rows(details, card, 74, 14))
    assert sum(row.endswith(words("screen: adjustment bars")) for row in rows) == 1
    assert rows[-1].count("━") <= round(details.relative * 74), "a small change has a short bar"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_heading_of_the_bars_fits(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    details = details_at("repeat").adjustment
    assert details is not None
    rows = plain(adjustment_bars.adjustment_rows(details, correction(), 74, 14))
    (row,) = (row for row in rows if tr(words("screen: adjustment bars")) in row)
    assert tr(words("screen: adjustment heading")) in row


def test_the_model_is_shown_where_its_layers_help_else_it_is_said_why_they_did_not() -> None:
    details = details_at("model")
    assert details.reading is not None
    first, last = details.reading.emerging[0], details.reading.emerging[-1]
    gains = [after - before for before, after in zip(first.right, last.right, strict=True)]
    assert max(gains) > 0 > min(gains)
    assert place_of_update(details, "model") == gains.index(max(gains))
    better = updates.model(details.reading, gains.index(max(gains)), "x")
    assert "rises from" in better
    assert better == words("update: model, place 0")
    worse = updates.model(details.reading, gains.index(min(gains)), "x")
    check_words("screen: layers mislead", worse)
    flat = msgspec.structs.replace(details.reading, emerging=(last, first))
    turned = msgspec.structs.replace(details, reading=flat)
    assert place_of_update(turned, "model") == gains.index(min(gains))


def side(n: int, n_helped: int, *helped: val.Ripple) -> val.RippleSide:
    of = val.RippleSide(n_cards=n, n_measured=n, n_helped=n_helped, n_hurt=0, mean_change_nats=-0.1)
    return msgspec.structs.replace(of, helped=helped)


def test_that_it_learns_relationships_is_not_said_of_too_few_cards_for_a_verdict() -> None:
    assert not updates.ripple(msgspec.structs.replace(change(), ripple_unseen=side(19, 19)))


def test_the_ripple_tells_taught_from_never_seen_and_leaves_out_what_rounds_to_nothing() -> None:
    helped = (val.Ripple("drink", -0.3, True), val.Ripple("ring", -0.2, False))
    tiny = val.Ripple("sit", -0.00001, False)
    changed = msgspec.structs.replace(change(), helped=(*helped, tiny), hurt=())
    rows = plain(adjustment_bars.ripple_rows(changed, 74, 10))
    listed = [row[:36].split()[:3] for row in rows if row[:2] in ("■ ", "◆ ")]
    assert listed == [["◆", "drink", "0.30"], ["■", "ring", "0.20"]]
    assert any(words("screen: no ripple") in row for row in rows)


def test_shades_are_blank_only_for_nothing() -> None:
    assert shade(0.0) == " "
    assert shade(1.0) == "█"
    assert shade(math.nan) == " "
    shades = [shade(i / 10) for i in range(11)]
    assert shades == sorted(shades, key=" ·░▒▓█".index)


def test_a_heat_map_shows_the_row_it_tells_about_and_says_how_many_it_leaves_out() -> None:
    rows = [[1 / (i + 1)] * (i + 1) for i in range(60)]
    labels = [f"p{i}" for i in range(60)]
    drawn = plain(triangle(rows, labels, 40, 60, 10))
    assert len(drawn) <= 10
    assert any(row.startswith("p40") and "▸" in row for row in drawn)
    assert all(len(row) <= 60 for row in drawn)
    assert drawn[1] == rows_left_out(33, 19)
    assert plain(triangle(rows, labels, 59, 60, 10))[1] == rows_left_out(52, 0)
    assert plain(triangle(rows, labels, 2, 60, 10))[1] == rows_left_out(0, 52)
    assert "…" not in "".join(plain(triangle(rows[:9], labels[:9], 8, 60, 10)))
    above = plain(triangle(rows, labels, 29, 74, 14, n_before=40))
    assert above[1] == rows_left_out(58, 30)  # counted from the card's start
    whole = plain(triangle(rows[:9], labels[:9], 8, 74, 14, n_before=2))
    assert whole[0].strip().startswith("…")
    assert whole[1] == rows_left_out(2, 0)
    assert len(whole) == 11


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


def test_a_probability_has_the_digits_with_which_its_logarithm_is_what_is_shown() -> None:
    places = expected(0.0337, 0.0344, 0.9993, 0.99504, 1.2345e-7)
    rows = errors(places, 74, 15)
    shown = [row.split("−ln ")[1].split()[:3] for row in rows if "−ln" in row]
    assert [number for number, _, _ in shown[:2]] == ["0.0337", "0.0344"]
    for number, sign, error in shown:
        assert sign == "="
        assert f"{-math.log(float(number)):.2f}" == error


def test_a_sum_that_its_rounded_rows_do_not_add_up_to_is_said_to_be_about() -> None:
    places = expected(*[0.994] * 3)
    rows = errors(places, 74, 15)
    assert rows[-2].split()[:3] == ["sum", "0.02", "≈"]
    places = expected(0.5, 0.5)
    rows = errors(places, 30, 15)
    assert rows[-2].split() == ["sum", "≈", "1.39"]


def test_errors_of_next_to_nothing_are_not_added_up() -> None:
    rows = errors(expected(*[0.999] * 7), 74, 15)
    assert rows[-1].split()[2:] == ["<0.01", *words("screen: no error").split()]
    pieces = rows[1:8]
    assert all(row.split()[-1] == "<0.01" for row in pieces)
    assert not any("─" in row for row in pieces)  # an empty track is taken for a bar
    assert not any(row.startswith("sum") for row in rows)


@pytest.mark.parametrize("width", [30, 34, 40, 50])
def test_on_a_narrow_screen_no_number_of_the_error_is_cut(width: int) -> None:
    places = expected(0.0337, 1.2e-8)
    rows = errors(places, width, 8)
    assert all(len(row.rstrip()) <= width for row in rows)
    assert any("3.39" in row for row in rows)
    assert "21.63" in rows[-2]
    assert "10.81" in rows[-1]


def test_a_division_whose_rounded_numbers_give_another_result_says_about() -> None:
    facts = dict(updates.shares(expected(0.33, 0.35, 0.37), 10))
    assert facts["per piece"] == "3.15 / 3 = 1.05"
    assert facts["whole answer"] == "33 % × 35 % × 37 % ≈ 4.3 %"
    facts = dict(updates.shares(expected(1e-3, 1e-4, 0.999), 10))
    assert facts["whole answer"].endswith(f"≈ {odds(1e-7)}")


def test_of_many_layers_those_are_shown_that_lie_evenly_from_the_first_to_the_last() -> None:
    reading = details_at("model").reading
    assert reading is not None
    deep = [msgspec.structs.replace(reading.emerging[-1], layer=i) for i in range(31)]
    reading = msgspec.structs.replace(reading, emerging=tuple(deep))
    for height, expected_layers in ((13, 12), (40, 31)):
        rows = plain(lens_rows(reading, 0, "a", 74, height))[1:]
        layers = [int(number[1]) for row in rows if (number := re.match(r"after round (\d+)", row))]
        assert rows[0].startswith("before round 1")
        assert len(layers) == expected_layers - 1
        assert layers[-1] == 30
        assert max(b - a for a, b in itertools.pairwise([0, *layers])) <= 3


def test_where_a_part_of_a_model_learns_the_others_are_said_to_stay() -> None:
    details = details_at("adjustment").adjustment
    assert details is not None
    part = msgspec.structs.replace(details, n_moved=396_288, n_staying=134_515_008)
    (row,) = plain([adjustment_bars.moved_row(part, 76)])
    check_words("screen: others stay", row)


def test_what_changed_by_less_than_a_thousandth_is_not_said_to_be_likelier() -> None:
    details = details_at("adjustment").adjustment
    assert details is not None
    tiny = (val.Push("i", 0.0003), val.Push("p", -0.0003))
    hardly = msgspec.structs.replace(change(), up=tiny[:1], down=(val.Push("h", -0.2), tiny[1]))
    sentence = updates.adjustment(details, correction(change=hardly), None)
    check_words("screen: adjustment unpushed", sentence)
    rows = plain(adjustment_bars.adjustment_rows(details, correction(change=hardly), 74, 14))
    heading = words("screen: pushes")
    assert any(heading in row for row in rows)
    assert not any("×1.000" in row or "likelier" in row for row in rows)
    unmoved = msgspec.structs.replace(hardly, up=(), down=tiny[1:])
    rows = plain(adjustment_bars.adjustment_rows(details, correction(change=unmoved), 74, 14))
    assert not any(heading in row for row in rows)


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (0.8, 0.7, "less_sure"),
        (0.99999999, 0.999999999, "right_already"),
        (0.999999999, 0.99999999, "right_already"),
        (0.9993, 0.9991, "right_already"),
    ],
)
def test_what_hardly_changed_is_not_called_so(before: float, after: float, outcome: str) -> None:
    made = msgspec.structs.replace(
        change(),
        probability_before=before,
        probability_after=after,
        ripple_taught=None,
        ripple_unseen=None,
    )
    right = correction(guess="sang", change=made, guess_after=(val.GuessPiece("sang", after),))
    assert updates.repeat(right, made) == updates.OUTCOMES[outcome]


def test_the_ripple_counts_the_better_and_the_worse_of_all() -> None:
    side = val.RippleSide(n_cards=59, n_measured=59, n_helped=26, n_hurt=26, mean_change_nats=0.0)
    changed = msgspec.structs.replace(change(), ripple_taught=None, ripple_unseen=side)
    rows = plain(adjustment_bars.others_rows(changed, 74))
    told = [row.split(":")[0] for row in rows[-4:]]
    assert told[:3] == ["▲ 26 helped", "▼ 26 hurt", "= 7 unchanged"]
    assert told[3] == updates.mean_change(0.0)


def test_how_much_the_others_were_helped_is_said_over_all_of_them() -> None:
    taught = val.RippleSide(n_cards=30, n_measured=30, n_helped=10, n_hurt=20, mean_change_nats=0.1)
    unseen = val.RippleSide(n_cards=10, n_measured=10, n_helped=9, n_hurt=1, mean_change_nats=-0.5)
    changed = msgspec.structs.replace(change(), ripple_taught=taught, ripple_unseen=unseen)
    rows = plain(adjustment_bars.others_rows(changed, 74))
    assert rows[-1] == updates.mean_change(-0.05, n_helped=19, n_hurt=21)
    assert "the 19 gained more than the 21 lost" in rows[-1]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (1 / 105_000, 1 / 66_000, "▲ 1.6 times as likely"),
        (1 / 66_000, 1 / 105_000, "▼ 0.63 times as likely"),
        (0.3, 0.6, ""),
        (0.99, 0.991, ""),
    ],
)
def test_in_place_of_two_bars_that_look_alike_it_is_said_how_much_likelier(
    before: float, after: float, told: str
) -> None:
    rows = plain(adjustment_bars.nudge_rows(correction(n_cards=1), change(before, after), 74))
    repeat = next(row for row in rows if row.startswith("REPEAT"))
    assert told in repeat
    assert ("━" in "".join(rows) or "╾" in "".join(rows)) == (not told)


def test_the_end_is_named_where_the_chance_of_the_whole_answer_is_that_of_its_end() -> None:
    """A model that others have trained gives a right answer and goes on writing."""
    unsure = correction("Ireland", "Dub", "Dub", (0.9, 0.8, 0.9, 1e-8), change=change(6e-9, 2e-8))
    sheets: dict[str, str] = {}
    for name, now in (("end", unsure), ("sure", correction("Ireland", "Dub", "Dub"))):
        assert now.change is not None
        rows = adjustment_bars.nudge_rows(now, now.change, 74)
        lesson = ChangeSheet().draw((now, "repeat", None), 40, 12)
        sheets[name] = "\n".join([updates.made_likelier(now), *plain(rows), *plain(lesson)])
    assert sheets["end"].count("⏎") == 3
    sentence = updates.made_likelier(unsure)
    check_words("screen: likelier", sentence, answer="“Dub” ⏎")
    assert ": Dub ⏎\n" in sheets["end"]
    assert "⏎" not in sheets["sure"]


def test_a_full_bar_is_a_blind_guess_and_what_is_beyond_goes_on() -> None:
    blind = math.log(20)
    places = expected(1.0, math.exp(-blind / 2), math.exp(-blind), math.exp(-1.5 * blind))
    rows = plain(error_rows(places, 6.0, 76, 20, n_choices=20))
    assert rows[0].endswith(words("screen: error heading"))
    bars = [row.split()[-1] for row in rows if "─" in row or "━" in row][:4]
    assert [bar.count("━") / len(bar) for bar in bars[:2]] == pytest.approx([0, 0.5], abs=0.03)
    assert bars[2].count("─") <= 1
    assert bars[3].endswith("━▸")
    long_piece = expected(0.001, pieces=["␣Brussels"])
    (heading, *_) = plain(error_rows(long_piece, 6.9, 72, 20, n_choices=20))
    check_words("screen: error heading, short", heading)
    rows = plain(error_rows(places[:2], 6.0, 76, 20, n_choices=20))
    assert "▸" not in rows[0]


@pytest.mark.parametrize(
    ("n_pieces", "width", "height", "is_there"),
    [
        (5, 74, 20, True),
        (5, 74, 11, True),
        (5, 74, 10, False),
        (5, 50, 20, False),
        (1, 74, 20, False),
    ],
)
def test_what_the_chances_of_an_error_are_of_is_said_where_there_is_room(
    n_pieces: int, width: int, height: int, *, is_there: bool
) -> None:
    intro = [[(words("screen: of which chances"), ".strong")], []] if is_there else []
    assert error_intro(n_pieces, width, height) == intro
    rows = error_rows(expected(*[0.5] * n_pieces), 1.0, width, height - len(intro), n_choices=27)
    assert len(intro) + len(rows) <= height


def test_what_is_called_100_per_cent_has_a_full_bar_and_nothing_else() -> None:
    for share in (1.0, 0.99996, 0.9997, 0.5):
        drawn = bar(share, 20, "", is_rounded=True)
        is_full = drawn[0][0] == "━" * 20
        assert is_full == (chance(share) == "100 %")
    assert whole_percent(0.99996) == ">99 %", "an eye that follows it sees no 100 % before the end"
    assert [whole_percent(share) for share in (0.0, 0.0001, 0.496, 1.0)] == [
        "0 %",
        "<1 %",
        "50 %",
        "100 %",
    ]


def test_the_smallest_move_stands_apart_and_says_how_small_it_is() -> None:
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
    table = plain(adjustment_bars.deep_rows(details, correction(change=None), 56, 8))
    assert all(any(moved in row for row in table) for moved in ("0.000256 %", "<0.0001 %"))
    assert all("  " in row[: row.index(" %")] for row in table[1:])
    assert len({len(row) for row in table}) == 1


def test_beside_the_card_no_counts_of_other_cards_stand_beside_their_names() -> None:
    side = val.RippleSide(n_cards=8, n_measured=8, n_helped=2, n_hurt=6, mean_change_nats=0.01)
    changed = msgspec.structs.replace(change(), ripple_taught=None, ripple_unseen=side)
    rows = plain(ChangeSheet().draw((correction(change=changed), None, None), 36, 14))
    assert not any("helped" in row for row in rows)


def test_the_pieces_of_both_sides_are_counted_and_each_stands_on_its_own() -> None:
    details = details_at("data")
    rows = [row.rstrip() for row in plain(data_rows(details, 76, 18, is_deep=False))]
    titles = [i for i, row in enumerate(rows) if row.startswith("the ")]
    cut = ["".join(re.findall(r"\w|→|⏎", rows[i + 2])) for i in titles]
    prompt, answer = [
        "".join(piece.text for piece in details.pieces if piece.role == role)
        for role in ("prompt", "answer")
    ]
    assert cut == [f"{prompt}→", f"{answer}⏎"]
    counts = [int(n) for i in titles for n in re.findall(r"\d+", rows[i])]
    assert counts == [len(prompt), len(answer)]


@pytest.mark.parametrize("width", [64, 100])
def test_of_a_long_card_both_sides_and_how_often_it_was_taught_are_named(width: int) -> None:
    long = correction(
        "The painter mixed blue and yellow until he had the green of the meadow",
        "the painter mixed blue and yellow",
    )
    line = card_line(long, "taught 47×", width)
    assert line.startswith("The painter mixed blue ")
    assert " → the painter mixed blue" in line
    assert line.endswith("   taught 47×")
    assert len(line) <= width


def test_on_a_narrow_screen_the_card_comes_before_how_often_it_was_taught() -> None:
    shown = card_line(correction("slug", "slugged"), "not yet taught", 24)
    assert shown.startswith("slug → slugged   ")
    assert len(shown) <= 24


def test_what_it_looks_at_most_is_only_claimed_of_the_pieces_that_are_known() -> None:
    texts = ["a", "b", "c"]
    assert looked_at(texts, [0.2, 0.5, 0.3], 0) == ("“b”", 0.5)
    assert looked_at(texts, [0.1, 0.1, 0.4], 9) == ("itself", 0.4)
    check_words("screen: looked at", looked_at(texts, [0.1, 0.2, 0.1], 9)[0])


@pytest.mark.parametrize("size", [(76, 18), (116, 30)])
def test_before_a_card_is_walked_through_the_page_says_what_the_six_phases_are(
    size: tuple[int, int],
) -> None:
    message = tr("Press {key}", key=key_name(".")) + " to begin"
    drawn = UpdateSheet().draw(UpdateShown(message=message), *size)
    assert [text for row in drawn for text, style in row if style == HEADING] == ["."]
    rows = plain(drawn)
    assert len(rows) <= size[1]
    first = [row.split(" ")[0] for row in rows]
    assert [word for word in first if word.isupper()] == [phase.upper() for phase in val.PHASES]
    assert plain(UpdateSheet().draw(UpdateShown(message="Press ."), 76, 8)) == ["", "Press ."]


def test_while_a_past_update_is_computed_the_page_does_not_explain_phases() -> None:
    drawn = UpdateSheet().draw(UpdateShown(message="One moment.", is_past=True), 120, 20)
    assert plain(drawn) == ["", "One moment."]


@pytest.mark.parametrize("is_broken", [False, True])
def test_while_it_is_broken_an_adjustment_is_not_said_to_make_the_answer_likelier(
    is_broken: bool,
) -> None:
    view = UpdateShown(message="Press .", is_broken=is_broken)
    drawn = " ".join(plain(UpdateSheet().draw(view, 120, 20)))
    assert (lesson.explanation("adjustment") in drawn) != is_broken
    assert (words("screen: adjusted too far") in drawn) == is_broken


def test_a_share_that_is_nearly_all_has_no_decimals_before_and_after() -> None:
    nearly = msgspec.structs.replace(
        change(), probability_before=0.9998283, probability_after=0.9998284
    )
    drawn = adjustment_bars.nudge_rows(correction(change=nearly), nearly, 76)
    assert [row.count(">99 %") for row in plain(drawn)[1:]] == [1, 1]
    shares = [style for row in drawn[1:] for text, style in row if ">99 %" in text]
    assert shares == [".strong"] * 2, "what looks the same is neither better nor worse"


def test_what_a_step_pushes_stands_first_and_its_factors_only_in_the_deeper_picture() -> None:
    details = details_at("adjustment").adjustment
    assert details is not None
    pushed = msgspec.structs.replace(
        change(), up=(val.Push("s", 0.3), val.Push("p", 0.1)), down=(val.Push("h", -0.2),)
    )
    card = correction(change=pushed)
    rows = plain(adjustment_bars.adjustment_rows(details, card, 74, 20))
    assert [row.split()[0] for row in rows[2:4]] == ["was", "is"]
    assert "h" in next(row for row in rows if "less likely" in row)
    assert "×" not in "".join(rows)
    deep = plain(adjustment_bars.deep_rows(details, card, 74, 40))
    assert any("likelier" in row and "×1.3" in row for row in deep)
    low = plain(adjustment_bars.deep_rows(details, card, 74, 6))
    assert not any("likelier" in row for row in low)
