"""Asking a prompt: the dialog takes the keys, shows the answer and hides nothing."""

from __future__ import annotations

from textual.widgets import Input

from flashcards.app.asking.dialog import AskScreen
from flashcards.app.widgets.run_header import RunHeader
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from tests.app.lesson import answered, lesson
from tests.app.script import on_stage, text_of


async def test_typing_a_prompt_sends_no_key_command() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"daln", "space", "question_mark", "plus", "q", "L", "right")
        assert stage.sent == []
        assert isinstance(stage.app.screen, AskScreen)
        assert stage.app.screen.query_one(Input).value == "daln ?+qL"


async def test_asking_shows_the_answer_and_stays_open() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"walk", "enter")
        assert stage.sent == [cmd.Ask(request=1, prompt="walk")]
        await stage.say(answered(1, answer="walket"))
        await stage.press("enter")
        assert stage.sent[-1] == cmd.Ask(request=2, prompt="walk")
        await stage.say(answered(2))
        text = str(stage.app.screen.query_one("AnswerSheet").render())
        for part in ("NEVER SEEN", "walked", "✓", "72 %", "talk", "before", "walket", "step 1,284"):
            assert part in text
        await stage.press("escape")
        assert stage.app.screen is stage.app.play


async def test_an_answer_to_an_earlier_dialog_is_not_shown() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"walk", "enter", "escape")
        await stage.say(answered(1))
        await stage.press("a")
        await stage.settle()
        text = str(stage.app.screen.query_one("AnswerSheet").render())
        assert "walked" not in text


async def test_the_lesson_is_painted_while_a_dialog_is_open() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.say(
            ev.StepsTaken(
                step=2000,
                cards_taught=64_000,
                train_seconds=30.0,
                loss_nats=0.1,
                gradient_norm=0.5,
                relative_change=0.0001,
            )
        )
        assert "2,000" in text_of(stage, RunHeader)


async def test_text_that_looks_like_markup_is_only_text() -> None:
    nasty = "[/bold] [x"
    async with on_stage(lesson(), deck=nasty, theme=nasty) as stage:
        await stage.press("a")
        await stage.press("x", "enter")
        await stage.say(answered(1, prompt=nasty, answer=nasty))
        assert nasty in str(stage.app.screen.query_one("AnswerSheet").render())
