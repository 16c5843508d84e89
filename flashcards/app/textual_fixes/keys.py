"""Keys that are handled one after the other. Knows nothing of what they do.

Textual hands a key to the widget in front as soon as it is pressed. What a key does comes later,
when it has travelled up to the app. Of two keys pressed at once the second therefore still goes to
the old screen, although the first opens a dialog: of `:double` the `d` would open the decks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen

PATIENCE_S = 1.0
"""Seconds that a key waits for the one before it, whatever that does."""


class KeysInOrder(App[None]):
    """An app that handles a key to its end before the next one.

    Attributes:
        is_dialog_opened: Set unless a key is about to open a dialog. Keys pressed meanwhile are for
            that dialog, so they wait.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_dialog_opened = asyncio.Event()
        self.is_dialog_opened.set()
        self._later: deque[tuple[events.Key | events.Paste, Screen[Any]]] = deque()
        self._is_handling_key = False

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._is_handling_key:
            self._later.append((event, self.screen))
        else:
            self._is_handling_key = True
            self.run_worker(self._handle(event), group="keys")

    async def _handle(self, event: events.Key | events.Paste) -> None:
        """Handle this key, then those that came meanwhile, in their order."""
        try:
            while True:
                screen = self.screen
                receiver = self.focused or screen
                await super().on_event(event)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE_S):
                        for node in receiver.ancestors_with_self:
                            await _has_caught_up(node)
                        await self.is_dialog_opened.wait()
                        if self.screen is not screen:
                            await _has_caught_up(self.screen)
                later = self._next()
                if later is None:
                    return
                event = later
        finally:
            self._is_handling_key = False
            self.is_dialog_opened.set()

    def _next(self) -> events.Key | events.Paste | None:
        """Take the key that was pressed next. What was pressed in a dialog that has closed since
        was meant for that dialog: of Enter pressed twice the lesson gets none."""
        while self._later:
            event, screen = self._later.popleft()
            if not isinstance(screen, ModalScreen) or screen in self.screen_stack:
                return event
        return None


async def _has_caught_up(node: MessagePump) -> None:
    """Wait until this node has handled all that it was sent so far."""
    is_done = asyncio.Event()
    if node.call_later(is_done.set):
        await is_done.wait()
