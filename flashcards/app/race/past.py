"""A race at a moment of the past: the lesson's state is given, the other run's is read beside it.

The other run's is the one it had when it had been taught as many cards. It is read in a thread, the
newest wish first: the keys are faster than a log. Until it was read, the pair before stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from flashcards.app.race.branch import Branch
from flashcards.app.run.saved_run import SavedRun, cant_read
from flashcards.runs.folder import RunError
from flashcards.runs.state import RunState

Recorded = Branch | SavedRun


@dataclass(frozen=True, slots=True)
class PastMoment:
    """A step of the lesson, as it was recorded, and the run to be read beside it."""

    main: RunState
    step: int
    n_cards: int
    other: Recorded
    is_reached: bool


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
        self._wanted: PastMoment | None = None
        self._shown: PastMoment | None = None
        self._pair: tuple[RunState, RunState | None] | None = None
        self._reading: asyncio.Task[None] | None = None

    def at(
        self, main: RunState, step: int, n_cards: int, other: Recorded
    ) -> tuple[RunState, RunState | None]:
        """The two to show: those of that step, or the ones before until they are read.
        `main`: the lesson as it was recorded at that step, when it had been taught so many
        cards."""
        is_reached = other.cards_taught >= n_cards
        self._wanted = PastMoment(main, step, n_cards, other, is_reached)
        if self._shown is None or self._shown.other is not other:
            self._shown = self._pair = None
        if not self._is_read and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())
        return self._pair or (lesson_then(main, step, n_cards), None)

    def leave(self) -> None:
        """Live is shown: what is read from here on is not asked for any more."""
        self._wanted = self._shown = self._pair = None

    @property
    def has_read(self) -> bool:
        """Whether there is a pair, and it is the one that is wanted."""
        return self._shown is not None and self._is_read

    @property
    def _is_read(self) -> bool:
        """Whether nothing else is to be read of the moment that is wanted."""
        one, other = self._wanted, self._shown
        if one is None or other is None:
            return one is None
        return one.main is other.main and one.is_reached == other.is_reached

    async def _read(self) -> None:
        """What is wanted, and then what was wanted meanwhile."""
        while (wanted := self._wanted) is not None and not self._is_read:
            state, problem = None, ""
            try:
                state = await asyncio.to_thread(wanted.other.state_by, wanted.n_cards)
            except (OSError, RunError) as error:
                problem = cant_read(error)
            if self._wanted is None or self._wanted.other is not wanted.other:
                continue
            self._shown, self.problem = wanted, problem
            self._pair = lesson_then(wanted.main, wanted.step, wanted.n_cards), state
            self.version += 1
            self._on_change()


def lesson_then(recorded: RunState, step: int, n_cards: int) -> RunState:
    """The lesson at a step between two of its lines, when it had been taught so many cards."""
    return msgspec.structs.replace(recorded, step=step, cards_taught=n_cards)
