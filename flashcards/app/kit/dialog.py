"""What all dialogs share: Ctrl-C asks to quit, as everywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """A screen in front of the lesson, which goes on behind it."""

    CSS_PATH = Path(__file__).with_name("dialogs.tcss")

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "app.do('quit')", show=False)]


class PromptInput(Input):
    """An input that leaves Ctrl-C to the program when there is nothing to copy."""

    def action_copy(self) -> None:
        """Copy what is selected."""
        if self.selection.is_empty:
            raise SkipAction
        super().action_copy()
