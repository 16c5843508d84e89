"""A run's folder beside a lesson: what that run was when it had been taught as many cards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.base.language import tr
from flashcards.runs.state import RunState

if TYPE_CHECKING:
    from flashcards.runs.events import AnyEvent
    from flashcards.runs.recording import Recording


def cant_read(error: BaseException) -> str:
    return tr("The run's log can't be read: {text}", text=error)


class SavedRun:
    """One of them; reading it may take a moment: use a thread. `cards_apart`: so many cards more
    had been taught to the run that it is beside, which counts them all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = RunState()
        self.cards_apart = 0
        self._recording: Recording | None = None
        self._coming: Iterator[AnyEvent] = iter(())
        self._next: AnyEvent | None = None

    @property
    def cards_taught(self) -> int:
        n_cards = 0 if self._recording is None else self._recording.counts.last
        return n_cards + self.cards_apart

    @property
    def last_step(self) -> int:
        return 0 if self._recording is None else self._recording.last_step

    def read(self) -> bool:
        """Read its log up to its end as it is now; whether there was anything new.
        Raises OSError, RunError: it can't be read."""
        if self._recording is not None:
            return self._recording.refresh()
        from flashcards.runs.folder import RunFolder
        from flashcards.runs.recording import Recording

        self._recording = Recording.open(RunFolder.open(self.path))
        return True

    def state_by(self, n_cards: int) -> RunState:
        """The run when it had been taught no more cards than these, a state of its own.
        Raises OSError, RunError: it can't be read."""
        if n_cards > self.cards_taught or self._recording is None:
            self.read()
        assert self._recording is not None
        n_own = max(0, n_cards - self.cards_apart)
        state, counts = self._recording.state_by(n_own), self._recording.counts
        state.step = max(state.step, counts.step_at(n_own) or 0)
        state.cards_taught = max(state.cards_taught, counts.cards_at(state.step))
        return state

    def go_to(self, n_cards: int) -> None:
        """Be there, and follow from there. Raises OSError, RunError: it can't be read."""
        self.state = self.state_by(n_cards)
        assert self._recording is not None
        self._coming, self._next = self._recording.events(self.state.step), None

    def follow(self, n_cards: int) -> None:
        if self._recording is None:
            return
        limit = self._recording.counts.step_at(max(0, n_cards - self.cards_apart))
        while True:
            event = self._next or next(self._coming, None)
            if event is None or (limit is not None and event.step > limit):
                self._next = event
                return
            self._next = None
            with contextlib.suppress(ValueError):  # an event that cannot be of this run
                self.state.fold(event)
