"""Leaving a lesson: save, do not save, or stay."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.app.lesson import dialog_words as words
from flashcards.app.session import Session

Leaving = Literal["save", "drop", "stay"]


class QuitScreen(ChoiceScreen[Leaving]):
    """The three ways; Ctrl-C once more is the first. The lesson goes on behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "choose(0)", show=False)]

    def __init__(self, step: int, last_saved_step: int | None, go_on: str) -> None:
        """`go_on` is the key that takes up a saved run."""
        self._go_on = go_on
        super().__init__(words.QUIT_TITLE, "", self._ways(step, last_saved_step))

    def paint_dialog(self, session: Session) -> None:
        """Say what each way keeps by now."""
        state = session.state
        self.show_choices(self._ways(state.step, state.last_saved_step))

    def _ways(self, step: int, last_saved_step: int | None) -> tuple[Choice[Leaving], ...]:
        return (
            Choice("s", words.SAVE_AND_QUIT, words.saves(step, self._go_on), "save"),
            Choice("w", words.QUIT_NOW, words.loses(last_saved_step, step), "drop"),
            Choice("c", words.CANCEL, words.STAY, "stay"),
        )
