"""A question that is answered by typing a line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from flashcards.app.widgets.dialog import Answer, Dialog, PromptInput
from flashcards.base.errors import UserError


class LineDialog(Dialog[Answer | None], Generic[Answer]):
    """Gives what the line is read as; None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(
        self,
        title: str,
        line: PromptInput,
        hint: str,
        read: Callable[[str], Awaitable[Answer]],
        text: str = "",
    ) -> None:
        """`read` gives the answer that a line is, or raises a UserError that says why none."""
        super().__init__()
        self._title, self._line, self._hint, self._read, self._text = title, line, hint, read, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._title, "bold"), classes="dialog-title")
            if self._text:
                yield Static(Content(self._text), classes="dialog-text")
            yield self._line
            yield Static(Content(self._hint), classes="dialog-hint")

    @on(Input.Submitted)
    @work(exclusive=True)
    async def take(self, event: Input.Submitted) -> None:
        """Answer, or say what is wrong with the line."""
        event.stop()
        try:
            answer = await self._read(event.value)
        except UserError as problem:
            self.query_one(".dialog-hint", Static).update(Content(str(problem)))
        else:
            self.dismiss(answer)
