"""View 4: one update, walked. The pictures show a real update: see `tests/app/recorded.py`.

Long because it is one view: each of its six phases and their deeper pages is asked here.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
import pytest
from textual.widget import Widget

from flashcards.app.kit.cells import row_width
from flashcards.app.kit.heat import blocks, shade, triangle
from flashcards.app.kit.keys_line import KeysLine
from flashcards.app.kit.loop_words import LoopWords
from flashcards.app.kit.pin_rows import PinRows, pins_of
from flashcards.app.kit.ripple_words import taught_by
from flashcards.app.kit.run_header import RunHeader
from flashcards.app.kit.verdict_line import VerdictLine
from flashcards.app.lesson.card_wall import CardWall, WallView
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.update import repeat_words, words
from flashcards.app.update.adjustment_bars import most_moved, plain_parts
from flashcards.app.update.candidate_bars import candidate_rows, error_rows
from flashcards.app.update.ripple_bars import ripple_rows
from flashcards.app.update.sheet import UpdateSheet, UpdateShown
from flashcards.app.update.tiles import Tile, tile_rows
from flashcards.app.update.view import CardLine, UpdateView, place_of_update
from flashcards.runs import commands as cmd
from flashcards.runs import details as det
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.state import RunState
from flashcards.runs.values import PHASES, Phase
from tests.app import recorded
from tests.app.lesson import change, correction, folded, started
from tests.app.pictures import check_picture
from tests.app.script import Stage, on_stage
from tests.app.test_broken import broken
from tests.app.test_play_widgets import plain

SIZES = ((80, 24), (120, 40))


def at(phase: Phase) -> RunState:
    """The recorded lesson with the update in this phase."""
    happened = recorded.before_walking()
    for earlier in PHASES[: PHASES.index(phase) + 1]:
        happened += recorded.in_phase(earlier)
    return folded(happened)


def details_at(phase: Phase) -> ev.UpdateDetails:
    """What is known from within when the update is in this phase."""
    details = at(phase).details
    assert details is not None
    return details


@asynccontextmanager
async def walking(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    """The app on the recorded lesson, walked to DATA."""
    async with on_stage(recorded.before_walking(), size) as stage:
        await stage.press("full_stop")
        await stage.say(*recorded.in_phase("data"))
        yield stage


async def walk_on(stage: Stage, phase: Phase) -> None:
    """The next phase, as the trainer would tell it."""
    await stage.press("full_stop")
    await stage.say(*recorded.in_phase(phase))


def text_of(stage: Stage, kind: type[Widget]) -> str:
    """What a sheet of the screen shows."""
    return str(stage.app.screen.query_one(kind).render())


@pytest.mark.parametrize("size", SIZES)
async def test_every_phase_has_a_picture(size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}"
    async with walking(size) as stage:
        await check_picture(stage.app, f"update-data-{name}")
        for phase in PHASES[1:]:
            await walk_on(stage, phase)
            await check_picture(stage.app, f"update-{phase}-{name}")


@pytest.mark.parametrize("phase", PHASES)
async def test_every_phase_has_a_picture_one_level_deeper(phase: Phase) -> None:
    async with walking() as stage:
        for later in PHASES[1 : PHASES.index(phase) + 1]:
            await walk_on(stage, later)
        await stage.press("enter")
        await check_picture(stage.app, f"update-{phase}-deeper-80x24")


async def test_walking_asks_for_phase_after_phase_and_looking_back_asks_for_nothing() -> None:
    async with walking() as stage:
        view = stage.app.screen
        assert isinstance(view, UpdateView)
        assert stage.sent == [cmd.NextPhase()]
        await walk_on(stage, "model")
        await walk_on(stage, "prediction")
        n_sent = len(stage.sent)
        assert n_sent == 3
        await stage.press("comma")
        assert text_of(stage, VerdictLine).startswith("MODEL")
        await stage.press("comma", "comma", "comma")
        assert text_of(stage, VerdictLine).startswith("DATA")
        await stage.press("full_stop", "full_stop")
        assert view.phase == "prediction"
        assert len(stage.sent) == n_sent
        await stage.press("full_stop")
        assert stage.sent[n_sent:] == [cmd.NextPhase()]


async def test_walking_again_from_another_view_shows_the_update_that_is_held() -> None:
    async with walking() as stage:
        await stage.press("1")
        assert isinstance(stage.app.screen, PlayScreen)
        await stage.press("full_stop")
        assert isinstance(stage.app.screen, UpdateView)
        assert stage.sent == [cmd.NextPhase()]
        assert "lead → led" in text_of(stage, CardLine)


async def test_an_update_that_is_over_keeps_its_pictures_and_the_next_card_is_offered() -> None:
    async with walking() as stage:
        for phase in PHASES[1:]:
            await walk_on(stage, phase)
        assert "next card" in text_of(stage, KeysLine)
        await stage.say(
            ev.RunPlayed(step=606),
            ev.CorrectionMeasured(step=640, correction=correction(n_cards=32)),
        )
        assert "lead → led" in text_of(stage, CardLine)
        assert "REPEAT" in text_of(stage, LoopWords)


async def test_of_a_broken_model_the_walked_phases_have_their_sentences_and_the_badge_tells() -> (
    None
):
    async with on_stage([*broken(), ev.RunPaused(step=1001)]) as stage:
        await stage.press("4")
        assert "BROKEN since step" in text_of(stage, VerdictLine)
        await stage.press("full_stop")
        await stage.say(*recorded.in_phase("data"))
        assert "DATA The card is cut into pieces" in text_of(stage, VerdictLine)
        assert "∞ BROKEN" in text_of(stage, RunHeader)
        await stage.press("space")
        await stage.say(
            ev.RunPlayed(step=1002), ev.CorrectionMeasured(step=1003, correction=correction())
        )
        assert "BROKEN since step" in text_of(stage, VerdictLine)


async def test_after_going_back_the_update_that_was_undone_is_not_shown_any_more() -> None:
    async with walking() as stage:
        for phase in PHASES[1:]:
            await walk_on(stage, phase)
        await stage.say(
            ev.RunResumed(step=590, start=started()),
            ev.RunRewound(step=590, from_step=607, factor=1.0),
            ev.RunPaused(step=590),
        )
        await stage.until(lambda: stage.app.session.state.step == 590)
        assert "lead" not in text_of(stage, CardLine)
        assert ". takes the next card" in text_of(stage, UpdateSheet)
        assert "Back from step 607 to step 590" in text_of(stage, VerdictLine)
        await stage.say(*recorded.in_phase("data"))
        assert "lead → led" in text_of(stage, CardLine)


async def test_before_the_model_is_awake_walking_asks_for_nothing() -> None:
    async with on_stage([ev.TrainerWoke(step=0, stage="building the model")]) as stage:
        await stage.press("full_stop", "full_stop")
        assert isinstance(stage.app.screen, UpdateView)
        assert stage.sent == []
        assert "building the model" in text_of(stage, UpdateSheet)


async def test_without_an_update_the_view_says_what_to_press() -> None:
    async with on_stage(recorded.before_walking()) as stage:
        await stage.press("4")
        assert ". takes the next card" in text_of(stage, UpdateSheet)
        assert stage.sent == []
        await stage.press("enter", "tab", "up", "comma")
        await stage.press("escape")
        assert isinstance(stage.app.screen, PlayScreen)


async def test_the_piece_the_layers_help_comes_first_tab_goes_on_and_deeper_to_another_head() -> (
    None
):
    async with walking() as stage:
        await walk_on(stage, "model")
        assert "What comes first in the answer? Right is “l”." in text_of(stage, UpdateSheet)
        await stage.press("tab")
        assert "What comes after “l”? Right is “e”." in text_of(stage, UpdateSheet)
        await stage.press("tab", "tab")
        assert "Right is “⏎”" in text_of(stage, UpdateSheet)
        await stage.press("enter", "tab", "down")
        assert "layer 2 of 4, attention head 2 of 4" in text_of(stage, UpdateSheet)


@pytest.mark.parametrize("size", [(40, 12), (20, 6), (56, 24), (200, 60)])
async def test_no_size_is_too_small_for_any_phase(size: tuple[int, int]) -> None:
    async with walking(size) as stage:
        for phase in PHASES[1:]:
            await stage.press("enter", "enter")
            await walk_on(stage, phase)
        assert isinstance(stage.app.screen, UpdateView)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("is_deep", [False, True])
@pytest.mark.parametrize("width", [74, 30, 110])
def test_no_row_is_wider_than_the_sheet(phase: Phase, is_deep: bool, width: int) -> None:
    state = at(phase)
    view = UpdateShown(phase, state.details, state.correction, place=1, is_deep=is_deep)
    for height in (3, 8, 15, 30):
        rows = UpdateSheet().draw(view, width, height)
        assert len(rows) <= height
        if width > 30:
            assert max(row_width(row) for row in rows) <= width


# What each picture says


def test_the_card_is_shown_in_pieces_with_its_ids_one_level_deeper() -> None:
    state = at("data")
    view = UpdateShown("data", state.details, state.correction)
    rows = plain(UpdateSheet().draw(view, 74, 15))
    assert rows[3].split() == ["│", "l", "│", "e", "│", "a", "│", "d", "│", "→", "│"]
    deeper = plain(UpdateSheet().draw(replace(view, is_deep=True), 74, 17))
    assert state.details is not None
    assert deeper[5].split() == [str(piece.id) for piece in state.details.pieces[:5]]


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
    expected = tuple(
        det.Expectation(
            position=i,
            right=f"p{i}",
            probability=p,
            rank=1,
            error_nats=-math.log(p),
            candidates=(det.Candidate(f"p{i}", p, True),),
        )
        for i, p in enumerate([0.9] * 30 + [0.01] + [0.9] * 30)
    )
    total = sum(e.error_nats for e in expected)
    rows = plain(error_rows(expected, total, 74, 12, n_choices=27, is_deep=True))
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


async def test_the_longest_bar_says_what_it_stands_for() -> None:
    async with walking() as stage:
        await walk_on(stage, "adjustment")
        assert "longest bar: 0.08 % of their size" in text_of(stage, UpdateSheet)


def test_a_change_for_the_worse_is_said_in_words() -> None:
    worse = correction(change=change(0.52, 0.36), n_cards=1)
    assert worse.change is not None
    said = repeat_words.repeat(worse, worse.change)
    assert said.startswith("“sang”: 52 ▸ 36 %. This time it got worse: one step can miss.")


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
    said = repeat_words.ripple(msgspec.structs.replace(change(), ripple_unseen=side))
    assert ("it learns relationships" in said) is is_claimed
    assert "(a sample)" in said


def test_the_outcome_comes_first_and_whether_the_card_is_right_now() -> None:
    wrong = correction(n_cards=1, guess_after=(val.GuessPiece("singed", 0.5),))
    right = correction(n_cards=1, guess_after=(val.GuessPiece("sang", 0.5),))
    began = "“sang”: 36 ▸ 52 %. "
    said = repeat_words.repeat(wrong, change())
    assert said.startswith(began + "Still wrong. That is normal: it takes hundreds of corrections.")
    assert repeat_words.repeat(right, change()).startswith(began + "Now it is right.")
    worse = repeat_words.repeat(right, change(0.52, 0.36))
    assert worse.startswith("“sang”: 52 ▸ 36 %. This time it got worse: one step can miss.")


def test_the_model_is_shown_where_its_layers_help_else_it_is_said_why_they_did_not() -> None:
    details = details_at("model")
    assert details.reading is not None
    first, last = details.reading.emerging[0], details.reading.emerging[-1]
    gains = [after - before for before, after in zip(first.right, last.right, strict=True)]
    assert max(gains) > 0 > min(gains)
    assert place_of_update(details, "model") == gains.index(max(gains))
    better = words.model(details.reading, gains.index(max(gains)), "x")
    assert "rises from" in better
    worse = words.model(details.reading, gains.index(min(gains)), "x")
    assert worse.startswith("Here thinking made it worse")
    flat = msgspec.structs.replace(details.reading, emerging=(last, first))
    turned = msgspec.structs.replace(details, reading=flat)
    assert place_of_update(turned, "model") == gains.index(min(gains))


def test_that_it_learns_relationships_is_not_said_of_too_few_cards_for_a_verdict() -> None:
    side = val.RippleSide(n_cards=19, n_measured=19, n_helped=19, n_hurt=0, mean_change_nats=-0.1)
    said = repeat_words.ripple(msgspec.structs.replace(change(), ripple_unseen=side))
    assert said == "Of 19 other cards: 19 better, 0 worse."


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


# The order of cards, the learning rate, going back, who taught a pin


async def test_o_asks_for_the_next_order_counted_from_what_was_asked() -> None:
    async with on_stage([started()]) as stage:
        await stage.press("o", "o")
        assert stage.sent == [cmd.SetOrder(order="hardest"), cmd.SetOrder(order="boxes")]
        await stage.say(ev.OrderChanged(step=1, order="boxes"))
        await stage.press("o")
        assert stage.sent[-1] == cmd.SetOrder(order="deck")


def test_the_wall_names_another_order() -> None:
    view = WallView(bytes([1] * 9), bytes(9), order="boxes")
    assert plain(CardWall().draw(view, 60, 6))[0].startswith("Leitner boxes: every card")
    usual = WallView(bytes([1] * 9), bytes(9))
    assert "shuffled" not in plain(CardWall().draw(usual, 60, 6))[0]


def test_a_pin_says_whom_it_was_learned_from_and_whether_that_is_exact() -> None:
    told = ev.PinTaught(
        step=900,
        prompt="spling",
        by=(val.TaughtBy("drink", -0.31), val.TaughtBy("ring", -0.2)),
        against=(),
        is_exact=False,
        n_updates=40,
        n_cards=9,
        total_nats=-0.5,
        since_step=12,
    )
    state = folded([started(), ev.PromptPinned(step=3, prompt="spling"), told])
    pins = pins_of(state, 3)
    rows = plain(PinRows().draw(pins, 100, 4))
    assert rows[1] == "  learned from drink −0.3, ring −0.2 of its error (about, since step 12)"
    assert all(len(row) <= 30 for row in plain(PinRows().draw(pins, 30, 4))[1:])
    exact = msgspec.structs.replace(told, is_exact=True)
    assert "(exact, since step 12)" in taught_by(exact, 2)
