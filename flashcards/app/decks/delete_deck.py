"""Deleting a deck: asks, and moves it to the trash, where it can be found again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.app import App

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.cards import own_decks
from flashcards.cards.printable import printable
from flashcards.language import tr


async def delete_deck(app: App[Any], path: Path) -> Path | None:
    """Move a deck to the trash if the user says so; where it lies, None when it stays.

    Shipped decks stay, and that is said.
    """
    if own_decks.is_shipped(path):
        app.notify(tr("Shipped decks can't be deleted."), timeout=5, markup=False)
        return None
    kept = tr("{trash} keeps it.", trash=printable(str(own_decks.trash_folder())))
    choices = (
        Choice("d", tr("move it to the trash"), kept, True),
        Choice("c", tr("keep it"), tr("Nothing happens."), False),
    )
    title = tr("Delete this deck?")
    screen: ChoiceScreen[bool] = ChoiceScreen(title, printable(str(path)), choices)
    if not await app.push_screen_wait(screen):
        return None
    try:
        target = await asyncio.to_thread(own_decks.to_trash, path)
    except own_decks.Refusal as refusal:
        app.notify(str(refusal), severity="error", timeout=8, markup=False)
        return None
    said = tr("It is in the trash: {target}", target=printable(str(target)))
    app.notify(said, timeout=8, markup=False)
    return target
