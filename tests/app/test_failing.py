"""A lesson that fails, falls silent or has a deck with wrong lines: what is said, and what not."""

import pytest

from flashcards.app.widgets.frame import RunHeader, VerdictLine
from flashcards.runs import events as ev, values as val
from tests import told
from tests.app.lesson import lesson, started
from tests.app.script import on_stage
from tests.golden import check_words, words


async def test_a_failed_lesson_says_why_and_goes_on_from_the_saved_step() -> None:
    failed = ev.TrainerFailed(step=1284, text="the trainer ended (signal 9)")
    happened = [*lesson(), ev.StateSaved(step=1250, file="x"), failed]
    async with on_stage(happened) as stage:
        assert "FAILED" in stage.text(RunHeader)
        assert "signal 9" in stage.text(VerdictLine)
        check_words("screen: failed", stage.app.status_line.text, step="1,250")
        assert stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == started().folder


async def test_a_lesson_that_failed_before_it_began_offers_no_going_on() -> None:
    async with on_stage([ev.TrainerFailed(step=0, text="no deck of that name")]) as stage:
        assert not stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert len(stage.teachers) == 1


async def test_a_trainer_that_just_ends_has_failed() -> None:
    async with on_stage(lesson()) as stage:
        stage.teachers[-1].leave()
        await stage.settle()
        assert stage.app.session.state.liveness == "failed"


async def test_silence_while_learning_is_stalled_and_while_paused_is_not() -> None:
    now = [0.0]
    async with on_stage(lesson(), clock=lambda: now[0]) as stage:
        now[0] = 11.0
        await stage.settle()
        assert "STALLED" in stage.text(RunHeader)
        await stage.say(ev.RunPaused(step=1284))
        now[0] = 100.0
        await stage.settle()
        assert "PAUSED" in stage.text(RunHeader)


async def test_a_deck_with_wrong_lines_says_so_while_it_is_taught() -> None:
    problem = val.DeckProblem(
        file="half.deck", line=2, column=1, code="no-separator", text="no separator"
    )
    wrong = started(problem=problem, n_problems=3)
    async with on_stage([wrong]) as stage:
        text = stage.text(VerdictLine)
        assert f"half.deck:2: no separator {words('screen: more problems', n=2, view=7)}" in text


async def test_a_deck_with_wrong_lines_says_so_while_its_first_card_is_explained() -> None:
    problem = val.DeckProblem(
        file="half.deck", line=2, column=1, code="no-separator", text="no separator"
    )
    begun: list[ev.AnyEvent] = [
        started(problem=problem, n_problems=1),
        ev.SpeedChanged(step=0, speed="explain"),
    ]
    async with on_stage([*begun, told.exam(0, (0, 50), (0, 20))]) as stage:
        await stage.until(
            lambda: any("half.deck:2: no separator" in notice for notice in stage.said)
        )


@pytest.mark.slow
@pytest.mark.parametrize("is_full", [False, True])
async def test_no_view_of_a_lesson_that_failed_at_once_promises_anything(is_full: bool) -> None:
    failed = ev.TrainerFailed(step=0, text="empty.deck:1:1: no card; did you mean 'addition'?")
    woke = ev.TrainerWoke(step=0, stage="reading the deck")
    async with on_stage([woke, failed], deck="adition", is_full=is_full) as stage:
        for key in "12345678f":
            await stage.press(key)
            text = "\n".join(stage.rows())
            for promise in ("waking", "coming", "reading the deck", "starts over"):
                assert promise not in text, key
            if key in "137":
                told = "empty.deck:1:1: no card; did you mean 'addition'? d chooses another"
                assert told in text, key
            if key != "f":
                assert "✗ FAILED" in text, key


async def test_where_an_option_must_be_given_no_key_is_offered() -> None:
    """In a folder that can't be written, another deck fails as well."""
    text = "runs can't be kept in x; name another with --runs DIR"
    failed = ev.TrainerFailed(step=0, text=text, needs_option=True)
    async with on_stage([failed]) as stage:
        said = stage.text(VerdictLine)
        assert "--runs DIR" in said
        assert "chooses another deck" not in said
