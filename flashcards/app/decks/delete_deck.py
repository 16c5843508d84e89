"""Deleting a deck: asks, and moves it to the trash, where it can be found again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.app import App

from flashcards.app.decks import words
from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.cards import own_decks
from flashcards.cards.printable import printable


async def delete_deck(app: App[Any], path: Path) -> Path | None:
    """Move a deck to the trash if the user says so; where it lies, None when it stays.

    Shipped decks stay, and that is said.
    """
    if own_decks.is_shipped(path):
        app.notify(words.SHIPPED_STAY, timeout=5, markup=False)
        return None
    choices = (
        Choice("d", words.DELETE, words.delete_does(own_decks.trash_folder()), True),
        Choice("c", words.KEEP, words.KEEP_DOES, False),
    )
    screen: ChoiceScreen[bool] = ChoiceScreen(words.DELETE_TITLE, printable(str(path)), choices)
    if not await app.push_screen_wait(screen):
        return None
    try:
        target = await asyncio.to_thread(own_decks.to_trash, path)
    except own_decks.Refusal as refusal:
        app.notify(str(refusal), severity="error", timeout=8, markup=False)
        return None
    app.notify(words.deleted(target), timeout=8, markup=False)
    return target
