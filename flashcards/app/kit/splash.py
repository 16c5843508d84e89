"""The very first frame: the deck's name, and that the model is being woken.

The play screen takes longer to import and compose; this one is there at once, and it is replaced
as soon as it was painted.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from flashcards.language import tr


class SplashScreen(Screen[None]):
    """A deck's name in the middle of an empty stage."""

    def __init__(self, deck_name: str) -> None:
        super().__init__()
        self._deck_name = deck_name

    def compose(self) -> ComposeResult:
        yield Static(Content(f"{self._deck_name}\n\n{tr('waking the model…')}"))
