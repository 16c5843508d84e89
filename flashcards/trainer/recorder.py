"""To whom a lesson tells what happens: a `Keeper`, or somebody who listens to a lesson replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flashcards.runs.events import AnyEvent
from flashcards.runs.state import RunState


class Recorder(Protocol):
    """Takes in events and states; `state` is what the events were folded into."""

    state: RunState

    def emit(self, event: AnyEvent) -> None:
        """Something happened."""
        ...

    def flush(self) -> None:
        """It is to be seen now."""
        ...

    def is_save_due(self, step: int) -> bool:
        """Whether the state of this step is to be saved now."""
        ...

    def save(
        self, step: int, state: bytes, *, is_anew: bool = False, is_kept: bool = False
    ) -> None:
        """Keep this state."""
        ...


class Listener:
    """Keeps nothing on disk; its state is the caller's to fill."""

    def __init__(self, hear: Callable[[AnyEvent], None]) -> None:
        """`hear` gets every event as it happens."""
        self.state = RunState()
        self.emit = hear

    def flush(self) -> None:
        """There is nothing to write."""

    def is_save_due(self, step: int) -> bool:
        """Never."""
        return False

    def save(
        self, step: int, state: bytes, *, is_anew: bool = False, is_kept: bool = False
    ) -> None:
        """Nothing is saved."""
