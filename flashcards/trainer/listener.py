"""Who listens to a lesson that is made again: keeps nothing on disk, hands on what it hears."""

from __future__ import annotations

from collections.abc import Callable

from flashcards.runs.events import AnyEvent
from flashcards.runs.state import RunState


class Listener:
    """A `teaching.Recorder` that saves nothing. Its state is the caller's to fill."""

    def __init__(self, hear: Callable[[AnyEvent], None]) -> None:
        """`hear` gets every event as it happens."""
        self.state = RunState()
        self._hear = hear

    def emit(self, event: AnyEvent) -> None:
        """Something happened."""
        self._hear(event)

    def flush(self) -> None:
        """There is nothing to write."""

    def is_save_due(self, step: int) -> bool:
        """Never."""
        return False

    def save(
        self, step: int, state: bytes, *, is_anew: bool = False, is_kept: bool = False
    ) -> None:
        """Nothing is saved."""
