"""Asks in the dialog as a person does, and answers as the trainer would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.widgets import Input

from flashcards.app.asking.ask_screen import AskScreen
from flashcards.runs import events as ev, values as val
from tests import told
from tests.app.lesson import lesson, started
from tests.app.script import Stage, on_stage

SIZES = [(80, 24), (120, 40)]
CHANCE = 0.72
RIVALS = ("lookup", "ngram", "nearest")


def answered(request: int, prompt: str, answer: str, **changes: object) -> ev.PromptAnswered:
    chance_each = CHANCE ** (1 / max(1, len(answer)))
    fields: dict[str, object] = {
        "request": request,
        "pieces": tuple(val.GuessPiece(char, chance_each) for char in answer),
        "alternatives": ("blorped", "blorked"),
        "probability": CHANCE,
        "nearest": ("blurt", "blow", "flop"),
    }
    fields = {"step": 1300 + request, "prompt": prompt, "answer": answer, **fields, **changes}
    return told.answered(**fields)  # type: ignore[arg-type]


def answered_walk(request: int, prompt: str = "walk", answer: str = "walked") -> ev.PromptAnswered:
    return answered(
        request,
        prompt,
        answer,
        step=1284,
        alternatives=("walket",),
        stamp="held_out",
        correct_answers=("walked",),
        nearest=("talk", "balk"),
    )


def rivals(request: int, *answers: str | None) -> ev.RivalsAnswered:
    said = zip(RIVALS, answers, strict=True)
    return ev.RivalsAnswered(
        step=1300, request=request, answers=tuple(val.RivalAnswer(n, a) for n, a in said)
    )


def pin_answers(prompt: str, *said: tuple[int, str, val.Mark | None]) -> list[ev.PinAnswered]:
    return [
        ev.PinAnswered(step=step, prompt=prompt, answer=answer, probability=0.5, piece_mark=mark)
        for step, answer, mark in said
    ]


def changed(request: int, *notes: val.DeckNote) -> ev.DeckChanged:
    start = started(n_taught=2881)
    return ev.DeckChanged(
        step=1310, start=start, file="0001-past-tense.deck", n_added=1, notes=notes, request=request
    )


@asynccontextmanager
async def asking(prompt: str) -> AsyncIterator[Stage]:
    async with on_stage(lesson()) as stage:
        await ask(stage, prompt)
        yield stage


async def ask(stage: Stage, prompt: str) -> None:
    await stage.press("a")
    for line in stage.app.screen.query(Input):
        line.cursor_blink = False
    dialog = stage.app.screen
    assert isinstance(dialog, AskScreen)
    dialog.again_timer.stop()
    await stage.press(*prompt, "enter")


def shown(stage: Stage) -> str:
    return str(stage.app.screen.query_one("AnswerSheet").render())


def title(stage: Stage) -> str:
    return str(stage.app.screen.query_one(".dialog-title").render())
