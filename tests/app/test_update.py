"""View 4: one update, walked. The pictures show a real update: see `tests/app/recorded.py`."""

import msgspec
import pytest
from textual.widget import Widget

from flashcards.app.lesson.play import PlayScreen
from flashcards.app.update.sheet import UpdateSheet
from flashcards.app.update.update_view import CardLine, UpdateView
from flashcards.app.widgets.frame import KeysLine, LoopWords, RunHeader, VerdictLine
from flashcards.app.widgets.pin_rows import PinRows, pins_of
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.runs.values import PHASES
from flashcards.wording import rates, updates
from flashcards.wording.updates import taught_by
from tests.app import recorded
from tests.app.drawn import plain
from tests.app.lesson import correction, folded, started
from tests.app.pictures import check_picture, check_pictures
from tests.app.recorded import text_of, walk_on, walking
from tests.app.script import Stage, on_stage
from tests.app.test_broken import broken
from tests.golden import words


@pytest.mark.slow
async def test_phases_look_as_they_should_and_one_of_them_one_level_deeper() -> None:
    async with walking() as stage:
        for phase in PHASES:
            if phase != "data":
                await walk_on(stage, phase)
            if phase in ("model", "adjustment", "repeat"):
                await check_pictures(stage, f"update-{phase}")
            await stage.press("enter")
            if phase == "model":
                await check_picture(stage.app, f"update-{phase}-deeper-80x24")
            stage.rows()
            await stage.press("enter")


async def test_that_pieces_further_on_are_corrected_too_is_said_with_the_error() -> None:
    for n_ahead in (0, 2):
        async with walking() as stage:
            for phase in PHASES[1:4]:
                await walk_on(stage, phase)
            for event in recorded.in_phase("error"):
                if isinstance(event, ev.UpdateDetails):
                    await stage.say(msgspec.structs.replace(event, n_ahead=n_ahead))
            text = text_of(stage, VerdictLine)
            assert text.startswith("ERROR")
            ahead = words("screen: pieces ahead", n=2)
            assert (ahead in " ".join(text.split())) == bool(n_ahead)
            assert text.endswith(".")


async def test_walking_goes_on_from_another_view_and_looking_back_asks_for_nothing() -> None:
    async with walking() as stage:
        await stage.press("1")
        assert isinstance(stage.app.screen, PlayScreen)
        await stage.press("full_stop")
        assert stage.sent == [cmd.NextPhase()]
        assert "lead → led" in text_of(stage, CardLine)
        view = stage.app.screen
        assert isinstance(view, UpdateView)
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


async def test_a_walk_that_was_left_is_told_where_its_card_is_and_nowhere_else() -> None:
    async with walking() as stage:
        await walk_on(stage, "model")
        await walk_on(stage, "prediction")
        await stage.press("escape")
        assert text_of(stage, VerdictLine).startswith("PREDICTION")
        for key in ("3", "5", "8"):
            await stage.press(key)
            assert "PREDICTION" not in text_of(stage, VerdictLine)
        await stage.press("1")
        assert text_of(stage, VerdictLine).startswith("PREDICTION")


def explained(*phases: val.Phase) -> list[ev.AnyEvent]:
    """A card as far as the lesson explains it by itself: none of its phases is held."""
    return [
        msgspec.structs.replace(event, is_held=False)
        if isinstance(event, ev.PhaseEntered)
        else event
        for phase in phases
        for event in recorded.in_phase(phase)
    ]


def flowing(stage: Stage, kind: type[Widget]) -> str:
    """Return the text of a widget without its ends of lines."""
    return " ".join(text_of(stage, kind).split())


def phase_of(stage: Stage) -> val.Phase | None:
    view = stage.app.screen
    assert isinstance(view, UpdateView)
    return view.phase


@pytest.mark.parametrize("n_phases", [1, 4, 5, 6])
async def test_the_key_shows_a_card_that_was_paused_from_its_beginning(n_phases: int) -> None:
    known = PHASES[:n_phases]
    happened = [*recorded.before_walking(), ev.SpeedChanged(step=605, speed="explain")]
    async with on_stage([*happened, *explained(*known), ev.RunPaused(step=606)]) as stage:
        await stage.press("full_stop")
        assert stage.sent == [], "all of it was told"
        for phase in known:
            assert phase_of(stage) == phase
            assert "lead → led" in text_of(stage, CardLine)
            await stage.press("full_stop")
        assert stage.sent == [cmd.NextPhase()]


async def test_the_key_holds_a_card_that_is_explained_and_shows_it_from_its_beginning() -> None:
    happened = [*recorded.before_walking(), ev.RunPlayed(step=605)]
    happened += [ev.SpeedChanged(step=605, speed="explain"), *explained("data", "model")]
    async with on_stage(happened) as stage:
        await stage.press("full_stop")
        assert stage.sent == [cmd.NextPhase()]
        await stage.say(*recorded.in_phase("prediction"), ev.RunPaused(step=605))
        assert phase_of(stage) == "data"
        await stage.press("full_stop")
        assert phase_of(stage) == "model"
        await stage.press("full_stop")
        assert phase_of(stage) == "prediction"
        assert stage.sent == [cmd.NextPhase()]
        await stage.press("full_stop")
        assert stage.sent == [cmd.NextPhase()] * 2
        await stage.say(*recorded.in_phase("error"))
        assert phase_of(stage) == "error"


