"""The name of a new deck."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from flashcards.app.kit.dialog import Dialog, PromptInput
from flashcards.cards import own_decks
from flashcards.language import tr


class NewDeckScreen(Dialog[Path | None]):
    """Writes the deck and gives its path; None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            text = tr("It begins with five cards, and with notes on how cards are written.")
            yield Static(Content.styled(tr("A new deck"), "bold"), classes="dialog-title")
            yield Static(Content(text), classes="dialog-text")
            yield PromptInput(placeholder=tr("its name"))
            yield Static(Content(tr("enter write it · esc cancel")), classes="dialog-hint")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Write a deck of that name, or say why not."""
        event.stop()
        self._make(event.value)

    @work(exclusive=True)
    async def _make(self, name: str) -> None:
        try:
            path = await asyncio.to_thread(own_decks.new_deck, name)
        except own_decks.Refusal as refusal:
            self.query_one(".dialog-hint", Static).update(Content(str(refusal)))
        else:
            self.dismiss(path)
