"""Signals that end the app as its quit key does: the run saved, the terminal as it was."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp


@contextlib.contextmanager
def left_by(app: FlashcardsApp, *numbers: int) -> Iterator[list[int]]:
    """These signals end the app in order, its trainer first; gives those that came.

    In a thread none is taken: only a process's main thread can.
    """
    came: list[int] = []

    def leave(number: int, _: object) -> None:
        came.append(number)
        app.end_with_terminal()

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
