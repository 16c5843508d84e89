"""To whom a lesson tells what happens: a `Keeper`, or somebody who listens to a lesson replayed."""

from __future__ import annotations

from collections.abc import Callable

from flashcards.runs.events import AnyEvent
from flashcards.runs.state import RunState


class Recorder:
    """Keeps nothing on disk; `state` is what events were folded into, if somebody folds them."""

    def __init__(self, hear: Callable[[AnyEvent], None]) -> None:
        """`hear` gets every event as it happens."""
        self.state = RunState()
        self._hear = hear

    def emit(self, event: AnyEvent) -> None:
        """Something happened."""
        self._hear(event)

    def flush(self) -> None:
        """What happened is to be seen now."""

    def is_save_due(self, step: int) -> bool:
        """Whether the state of this step is to be saved now."""
        return False

    def save(
        self, step: int, state: bytes, *, is_anew: bool = False, is_kept: bool = False
    ) -> None:
        """Keep this state."""
