"""The decks in the command palette."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.css.query import NoMatches

from flashcards.app.session import session_of
from flashcards.app.textual_fixes.screens import DismissedOnce
from flashcards.cards.printable import printable
from flashcards.cards.shelf import ShelfEntry, shelf


class Palette(CommandPalette, DismissedOnce[None]):
    """Textual's, with a list whose pages may be turned before it is filled."""

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(LookupError, NoMatches):
            super()._action_command_list(action)


class DeckProvider(Provider):
    """Finds decks by name; choosing one teaches it from the start."""

    async def startup(self) -> None:
        self._entries: list[ShelfEntry] = await asyncio.to_thread(shelf)

    async def discover(self) -> Hits:
        for entry in self._entries:
            yield DiscoveryHit(_name(entry), partial(self._open, entry), help=entry.meta.shows)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries:
            name = _name(entry)
            score = matcher.match(name)
            if score > 0:
                shown = matcher.highlight(name)
                yield Hit(score, shown, partial(self._open, entry), help=entry.meta.shows)

    def _open(self, entry: ShelfEntry) -> None:
        session_of(self.app).open_deck(str(entry.path))


def _name(entry: ShelfEntry) -> str:
    return f"deck: {printable(entry.name)}"
