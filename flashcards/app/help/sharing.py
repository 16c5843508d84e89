"""The line that does this lesson again elsewhere: shown, and put on the clipboard."""

from __future__ import annotations

import asyncio
from pathlib import Path

from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.runs.cursor import read_run
from flashcards.runs.share import STEERING, line_again
from flashcards.runs.state import RunState


def line_of(state: RunState) -> tuple[str, int]:
    """The command, "" before anything was taught, and how often a hand changed the lesson.
    Raises OSError: the run's log can't be read."""
    start = state.start
    if start is None or state.step == 0:
        return "", 0
    return line_again(start, state, read_run(Path(start.folder) / "events.jsonl", STEERING))


async def share(session: Session) -> None:
    try:
        line, n_by_hand = await asyncio.to_thread(line_of, session.state)
    except OSError as error:
        session.notify(error.strerror or str(error), severity="error")
        return
    if not line:
        session.notify(tr("The lesson is still starting; there is nothing to share."))
        return
    session.copy(line)
    if n_by_hand:
        by_hand = tr(
            "By hand, and not in the line: {n:,} changes of speed, rate, order, cards or deck.",
            n=n_by_hand,
        )
        line = f"{line}\n{by_hand}"
    session.notify(line, title=tr("share line"), timeout=20)
