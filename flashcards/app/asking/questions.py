"""What the keys for asking do: open the line to ask in, pin the card that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.lesson import dialog_words as words
from flashcards.runs.commands import MAX_PINS, Ask, AskPast, Pin, TeachCard, Unpin

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.asking.dialog import AskScreen


class Questions:
    """The dialog that is open, if one is."""

    def __init__(self) -> None:
        self._asking: AskScreen | None = None

    def open(self, app: FlashcardsApp, prompt: str = "") -> None:
        """Open the line to ask in; with a prompt, on how its answer came about."""
        from flashcards.app.asking.dialog import AskScreen

        self._asking = AskScreen(app.requests, app.travel.step, prompt)
        app.push_screen(self._asking, self._closed)

    def _closed(self, _: None) -> None:
        self._asking = None

    def paint(self, app: FlashcardsApp) -> None:
        """Show in it what is known now."""
        if self._asking is not None and self._asking.is_mounted:
            machine = app.travel.machine
            progress = "" if machine is None else machine.failure or machine.progress
            self._asking.paint(app.shown, progress if app.travel.is_past else "")

    def sent(self, app: FlashcardsApp, event: AskScreen.Sent) -> None:
        """Send off what is asked; a card that is to be taught goes on after the lesson's end.

        While the past is shown, its model is asked.
        """
        if app.travel.is_past and isinstance(event.command, Ask | AskPast):
            app.travel.ask(event.command)
            return
        app.lesson.send(event.command)
        if isinstance(event.command, TeachCard):
            app.lesson.go_on_after_the_end()


def pin(app: FlashcardsApp) -> None:
    """Pin the card that is shown, or unpin it."""
    correction, pins = app.shown.correction, app.state.pins
    if correction is None or app.screen is not app.play:
        return
    prompt = correction.prompt
    if prompt in pins:
        app.lesson.send(Unpin(prompt=prompt))
        said = words.unpinned(prompt)
    else:
        app.lesson.send(Pin(prompt=prompt))
        said = words.pinned(prompt, next(iter(pins)) if len(pins) >= MAX_PINS else None)
    app.notify(said, timeout=4, markup=False, kind="pin")
