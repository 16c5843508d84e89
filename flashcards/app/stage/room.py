"""What is done for a room beside the lesson: the presenter view, the keys shown, talk and game.

Is given the app; knows no trainer.
"""

from __future__ import annotations

from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from flashcards.app.stage import words

if TYPE_CHECKING:
    from textual import events

    from flashcards.app.app import FlashcardsApp
    from flashcards.app.stage.net import Net
    from flashcards.app.stage.round import Points
    from flashcards.app.stage.talking import Talking

PRESENTER = "presenter"


class Stage:
    """One a program."""

    def __init__(self) -> None:
        self.talking: Talking | None = None
        self.net: Net | None = None
        self.used_cards: set[int] = set()
        self.random = Random()
        self.asked_request: int | None = None
        self._are_keys_shown = False
        self._last_key: events.Key | None = None

    @cached_property
    def points(self) -> Points:
        """Who was right how often, all rounds of the program."""
        from flashcards.app.stage.round import Points

        return Points()

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
            app.screen.query("KeyOverlay").remove()

    def key_pressed(self, app: FlashcardsApp, event: events.Key) -> None:
        """Show a key, while that is wanted; what is typed is seen where it is typed."""
        if event is self._last_key:
            return
        self._last_key = event
        if not self._are_keys_shown:
            return
        from textual.widgets import Input

        from flashcards.app.stage.key_overlay import KeyOverlay

        if isinstance(app.focused, Input) and event.is_printable:
            return
        there = app.screen.query(KeyOverlay)
        overlay = there.first() if there else KeyOverlay()
        if not there:
            app.screen.mount(overlay)
        overlay.add(event.key)
