"""What all dialogs share: Ctrl-C asks to quit, as everywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual.actions import SkipAction
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from flashcards.app.textual_fixes.one_frame import OneFrame
from flashcards.app.widgets.cells import JOINER

Answer = TypeVar("Answer")

DIALOGS_CSS = Path(__file__).with_name("dialogs.tcss")


class DismissedOnce(OneFrame, ModalScreen[Answer], Generic[Answer]):
    """Textual's `dismiss` takes away whatever screen is in front. This one's only itself, once."""

    _is_dismissed = False

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave; a key that comes while it closes, or while another lies above it, does nothing."""
        if self._is_dismissed or self.app.screen is not self:
            return AwaitComplete()
        self._is_dismissed = True
        return super().dismiss(result)


class Dialog(DismissedOnce[Answer], Generic[Answer]):
    """A screen in front of the lesson, which goes on behind it."""

    CSS_PATH = [DIALOGS_CSS]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "app.do('quit')", show=False)]

    @property
    def is_open(self) -> bool:
        """Whether its widgets are there to be shown in: it was mounted, and not left yet."""
        return self.is_mounted and self.is_attached and not self._is_dismissed

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Its keys do nothing before its widgets are there: they look for them."""
        return self.is_mounted and super().check_action(action, parameters)


class TypedInOrder(Widget):
    """A widget to type in that obeys keys in the order in which they are pressed.

    Textual types a letter at once, but obeys a key such as Ctrl-U or Backspace only after it has
    gone through all screens above. Of keys that arrive together the letters would come first.
    """

    async def on_key(self, event: Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()


class PromptInput(Input, TypedInOrder):
    """An input that leaves Ctrl-C to the program when there is nothing to copy.

    What joins several emoji into one is no printable character to Textual, and is typed all the
    same.
    """

    async def on_key(self, event: Key) -> None:
        if event.character == JOINER:
            event.stop()
            self.insert_text_at_cursor(JOINER)

    def action_copy(self) -> None:
        if self.selection.is_empty:
            raise SkipAction
        super().action_copy()
