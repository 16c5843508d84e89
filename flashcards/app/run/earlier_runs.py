"""The earlier runs of a deck, and which of them the go-on key opens."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flashcards.app.run.run import Run
    from flashcards.runs.catalog import RunEntry

N_OPENING_STEPS = 16  # so short a run was left while its first cards were explained


class EarlierRuns:
    """Those taught last first, once `look` has come back. `is_first`: nothing was ever taught."""

    def __init__(self) -> None:
        self.is_first = False
        self.runs: list[RunEntry] = []
        self._in_use: set[Path] = set()

    async def look(self, run: Run, root: Path) -> None:
        from flashcards.runs.catalog import list_runs
        from flashcards.runs.folder import is_being_written

        self.runs = []
        if run.viewer is not None:
            return
        entries = await asyncio.to_thread(list_runs, root)
        taught = [entry for entry in entries if entry.summary.step > 0]
        self.is_first = not taught
        own = [
            entry for entry in taught if entry.info.deck == run.deck and not entry.info.is_shuffled
        ]
        paths = [entry.path for entry in own]
        self._in_use = set(await asyncio.to_thread(lambda: [*filter(is_being_written, paths)]))
        self.runs = sorted(own, key=lambda entry: -entry.written_at_s)

    def newest(self, run: Run) -> RunEntry | None:
        """The one taught last that is not this very lesson, nor one that hardly began, nor one that
        another program was writing when this lesson began."""
        start = run.state.start
        current = "" if start is None else start.run
        free = [entry for entry in self.runs if entry.path not in self._in_use]
        others = [entry for entry in free if entry.path.name != current]
        grown = [entry for entry in others if entry.summary.step > N_OPENING_STEPS]
        return next(iter(grown or others), None)

    @property
    def n_to_end(self) -> int:
        """The number of updates that the last run to come to its own end took; 0 where none did."""
        return next((entry.summary.step for entry in self.runs if entry.summary.has_ended), 0)

    def to_go_on(self, run: Run) -> tuple[str, int] | None:
        """The folder and step that the go-on key opens; a failed lesson's own first."""
        state = run.state
        if state.liveness == "failed" and state.start is not None:
            if state.last_saved_step is not None:
                return state.start.folder, state.last_saved_step
        elif run.request.resume is not None:
            return None
        newest = self.newest(run)
        return None if newest is None else (str(newest.path), newest.summary.step)


def drop_opening(run: Run) -> None:
    """Delete the run of a lesson that was left untouched while it hardly began, if it can be."""
    from flashcards.runs.folder import RunError
    from flashcards.runs.pruning import delete_run

    start = run.state.start
    is_new = run.request.resume is None and run.viewer is None
    state = run.state
    is_untouched = state.deck_change is None and not state.pins
    if start is None or not is_new or not is_untouched or state.step > N_OPENING_STEPS:
        return
    with contextlib.suppress(RunError):
        delete_run(Path(start.folder))
