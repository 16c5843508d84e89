"""The line that does this lesson again elsewhere: shown, and put on the clipboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.language import say
from flashcards.runs.cursor import read_run
from flashcards.runs.events import (
    AnyEvent,
    DeckChanged,
    LearningRateChanged,
    SpeedChanged,
    StepsAsked,
)
from flashcards.runs.share import opening_speed, share_line, steered
from flashcards.runs.state import RunState

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

NAME, MEANING = say("share line"), say("The command that does this lesson again elsewhere.")
NOT_STARTED = say("The lesson is still starting; there is nothing to share.")
SHOWN_FOR_S = 20.0


STEERING: tuple[type[AnyEvent], ...] = (
    SpeedChanged,
    LearningRateChanged,
    StepsAsked,
    DeckChanged,
)


def line_of(state: RunState) -> tuple[str, int]:
    """The command, "" before anything was taught, and how often a hand changed the lesson.

    Raises:
        OSError: the run's log can't be read.
    """
    start = state.start
    if start is None or state.step == 0:
        return "", 0
    happened = read_run(Path(start.folder) / "events.jsonl", STEERING)
    line = share_line(start, state.ended, state.step, opening_speed(happened))
    return line, steered(happened)


def by_hand(n: int) -> str:
    """What the line leaves out."""
    return say("By hand, and not in the line: {n:,} changes of speed, rate, cards or deck.", n=n)


def named(app: FlashcardsApp) -> tuple[str, str, Callable[[], object]]:
    """The palette's entry: its name, what it does, and that."""
    return NAME, MEANING, lambda: app.run_worker(share(app), group="share", exclusive=True)


async def share(app: FlashcardsApp) -> None:
    """Show the line and put it on the clipboard, where the terminal allows that."""
    state = app.state
    try:
        line, n_by_hand = await asyncio.to_thread(line_of, state)
    except OSError as error:
        app.notify(error.strerror or str(error), severity="error", markup=False)
        return
    if not line:
        app.notify(NOT_STARTED, timeout=5, markup=False)
        return
    app.copy_to_clipboard(line)
    said = f"{line}\n{by_hand(n_by_hand)}" if n_by_hand else line
    app.notify(said, title=NAME, timeout=SHOWN_FOR_S, markup=False)
