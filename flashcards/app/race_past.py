"""A race at a moment of the past: the lesson's state is given, the other run's is read beside it.

The other run's is the one it had when it had been taught as many cards. It is read in a thread, the
newest wish first: the keys are faster than a log. Until it was read, the pair before stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from flashcards.app import travel_words as words
from flashcards.runs.folder import RunError
from flashcards.runs.state import RunState


class Recorded(Protocol):
    """A run that can be read as it was."""

    def state_by(self, n_cards: int) -> RunState:
        """Its state when it had been taught no more cards than these. In a thread.

        Raises:
            OSError, RunError: it can't be read.
        """


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of the lesson, as it was recorded, and the run to be read beside it."""

    main: RunState
    step: int
    n_cards: int
    other: Recorded


class RacePast:
    """Both runs as they were.

    Attributes:
        version: Another number whenever there is another pair to show.
        problem: Why the other run's past can't be shown, "" while it can.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.version = 0
        self.problem = ""
        self._on_change = on_change
        self._wanted: Moment | None = None
        self._shown: Moment | None = None
        self._pair: tuple[RunState, RunState | None] | None = None
        self._reading: asyncio.Task[None] | None = None

    def at(
        self, main: RunState, step: int, n_cards: int, other: Recorded
    ) -> tuple[RunState, RunState | None]:
        """The two to show: those of then, or until they were read the ones before.

        Args:
            main: The lesson as it was recorded at that step, when it had been taught so many cards.
        """
        self._wanted = Moment(main, step, n_cards, other)
        if self._shown is None or self._shown.other is not other:
            self._shown = self._pair = None
        if not self._is_read and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())
        return self._pair or (main, None)

    def leave(self) -> None:
        """Live is shown: what is read from here on is not asked for any more."""
        self._wanted = self._shown = self._pair = None

    @property
    def _is_read(self) -> bool:
        wanted, shown = self._wanted, self._shown
        return wanted is None or (shown is not None and shown.main is wanted.main)

    async def _read(self) -> None:
        while self._wanted is not None and not self._is_read:
            wanted, state, problem = self._wanted, None, ""
            try:
                state = await asyncio.to_thread(wanted.other.state_by, wanted.n_cards)
            except (OSError, RunError) as error:
                problem = words.cant_read(str(error))
            if self._wanted is None or self._wanted.other is not wanted.other:
                continue
            main = replace(wanted.main, step=wanted.step, cards_taught=wanted.n_cards)
            self._shown, self._pair, self.problem = wanted, (main, state), problem
            self.version += 1
            self._on_change()
