"""The earlier runs of a lesson's deck, and which of them the go-on key opens."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flashcards.app.run.lesson import Lesson
    from flashcards.runs.catalog import RunEntry


N_OPENING_STEPS = 16
"""A run this short was left while its first cards were still being explained."""


def runs_root(lesson: Lesson) -> Path:
    """Where runs are kept."""
    from flashcards.runs import catalog

    return catalog.runs_root(lesson.request.runs)


class EarlierRuns:
    """What is known of them, once `look` has come back, those taught last first.

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
        self.runs = sorted(
            (
                run
                for run in runs
                if run.info.deck == lesson.deck
                and run.summary.step > 0
                and not run.info.is_shuffled
            ),
            key=lambda run: run.written_at_s,
            reverse=True,
        )

    def newest(self, lesson: Lesson) -> RunEntry | None:
        """The one taught last that is not this very lesson, nor one that hardly began."""
        start = lesson.state.start
        current = "" if start is None else start.run
        others = [run for run in self.runs if run.path.name != current]
        grown = [run for run in others if run.summary.step > N_OPENING_STEPS]
        return next(iter(grown or others), None)

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


def drop_opening(lesson: Lesson) -> None:
    """Delete the run of a lesson that was left, closed, for an older one while it hardly began.

    One in which a card was taught by hand or pinned stays. So does one that can't be deleted; the
    go-on key passes over both.
    """
    from flashcards.runs.catalog import delete_run
    from flashcards.runs.folder import RunError

    start = lesson.state.start
    is_new = lesson.request.resume is None and lesson.viewer is None
    state = lesson.state
    is_untouched = state.deck_change is None and not state.pins
    if start is None or not is_new or not is_untouched or state.step > N_OPENING_STEPS:
        return
    with contextlib.suppress(RunError):
        delete_run(Path(start.folder))
