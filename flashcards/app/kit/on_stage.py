"""What the presenter view shows in place of the lesson."""

from __future__ import annotations

from flashcards.runs.events import PromptAnswered


class OnStage:
    """A question from the room and its answer; None while the lesson is shown."""

    answered: PromptAnswered | None = None
