"""Leaving a lesson: save, do not save, or stay."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.app.session import Session
from flashcards.language import tr
from flashcards.numbers import count

Leaving = Literal["save", "drop", "stay"]


class QuitScreen(ChoiceScreen[Leaving]):
    """The three ways; Ctrl-C once more is the first. The lesson goes on behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "choose(0)", show=False)]

    def __init__(self, step: int, last_saved_step: int | None, go_on: str) -> None:
        """`go_on` is the key that takes up a saved run."""
        self._go_on = go_on
        super().__init__(tr("Leave the lesson?"), "", self._ways(step, last_saved_step))

    def paint_dialog(self, session: Session) -> None:
        state = session.state
        self.show_choices(self._ways(state.step, state.last_saved_step))

    def _ways(self, step: int, last_saved_step: int | None) -> tuple[Choice[Leaving], ...]:
        keeps = tr(
            "Keeps all up to step {step}; {go_on} goes on from there.",
            step=count(step),
            go_on=self._go_on,
        )
        return (
            Choice("s", tr("save and quit"), keeps, "save"),
            Choice("w", tr("quit without saving"), _loss(last_saved_step, step), "drop"),
            Choice("c", tr("cancel"), tr("The lesson goes on."), "stay"),
        )


def _loss(last_saved_step: int | None, step: int) -> str:
    if last_saved_step is None:
        return tr("Nothing is saved yet: all of it is lost.")
    saved = count(last_saved_step)
    if last_saved_step >= step:
        return tr("Step {step} is saved already: nothing is lost.", step=saved)
    return tr("Keeps what is saved, step {step}; the rest is lost.", step=saved)
