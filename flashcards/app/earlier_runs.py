"""The earlier runs of a lesson's deck, and which of them the go-on key opens."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flashcards.app.lesson import Lesson
    from flashcards.runs.catalog import RunEntry


def runs_root(lesson: Lesson) -> Path:
    """Where runs are kept."""
    from flashcards.runs.catalog import default_root

    runs = lesson.request.runs
    return default_root() if runs is None else Path(runs)


class EarlierRuns:
    """What is known of them, once `look` has come back.

    Attributes:
        is_first: Nothing was ever taught here before.
    """

    def __init__(self) -> None:
        self.is_first = False
        self.runs: list[RunEntry] = []

    async def look(self, lesson: Lesson) -> None:
        """Read the list of runs, in a thread."""
        from flashcards.runs.catalog import list_runs

        self.runs = []
        if lesson.viewer is not None:
            return
        runs = await asyncio.to_thread(list_runs, runs_root(lesson))
        self.is_first = not any(run.summary.step > 0 for run in runs)
        self.runs = [
            run
            for run in runs
            if run.info.deck == lesson.deck and run.summary.step > 0 and not run.info.is_shuffled
        ]

    def newest(self, lesson: Lesson) -> RunEntry | None:
        """The newest of them that is not this very lesson."""
        start = lesson.state.start
        current = "" if start is None else start.run
        return next((run for run in self.runs if run.path.name != current), None)

    def to_go_on(self, lesson: Lesson) -> tuple[str, int] | None:
        """The folder and step that the go-on key opens; a failed lesson's own first."""
        state = lesson.state
        if state.liveness == "failed" and state.start is not None:
            if state.last_saved_step is not None:
                return state.start.folder, state.last_saved_step
        elif lesson.request.resume is not None:
            return None
        run = self.newest(lesson)
        return None if run is None else (str(run.path), run.summary.step)
