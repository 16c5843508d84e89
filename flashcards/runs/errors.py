"""That a run can't be used: which, why, and what to do."""

from __future__ import annotations

from pathlib import Path

from flashcards.errors import UserError


class RunError(UserError):
    """A run can't be used; the message says which, why, and what to do."""


class RunTakenError(RunError):
    """Another program is writing the run in the folder `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is being written by another program")
        self.path = path