async def test_a_walk_that_was_left_goes_on_where_it_was() -> None:
    async with walking() as stage:
        await walk_on(stage, "model")
        await walk_on(stage, "prediction")
        await stage.press("escape")
        n_sent = len(stage.sent)
        await stage.press("full_stop")
        assert (phase_of(stage), len(stage.sent)) == ("prediction", n_sent)


async def test_an_update_that_is_over_keeps_its_pictures_until_it_is_undone() -> None:
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
        await stage.say(
            ev.RunResumed(step=590, start=started()),
            ev.RunRewound(step=590, from_step=607, factor=1.0),
            ev.RunPaused(step=590),
        )
        await stage.until(lambda: stage.app.session.state.step == 590)
        assert "lead" not in text_of(stage, CardLine)
        assert words("screen: take card") in flowing(stage, UpdateSheet)
        rewound = words("screen: rewound", from_step=607, to_step=590)
        assert rewound in flowing(stage, VerdictLine)
        await stage.say(*recorded.in_phase("data"))
        assert "lead → led" in text_of(stage, CardLine)


async def test_of_a_broken_model_the_walked_phases_and_the_badge_tell() -> None:
    async with on_stage([*broken(), ev.RunPaused(step=1001)]) as stage:
        await stage.press("4")
        noticed = f"BROKEN {rates.broken(stage.app.session.state.steps)}"
        assert noticed in flowing(stage, VerdictLine)
        await stage.press("full_stop")
        await stage.say(*recorded.in_phase("data"))
        data = f"DATA {updates.data(recorded.details_at('data'))}"
        assert flowing(stage, VerdictLine).startswith(data)
        assert "BROKEN" in text_of(stage, RunHeader)
        await stage.press("space")
        await stage.say(
            ev.RunPlayed(step=1002), ev.CorrectionMeasured(step=1003, correction=correction())
        )
        assert noticed in flowing(stage, VerdictLine)


async def test_before_the_model_is_awake_walking_asks_for_nothing() -> None:
    async with on_stage([ev.TrainerWoke(step=0, stage="building the model")]) as stage:
        await stage.press("full_stop", "full_stop")
        assert isinstance(stage.app.screen, UpdateView)
        assert stage.sent == []
        assert "building the model" in text_of(stage, UpdateSheet)


async def test_without_an_update_the_view_says_what_to_press() -> None:
    async with on_stage(recorded.before_walking()) as stage:
        await stage.press("4")
        assert words("screen: take card") in flowing(stage, UpdateSheet)
        assert stage.sent == []
        await stage.press("enter", "tab", "up", "comma")
        await stage.press("escape")
        assert isinstance(stage.app.screen, PlayScreen)


async def test_the_piece_the_layers_help_comes_first_and_tab_goes_on() -> None:
    async with walking() as stage:
        await walk_on(stage, "model")
        asked = words("screen: first piece", right="“l”")
        assert asked in flowing(stage, UpdateSheet)
        await stage.press("tab")
        asked = words("screen: next piece", before="“l”", right="“e”")
        assert asked in flowing(stage, UpdateSheet)
        await stage.press("tab", "tab")
        assert "Nothing: the answer ends" in text_of(stage, UpdateSheet)
        await stage.press("enter", "tab", "down")
        head = words("screen: a head", layer=2, head=2, n=4)
        assert head in text_of(stage, UpdateSheet)


async def test_o_asks_for_the_next_order_counted_from_what_was_asked() -> None:
    async with on_stage([started()]) as stage:
        await stage.press(":order", ":order")
        assert stage.sent == [cmd.SetOrder(order="hardest"), cmd.SetOrder(order="boxes")]
        await stage.say(ev.OrderChanged(step=1, order="boxes"))
        await stage.press(":order")
        assert stage.sent[-1] == cmd.SetOrder(order="deck")


def test_a_pin_says_whom_it_was_learned_from_and_whether_that_is_exact() -> None:
    told = ev.PinTaught(
        step=900,
        prompt="spling",
        by=(val.TaughtBy("drink", -0.31), val.TaughtBy("ring", -0.2)),
        is_exact=False,
        since_step=12,
    )
    state = folded([started(), ev.PromptPinned(step=3, prompt="spling"), told])
    pins = pins_of(state, 3)
    rows = plain(PinRows().draw(pins, 100, 4))
    assert rows[1] == f"  learned from {taught_by(told, 2)}"
    assert all(len(row) <= 30 for row in plain(PinRows().draw(pins, 30, 4))[1:])
    exact = msgspec.structs.replace(told, is_exact=True)
    assert ("measured" in taught_by(exact, 2), "estimated" in taught_by(told, 2)) == (True, True)
