"""A run's folder beside a lesson: what that run was when it had been taught as many cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.runs.state import RunState

if TYPE_CHECKING:
    from flashcards.runs.recording import Recording


class SavedRun:
    """One of them. Reading it may take a moment: in a thread. `path` is its folder."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path
        self._recording: Recording | None = None

    @property
    def cards_taught(self) -> int:
        """In all, as far as was read."""
        return 0 if self._recording is None else self._recording.counts.last

    def read(self) -> bool:
        """Read its log up to its end as it is now; whether there was anything new.

        Raises:
            OSError, RunError: it can't be read.
        """
        if self._recording is not None:
            return self._recording.refresh()
        from flashcards.runs.folder import RunFolder
        from flashcards.runs.recording import Recording

        self._recording = Recording.open(RunFolder.open(self.path))
        return True

    def state_by(self, n_cards: int) -> RunState:
        """A state of its own: the run when it had been taught no more cards than these.

        Its step and its cards are those of then, also between two counts of the log.

        Raises:
            OSError, RunError: it can't be read.
        """
        if n_cards > self.cards_taught or self._recording is None:
            self.read()
        assert self._recording is not None
        state, counts = self._recording.state_by(n_cards), self._recording.counts
        state.step = max(state.step, counts.step_at(n_cards) or 0)
        state.cards_taught = max(state.cards_taught, counts.cards_at(state.step))
        return state
