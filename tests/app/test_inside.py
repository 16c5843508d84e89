"""View 6: the model from inside. The pictures show a real model: see `tests/app/recorded.py`."""

import re

import msgspec

from flashcards.app.inside.inside_view import (
    InsideSheet,
    InsideShown,
    InsideView,
    apart_on_map,
    kept_apart,
    map_rows,
    part,
    weight_rows,
)
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.widgets.cells import row_width
from flashcards.app.widgets.frame import VerdictLine
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.details import CardPiece, MapPoint, WeightMap, packed
from flashcards.runs.values import Correction
from flashcards.wording.pieces import piece_labels, whole_letters
from tests import told
from tests.app import recorded
from tests.app.card_rows import Clock
from tests.app.drawn import plain
from tests.app.lesson import started
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage
from tests.golden import check_words, words


async def seen(stage: Stage) -> None:
    asked = [command for command in stage.sent if isinstance(command, cmd.LookInside)]
    await stage.say(msgspec.structs.replace(recorded.inside(), request=asked[-1].request))


async def test_every_page_has_a_picture_and_what_moved_most_is_named() -> None:
    async with on_stage(recorded.before_walking()) as stage:
        await stage.press("6")
        await seen(stage)
        for page in ("map", "weights"):
            await check_pictures(stage, f"inside-{page}")
            if page == "weights":
                most = max(recorded.inside().weights, key=lambda w: w.relative_moved)
                text = " ".join(str(stage.app.screen.query_one(VerdictLine).render()).split())
                check_words("screen: weights", text, where=part(most))
            await stage.press("tab")


async def test_it_looks_twice_a_second_while_open_and_learning_and_never_when_closed() -> None:
    clock = Clock()
    async with on_stage(recorded.before_walking(), clock=clock) as stage:
        await stage.settle()
        assert stage.sent == []
        await stage.press("6")
        assert len(stage.sent) == 1
        await stage.settle()
        assert len(stage.sent) == 1, "one look at a time"
        await seen(stage)
        step = recorded.inside().step
        clock.now_s += 0.6
        await stage.settle()
        assert len(stage.sent) == 1, "nothing was taught since"
        clock.now_s -= 0.4
        await stage.say(ev.CorrectionMeasured(step=step + 1, correction=_correction()))
        assert len(stage.sent) == 1, "half a second has not passed"
        clock.now_s += 0.4
        await stage.settle()
        assert len(stage.sent) == 2
        await stage.press("escape")
        assert isinstance(stage.app.screen, PlayScreen)
        clock.now_s += 60
        await stage.say(ev.CorrectionMeasured(step=step + 9, correction=_correction()))
        assert len(stage.sent) == 2


def _correction() -> Correction:
    event = next(e for e in recorded.events() if isinstance(e, ev.CorrectionMeasured))
    return event.correction


async def test_it_says_what_it_waits_for_and_that_there_is_no_model_left() -> None:
    async with on_stage([started()]) as stage:
        await stage.press("6")
        assert isinstance(stage.app.screen, InsideView)
        assert "looking inside" in str(stage.app.screen.query_one(InsideSheet).render())
        await stage.say(ev.TrainerFailed(step=0, text="the disk is full"))
        stopped = words("screen: trainer stopped")
        assert stopped in str(stage.app.screen.query_one(InsideSheet).render())


def test_labels_never_overlap_and_those_without_room_are_dots() -> None:
    crowd = [MapPoint(f"piece{i}", 0.0, 0.0, True) for i in range(200)]
    rows, n_left = map_rows(crowd, 60, 10)
    text = "\n".join(plain(rows))
    assert n_left > 0
    assert text.count("piece") + n_left == 200
    words = [word for line in text.split("\n") for word in line.split() if "piece" in word]
    assert all(word.startswith("piece") for word in words), words


def test_a_map_keeps_left_left_and_up_up_in_cells_of_wide_characters() -> None:
    points = [MapPoint("東京", -1.0, 1.0, True), MapPoint("👩‍👩‍👧", 1.0, -1.0, True)]
    rows, n_left = map_rows(points, 30, 5)
    assert n_left == 0
    assert plain(rows)[0].startswith("東京")
    assert plain(rows)[4].strip() == "👩‍👩‍👧"
    assert max(row_width(row) for row in rows) <= 30


