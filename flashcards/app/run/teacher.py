"""What the app needs of whoever teaches: the trainer's client, a replay, or a script in a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from flashcards.runs.commands import AnyCommand
from flashcards.runs.events import AnyEvent


class Teacher(Protocol):
    """One lesson, from its start to its end."""

    def events(self) -> AsyncIterator[AnyEvent]:
        """Start, and yield what happens until it ends. A crash yields `TrainerFailed` last."""
        ...

    def send(self, command: AnyCommand) -> None:
        """Ask for something; nothing happens when the teacher has gone."""
        ...

    async def stop(self, is_saved: bool = True) -> None:
        """End it; returns when it has gone."""
        ...
