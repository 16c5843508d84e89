"""What is done for a room beside the lesson: the presenter view, the keys shown, talk and game.

Is given the app; knows no trainer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.css.query import NoMatches
from textual.widgets import Input

from flashcards.app.widgets.key_overlay import KeyOverlay

if TYPE_CHECKING:
    from textual import events

    from flashcards.app.app import FlashcardsApp
    from flashcards.app.talking import Talking

PRESENTER = "presenter"


class Stage:
    """One a program."""

    def __init__(self) -> None:
        self.talking: Talking | None = None
        self.asked_request: int | None = None
        self._are_keys_shown = False
        self._last_key: events.Key | None = None

    def present(self, app: FlashcardsApp) -> None:
        """The presenter view, or back to the lesson."""
        self.asked_request = None
        app.action_view("lesson" if app.view_name == PRESENTER else PRESENTER)

    def toggle_keys(self, app: FlashcardsApp) -> None:
        """Show the keys that are pressed, or no longer."""
        self._are_keys_shown = not self._are_keys_shown
        if not self._are_keys_shown:
            app.screen.query(KeyOverlay).remove()

    def key_pressed(self, app: FlashcardsApp, event: events.Key) -> None:
        """Show a key, while that is wanted; what is typed is seen where it is typed."""
        if event is self._last_key:
            return
        self._last_key = event
        if not self._are_keys_shown or (isinstance(app.focused, Input) and event.is_printable):
            return
        try:
            overlay = app.screen.query_one(KeyOverlay)
        except NoMatches:
            overlay = KeyOverlay()
            app.screen.mount(overlay)
        overlay.add(event.key)
