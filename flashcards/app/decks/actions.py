"""What the key for choosing a deck does."""

from __future__ import annotations

from pathlib import Path

from flashcards.app.decks import writing
from flashcards.app.decks.library import Library
from flashcards.app.session import Session


async def choose(session: Session) -> None:
    from flashcards.app.decks.picker import DecksScreen

    chosen = await session.dialog(DecksScreen(session.kept(Library), session.runs_root))
    if isinstance(chosen, Path):
        await writing.edit_deck(session, chosen)
    elif chosen is not None:
        session.open_deck(chosen)
