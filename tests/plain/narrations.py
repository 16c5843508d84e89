"""Lessons whose lines are golden: `tests/words/` holds what is told of them, in each language."""

from collections.abc import Iterator

import msgspec

from flashcards.plain.narrator import Narrator
from flashcards.runs import events as ev
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG, pack
from flashcards.runs.values import (
    AnswerPiece,
    BetQuestion,
    DeckNote,
    GuessPiece,
    Rival,
    Score,
    TextFacts,
)
from tests import told
from tests.app.lesson import correction, started

Told = tuple[ev.AnyEvent, float]  # what happens, and when, in seconds

RIVALS = ev.RivalsGraded(step=0, rivals=(Rival("nearest", Score(50, 50), Score(1, 20)),))
LOOKUP = ev.RivalsGraded(step=0, rivals=(Rival("lookup", Score(40, 40), Score(0, 0)),))
BET = BetQuestion(kind="score", side="seen")
LEAK = DeckNote("leak_reversed", ("Rom :: Italien", "Italien :: Rom"), 3)
MARKS = pack(bytes([RIGHT] * 48 + [ONE_OFF] + [WRONG] * 21))
FIRST_RIGHT = correction(guess="sang", mark="right", n_cards=1, history="ww")


def exam(step: int, right: int = 50, unseen: int = 0) -> ev.ExamTaken:
    counts = (right, 50), (unseen, 20)
    return told.exam(step, *counts, seen_loss_nats=0.25, unseen_loss_nats=3.5)


def window(step: int, *, is_best: bool) -> ev.CorrectionMeasured:
    """Tell of a correction of a text: its least expected letter is the space."""
    pieces = tuple(
        AnswerPiece(letter, 0.01 if letter == " " else 0.9, is_best or letter != " ")
        for letter in "Bo sat up"
    )
    guess = (GuessPiece("x", 0.5),) * len(pieces)
    seen = msgspec.structs.replace(correction(answer="Bo sat up"), guess=guess, pieces=pieces)
    return ev.CorrectionMeasured(step=step, correction=seen)


LESSONS: dict[str, tuple[Told, ...]] = {
    "explained": (
        (started(2880, 800), 0.0),
        (ev.SpeedChanged(step=0, speed="explain"), 0.0),
        (ev.CorrectionMeasured(step=7, correction=correction(n_cards=1, history="wrw")), 0.0),
    ),
    "first right": (
        (started(50, 20), 0.0),
        (ev.SpeedChanged(step=0, speed="slow"), 0.0),
        (ev.CorrectionMeasured(step=9, correction=FIRST_RIGHT), 1.0),
    ),
    "markers": (  # all at the same moment: no pause between lines keeps a marker back
        (started(50, 20), 0.0),
        (RIVALS, 0.0),
        (exam(10, right=2), 0.0),
        (exam(20), 0.0),
        (exam(30), 0.0),
        (exam(40, unseen=18), 0.0),
        (ev.OrderChanged(step=41, order="hardest"), 0.0),
        (exam(50, right=5), 0.0),
        (ev.BookmarkSet(step=51, text="look here"), 0.0),
        (ev.LearningRateChanged(step=52, factor=64.0), 0.0),
        (ev.RunDiverged(step=53), 0.0),
    ),
    "summary": (
        (started(50, 20), 0.0),
        (exam(300), 5.0),
        (ev.DeckMarked(step=300, marks=MARKS), 5.0),
    ),
    "pause and pin": (
        (started(50, 20), 0.0),
        (RIVALS, 0.0),
        (ev.LearningRateChanged(step=2, factor=0.5), 0.0),
        (ev.RunPaused(step=2), 0.0),
        (ev.PromptPinned(step=2, prompt="wug"), 0.0),
        (ev.PinAnswered(step=3, prompt="wug", answer="wugged", probability=0.5), 0.0),
        (told.ended("memorised", (50, 50), (0, 20), "until", step=4), 0.0),
    ),
    "none kept back": (
        (started(40, 0), 0.0),
        (LOOKUP, 0.0),
        (told.exam(300, (40, 40), (0, 0)), 5.0),
        (told.ended("too_early", (40, 40), (0, 0), step=400), 6.0),
    ),
    "bet": (
        (started(50, 20), 0.0),
        (exam(1, right=0), 0.0),
        (ev.BetPlaced(step=2, bet=BET, share=0.4), 0.0),
        (exam(9, right=5), 0.0),
        (ev.RunPaused(step=10), 0.0),
    ),
    "text": (
        (started(8, 2, text=TextFacts(n_characters=640)), 0.0),
        (window(1, is_best=False), 10.0),
        (window(2, is_best=True), 20.0),
        (told.answered(2, "Ada went to", " the lake.", probability=1e-7), 20.0),
    ),
    "leak": ((started(4, 1, leaks=(LEAK,), n_leaks=1), 0.0),),
}


def narrated(name: str) -> Iterator[list[str]]:
    """Yield the lines of each event of a lesson, but those of its start."""
    narrator = Narrator()
    for event, now_s in LESSONS[name]:
        yield narrator.tell(event, now_s)
