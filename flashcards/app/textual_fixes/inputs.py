"""Inputs that obey keys in the order in which they are pressed, and take emoji."""

from __future__ import annotations

from textual.actions import SkipAction
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from flashcards.cards.printable import JOINER


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
