"""What is done for a room beside the lesson: the presenter view, the keys shown, talk and game.

Is given the app; knows no trainer.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from textual.css.query import NoMatches
from textual.widgets import Input

from flashcards.app import stage_words as words
from flashcards.app.round import Points
from flashcards.app.widgets.key_overlay import KeyOverlay

if TYPE_CHECKING:
    from textual import events

    from flashcards.app.app import FlashcardsApp
    from flashcards.app.net import Net
    from flashcards.app.talking import Talking

PRESENTER = "presenter"


class Stage:
    """One a program."""

    def __init__(self) -> None:
        self.talking: Talking | None = None
        self.net: Net | None = None
        self.points = Points()
        self.used_cards: set[int] = set()
        self.random = Random()
        self.asked_request: int | None = None
        self._are_keys_shown = False
        self._last_key: events.Key | None = None

    def present(self, app: FlashcardsApp) -> None:
        """The presenter view, or back to the lesson."""
        self.asked_request = None
        app.action_view("lesson" if app.view_name == PRESENTER else PRESENTER)

    @property
    def is_replaying(self) -> bool:
        """Whether what is shown is the rehearsal's recording."""
        return self.net is not None and self.net.is_replaying

    def toggle_net(self, app: FlashcardsApp) -> None:
        """To the recording, or back from it."""
        netted = None if self.net is None else self.net.current
        if netted is None or not netted.toggle():
            app.notify(words.NO_NET, timeout=5, markup=False)
        app.paint()

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
