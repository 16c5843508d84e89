"""What the presenter view shows in place of the lesson, and beside it."""

from __future__ import annotations

from flashcards.runs.events import PromptAnswered


class OnStage:
    """What the room puts on stage.

    Attributes:
        answered: A question from the room and its answer; None while the lesson is shown.
        code: The QR code of the room's link, as rows of half blocks; "" while no room is open.
    """

    answered: PromptAnswered | None = None
    code: str = ""
