"""Class mode: nobody sees how a lesson comes out before the class has bet on it."""

from pathlib import Path

import pytest

from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.decks.library import DeckRow
from flashcards.app.decks.picker import line
from flashcards.cards.card import DeckMeta
from flashcards.cards.shelf import ShelfEntry
from flashcards.runs import events as ev
from flashcards.runs.commands import PlaceBet
from flashcards.runs.values import BetQuestion, Score
from tests.app.lesson import lesson
from tests.app.script import Stage, on_stage
from tests.golden import check_words

OUTCOMES = ("94 %", "88 %", "2,708", "703", "understood")


def told_outcomes(stage: Stage) -> list[str]:
    """The outcomes that stand on the screen or on phones."""
    session = stage.app.session
    phones = str(facts_of(session.visible_state, is_stalled=False))
    text = "\n".join(stage.rows()) + phones
    return [outcome for outcome in OUTCOMES if outcome in text]


async def hidden(stage: Stage) -> None:
    await stage.press(":class_mode")
    await stage.until(lambda: stage.app.session.hides_outcomes)
    stage.app.session.unnotify("class mode")
    await stage.settle()


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
async def test_no_screen_and_no_phone_tells_an_outcome_before_the_bet(
    size: tuple[int, int],
) -> None:
    async with on_stage(lesson(), size) as stage:
        assert told_outcomes(stage) != []
        await hidden(stage)
        for keys in "12345678f1":
            await stage.press(keys)
            assert told_outcomes(stage) == [], keys
        await stage.press("tab")
        assert told_outcomes(stage) == []
        stage.app.clear_notifications()  # one stands for its seconds where the sentence does
        await stage.settle()
        waits = stage.app.status_line.text
        check_words("screen: class waits", waits)
        assert waits in " ".join(" ".join(stage.rows()).split())
        await stage.press(":no_bet")
        assert told_outcomes(stage) != []


def placed(question: BetQuestion) -> ev.BetPlaced:
    return ev.BetPlaced(step=1284, bet=question, share=0.4)


async def test_a_bet_shows_the_lesson_and_one_on_a_card_does_not() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        await hidden(stage)
        await stage.say(placed(BetQuestion(kind="correction", prompt="go")))
        assert stage.app.session.hides_outcomes
        await stage.say(placed(BetQuestion(kind="score", at_step=1390)))
        assert not stage.app.session.hides_outcomes
        assert told_outcomes(stage) != []
        stage.app.session.run.state.bets.clear()  # as a rewind to before them does
        assert not stage.app.session.hides_outcomes


async def test_the_first_of_two_bets_shows_nothing_of_what_the_second_is_about() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        await hidden(stage)
        await stage.press("p")
        await stage.say(ev.RunPaused(step=1284))
        assert told_outcomes(stage) == []
        await stage.press("right", "enter")
        assert told_outcomes(stage) == []
        assert not any(isinstance(command, PlaceBet) for command in stage.sent)
        await stage.press("right", "enter")
        await stage.settle()
        assert sum(isinstance(command, PlaceBet) for command in stage.sent) == 2


async def test_a_lesson_that_goes_on_after_a_restart_shows_what_was_bet_on() -> None:
    happened = [*lesson(), placed(BetQuestion(kind="score", at_step=1390))]
    async with on_stage(happened, (80, 24)) as stage:
        await stage.press(":class_mode")
        await stage.settle()
        assert not stage.app.session.hides_outcomes


async def test_the_next_lesson_is_hidden_again() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        await hidden(stage)
        await stage.press(":no_bet")
        assert not stage.app.session.hides_outcomes
        stage.app.session.open(stage.app.session.run.request)
        await stage.settle()
        assert stage.app.session.hides_outcomes
        await stage.press(":class_mode")
        assert not stage.app.session.hides_outcomes


def test_the_list_of_decks_tells_no_score_of_the_last_time() -> None:
    entry = ShelfEntry(
        path=Path("c.deck"),
        slug="c",
        place="own",
        meta=DeckMeta(name="Capitals"),
        n_cards=70,
        n_held_out=20,
        is_estimate=False,
    )
    row = DeckRow(entry=entry, step=551, seen=Score(right=50, total=50), unseen=Score(0, 20))
    assert "100 %" in "".join(text for text, _ in line(row, 80))
    shown = "".join(text for text, _ in line(row.without_outcome, 80))
    assert "result hidden" in shown
    assert "%" not in shown
    never_taught = DeckRow(entry=entry)
    assert never_taught.without_outcome == never_taught
