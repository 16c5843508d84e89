"""A bookmark at one step, with a word or none."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from flashcards.app.kit.dialog import Dialog, PromptInput
from flashcards.app.kit.numbers import count
from flashcards.cards.printable import printable
from flashcards.language import tr

MAX_LENGTH = 60


class BookmarkScreen(Dialog[str | None]):
    """Gives the word, "" without one; None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            title = tr("⚑ Bookmark at step {step}", step=count(self._step))
            yield Static(Content.styled(title, "bold"), classes="dialog-title")
            yield PromptInput(placeholder=tr("a word, if you like"), max_length=MAX_LENGTH)
            yield Static(Content(tr("⏎ sets it   esc leaves it")), classes="dialog-hint")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        """Answer with what was typed."""
        event.stop()
        self.dismiss(printable(event.value).strip())
