"""A deck of millions on the screen: what it can't do is said, and not offered."""

from __future__ import annotations

import pytest

from flashcards.app.cards.table import CardTable
from flashcards.app.decks.doctor import DoctorSheet
from flashcards.app.race.branching import choices
from flashcards.base.language import VARIABLE
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.wording.lesson import failed
from tests.app.card_rows import answer, asked, lines
from tests.app.lesson import lesson, started
from tests.app.script import on_stage

LARGE = val.SampleFacts(n_asked=400, n_at_end=5_000, n_known=100_000)

LESSON = [started(sample=LARGE), *(e for e in lesson() if not isinstance(e, ev.RunStarted))]


async def test_what_a_large_deck_cannot_do_is_said_and_not_offered() -> None:
    async with on_stage(LESSON) as stage:
        for key in ("e", "E"):
            await stage.press(key)
            said = [str(notice.message) for notice in stage.app._notifications]
            assert said[-1].startswith("A deck this large can't be changed while it is taught.")
            stage.app.clear_notifications()
        offered = {choice.letter for choice in choices(stage.app.session.shown)}
        assert offered == {"h", "d", "s", "c"}
        await stage.press("7")
        doctor = stage.app.screen.query_one(DoctorSheet)
        await stage.settle()
        text = " ".join(doctor.render_line(y).text.strip() for y in range(4))
        assert "`flashcards check` reads this one" in text


async def test_a_search_in_a_large_deck_is_for_a_whole_prompt_and_says_nothing_before() -> None:
    async with on_stage(LESSON) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.press("slash", "1")
        await answer(stage, 0)
        assert "No card has this prompt. In a deck this large" in lines(stage, CardTable)[2]
        await stage.press("7")
        assert asked(stage)[-1].filter == "17"
        assert "the cards are coming…" in lines(stage, CardTable)[2]
        await answer(stage, 1)
        assert lines(stage, CardTable)[1].startswith("▸")


async def test_what_the_trainer_refuses_is_said_in_the_viewers_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    assert failed("a deck this large can't be taught after something else") == (
        "Ein so großer Stapel kann nicht nach etwas anderem gelehrt werden."
    )
    async with on_stage(LESSON) as stage:
        text = "A deck this large is taught as it is: its cards stay."
        await stage.say(ev.TeachingRefused(step=1284, request=0, text=text))
        said = [str(notice.message) for notice in stage.app._notifications]
        assert said == ["Ein so großer Stapel wird gelehrt, wie er ist: Seine Karten bleiben."]
