"""What is kept of the stage while the program runs: talk, points, the answer that is shown."""

from __future__ import annotations

from random import Random
from typing import Protocol

from flashcards.app.stage.net import Net
from flashcards.app.stage.round import Points
from flashcards.app.stage.slide_sheet import SlideText
from flashcards.runs.events import PromptAnswered

PRESENTER = "presenter"


class GivenTalk(Protocol):
    """A talk that is being given."""

    def move(self, by: int) -> None:
        """Go on to the next cue (1), or back to the one before (-1)."""

    def slide(self) -> SlideText:
        """The slide of the moment."""

    async def run(self) -> None:
        """Give it."""


class Stage:
    """One a program.

    Attributes:
        asked: The answer that is on stage; None shows the lesson.
    """

    def __init__(self) -> None:
        self.talking: GivenTalk | None = None
        self.net: Net | None = None
        self.points = Points()
        self.used_cards: set[int] = set()
        self.random = Random()
        self.asked: PromptAnswered | None = None
        self.are_keys_shown = False