def test_weights_are_drawn_against_their_own_greatest_cell() -> None:
    one = WeightMap(
        name="mlp",
        layer=2,
        n_rows=2,
        n_columns=4,
        size=packed(bytes([255, 255, 0, 0] * 2)),
        size_top=0.5,
        moved=packed(bytes([0, 0, 0, 255] * 2)),
        relative_moved=0.31,
    )
    rows = plain(weight_rows((one,), 40, 4))
    assert rows[1].startswith("2 combining")
    assert "██" in rows[1]
    assert rows[1].rstrip().endswith("█")
    assert "31 %" in rows[1]


def test_where_parts_stay_as_they_were_it_does_not_say_that_all_moved() -> None:
    """An adapter in the upper layers moves nothing below."""
    seen = recorded.inside()
    still, moved = (msgspec.structs.replace(seen.weights[0], relative_moved=x) for x in (0.0, 0.02))
    half = msgspec.structs.replace(seen, weights=(still, moved))
    assert InsideShown("weights", half).purpose.endswith("The others stay.")
    for alike in (still, moved):
        same = msgspec.structs.replace(seen, weights=(alike, alike))
        assert InsideShown("weights", same).purpose.endswith("moves nearly all.")


HEBREW = tuple(
    CardPiece(text, i, "prompt")
    for i, text in enumerate(["ש", "<0xD7>", "<0x9D>", "<0xF0>", "<0x9F>", "<0x8D>", "<0x90>", "→"])
)


def test_a_byte_is_named_after_the_letter_that_it_is_a_part_of() -> None:
    labels = ["ש", "ם1/2", "ם2/2", "🍐1/4", "🍐2/4", "🍐3/4", "🍐4/4", "→"]
    assert piece_labels(HEBREW) == labels
    assert piece_labels(HEBREW[4:]) == ["<0x9F>", "<0x8D>", "<0x90>", "→"]
    assert whole_letters("".join(piece.text for piece in HEBREW)) == "שם🍐→"
    assert whole_letters("<0xD7>a<0x41>") == "\ufffda<0x41>"


async def test_bytes_have_no_place_on_the_map() -> None:
    async with on_stage(recorded.before_walking()) as stage:
        await stage.press("6")
        asked = [command for command in stage.sent if isinstance(command, cmd.LookInside)]
        point = MapPoint("<0xD7>", -0.9, 0.9, False)
        points = (point, *recorded.inside().points)
        changes = {"request": asked[-1].request, "points": points}
        await stage.say(msgspec.structs.replace(recorded.inside(), **changes))
        screen = "\n".join(stage.rows())
        assert "<0x" not in screen
        assert "(part)" not in screen


def test_letters_that_lie_apart_are_named() -> None:
    for places, apart in (((-5, -4, -3, -2, 7, 8, 9), ["e", "f", "g"]), ((7, 2, 4, 5, 9, 0), [])):
        points = [MapPoint("abcdefg"[i], x / 10, 0.0, True) for i, x in enumerate(places)]
        assert apart_on_map(points) == apart


def test_what_the_letters_that_lie_apart_have_in_common_is_said() -> None:
    assert kept_apart("aeiou").startswith("vowels.")
    assert kept_apart(["á", "E", "y"]).startswith("vowels.")
    assert kept_apart("137").startswith("digits.")
    assert kept_apart("BDF").startswith("capital letters.")
    assert kept_apart("abc") == words("screen: apart")


async def test_letters_apart_are_named_in_the_colour_that_they_have_on_the_map() -> None:
    places = {"a": -0.8, "e": -0.7, "o": -0.6, "t": 0.6, "s": 0.7, "n": 0.8, "r": 0.9}
    points = tuple(MapPoint(text, x, x, True) for text, x in places.items())
    bright = {
        text
        for row in map_rows(points, 60, 12, apart_on_map(points))[0]
        for text, style in row
        if style == ".lit-text"
    }
    assert bright == {"a", "e", "o"}
    async with on_stage(recorded.before_walking()) as stage:
        await stage.press("6")
        (asked,) = [command for command in stage.sent if isinstance(command, cmd.LookInside)]
        shown = msgspec.structs.replace(recorded.inside(), request=asked.request, points=points)
        await stage.say(shown)
        line = stage.app.screen.query_one(VerdictLine)
        assert line.showing is not None
        assert line.showing.lead == "a, e, o:", "the lead of a sentence has that colour"
        first, *_ = line.draw(line.showing, 80, 2)
        assert first[0] == ("a, e, o:", ".lit-text")


