"""How many cards to teach before pausing."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from flashcards.app.kit.dialog import Dialog, PromptInput
from flashcards.language import format_number, tr

MAX_CARDS = 1_000_000


class RunCardsScreen(Dialog[int | None]):
    """Gives a number from 1 to a million, None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, n_cards: int = 10) -> None:
        super().__init__()
        self._n_cards = n_cards

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(
                Content.styled(tr("Teach how many cards?"), "bold"), classes="dialog-title"
            )
            yield Static(
                Content(tr("One card an update, as fast as it can; then it pauses.")),
                classes="dialog-text",
            )
            yield PromptInput(
                str(self._n_cards), restrict=r"[0-9.,]*", max_length=9, select_on_focus=True
            )
            yield Static(Content(tr("enter teach · esc cancel")), classes="dialog-hint")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Answer with the number, or say what a number is."""
        event.stop()
        digits = event.value.replace(format_number(1000, ",")[1], "")
        if digits.isdecimal() and 1 <= int(digits) <= MAX_CARDS:
            self.dismiss(int(digits))
        else:
            self.query_one(".dialog-hint", Static).update(
                Content(tr("a whole number from 1 to 1,000,000"))
            )
