"""What the stage keeps while the program runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from flashcards.app.stage.net import Net
    from flashcards.app.stage.talking import Talking


class StageState:
    """The talk that is given, and the recordings that stand in for its trainer.

    Attributes:
        show_key: Shows each key that is pressed; None while keys are not shown.
    """

    talking: Talking | None = None
    net: Net | None = None
    show_key: Callable[[events.Key], None] | None = None