async def test_while_the_lesson_goes_on_one_step_is_told() -> None:
    async with on_stage(recorded.before_walking()) as stage:
        await stage.press("6")
        await seen(stage)
        step = recorded.inside().step
        await stage.say(ev.CorrectionMeasured(step=step + 5, correction=_correction()))
        screen = "\n".join(stage.rows())
        assert f"step {step + 5}" in screen
        assert f"step {step} " not in screen


def test_letters_that_learning_hardly_moved_are_said_to_stand_where_chance_put_them() -> None:
    seen = recorded.inside()
    hardly, far = (
        msgspec.structs.replace(
            seen,
            weights=tuple(
                msgspec.structs.replace(part, relative_moved=moved) for part in seen.weights
            ),
        )
        for moved in (0.002, 0.5)
    )
    check_words("screen: by chance", InsideShown(seen=hardly).purpose)
    assert "Nobody told it" in InsideShown(seen=far).purpose
    assert "Nobody told it" in InsideShown(seen=hardly, is_from_chance=False).purpose


def test_grey_letters_are_explained_where_there_are_any_and_pictures_are_not_grey() -> None:
    said = MapPoint("a", 0.0, 0.0, True)
    for text, has_grey in (("z", True), ("🐰", False)):
        seen = msgspec.structs.replace(
            recorded.inside(), points=[said, MapPoint(text, 0.5, 0.5, False)]
        )
        purpose = InsideShown(seen=seen, is_from_chance=False).purpose
        assert (words("screen: grey letters") in purpose) == has_grey


def test_pieces_of_a_model_of_others_are_not_called_letters() -> None:
    own, of_others = InsideShown(), InsideShown(is_of_others=True, is_from_chance=False)
    check_words("inside: letters", own.title)
    check_words("inside: words", of_others.title)
    check_words("inside: words near", of_others.purpose)


async def test_of_a_brought_model_the_heat_maps_are_asked_for_that_the_page_has_room_for() -> None:
    start = told.started(
        n_taught=50, n_held_out=20, base="SmolLM2", n_parameters=134_500_000, n_learned=460_800
    )
    async with on_stage([start, told.exam(0, (28, 50), (3, 20))]) as stage:
        await stage.press("6")
        look = stage.sent[-1]
        assert isinstance(look, cmd.LookInside)
        assert look == cmd.LookInside(request=look.request, n_maps=0), "the map of pieces has none"
        await stage.say(_answer(look, n_maps=0))
        await stage.press("tab")
        look = stage.sent[-1]
        assert isinstance(look, cmd.LookInside)
        assert look.n_maps is not None
        assert "looking inside" in "\n".join(stage.rows())
        await stage.say(_answer(look, n_maps=look.n_maps))
        drawn = [row for row in stage.rows() if re.match(r" +\d+ attention", row)]
        assert len(drawn) == look.n_maps > 10, "each that was asked for is drawn"
        text = " ".join(str(stage.app.screen.query_one(VerdictLine).render()).split())
        check_words("screen: some weights", text, n="134,500,000")
        assert "The others stay." in "\n".join(stage.rows())
        n_sent = len(stage.sent)
        await stage.settle()
        assert len(stage.sent) == n_sent


def _answer(look: cmd.AnyCommand, n_maps: int) -> ev.InsideSeen:
    assert isinstance(look, cmd.LookInside)
    one = recorded.inside().weights[0]
    maps = tuple(msgspec.structs.replace(one, layer=layer) for layer in range(1, n_maps + 1))
    return msgspec.structs.replace(
        recorded.inside(), step=0, request=look.request, weights=maps, n_left=61 - n_maps
    )
