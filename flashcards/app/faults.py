"""Faults and signals: what ends the screen, or should not. A report of a fault is kept."""

import contextlib
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual import events
from textual.app import ScreenStackError
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed

from flashcards.app.textual_fixes.keys import KeysInOrder
from flashcards.app.textual_fixes.screens import NoticesApp
from flashcards.base.language import tr

MOST_FAULTS, WITHIN_S = 5, 10.0
"""More in so short a time, and the screen does not come back by itself."""

N_REPORTS_KEPT = 20


def is_late(error: BaseException, screens: Sequence[Screen[Any]]) -> bool:
    """Tell whether it comes from, or looks for, what is gone: late messages are no fault."""
    if isinstance(error, ScreenStackError):
        return not screens
    at_work = [frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__)]
    widgets = [owner for owner in at_work if isinstance(owner, Widget)]
    if any(widget.is_mounted and not _is_there(widget, screens) for widget in widgets):
        return True
    is_looking = isinstance(error, NoMatches) and bool(at_work) and isinstance(at_work[-1], Widget)
    return is_looking and not _is_there(widgets[-1], screens)


def _is_there(widget: Widget, screens: Sequence[Screen[Any]]) -> bool:
    return widget.is_attached and any(
        ancestor in screens for ancestor in widget.ancestors_with_self
    )


class SurvivingApp(KeysInOrder, NoticesApp):
    """An app that a fault does not end, unless it `_is_debugging`: what failed is closed, and a
    report is written. Once it `_is_left`, no input is taken and nothing painted any more."""

    _is_debugging = False
    _is_left = False

    def __init__(self) -> None:
        super().__init__()
        self._fault_times_s: deque[float] = deque(maxlen=MOST_FAULTS + 1)

    def recover(self, where: str) -> None:
        raise NotImplementedError

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        self._is_left = True
        super().exit(result, return_code, message)

    async def on_event(self, event: events.Event) -> None:
        """Handle the event, unless it is a key or a click for what is closing."""
        is_input = isinstance(event, events.InputEvent | events.Paste)
        is_late_click = isinstance(event, events.MouseDown) and self._is_on_what_is_gone(event)
        if (self._is_left and is_input) or is_late_click:
            return
        try:
            await super().on_event(event)
        except Exception as error:  # else it ends the app's own loop, and with it the program
            self._handle_exception(error)

    def _is_on_what_is_gone(self, click: events.MouseDown) -> bool:
        """Textual marks text from the parent of what is clicked: it needs one."""
        if not self.screen_stack:
            return True
        widget, _ = self.screen.get_widget_and_offset_at(click.x, click.y)
        return widget is not None and widget.parent is None and widget is not self.screen

    def _handle_exception(self, error: Exception) -> None:
        """Textual's way out of every fault is to end the program. Here it closes what failed."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if is_late(cause, self.screen_stack):
            return
        if self._is_debugging:
            super()._handle_exception(error)
            return
        path = reported(cause)
        where = tr("no report could be written") if path is None else str(path)
        now_s = time.monotonic()
        self._fault_times_s.append(now_s)
        is_many = len(self._fault_times_s) > MOST_FAULTS
        if is_many and now_s - self._fault_times_s[0] <= WITHIN_S:
            text = tr("The screen failed again and again. A report: {where}", where=where)
            self.exit(return_code=1, message=text)
            return
        self.call_later(self.recover, where)


def reported(error: BaseException) -> Path | None:
    """Write what happened to a file in the platform's folder for logs; None when that fails."""
    import platformdirs

    folder = Path(platformdirs.user_log_dir("flashcards", appauthor=False))
    path = folder / f"fault-{datetime.now():%Y-%m-%d-%H%M%S-%f}.txt"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(traceback.format_exception(error))
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        for old in sorted(folder.glob("fault-*.txt"))[:-N_REPORTS_KEPT]:
            old.unlink()
        return path
    return None


@contextlib.contextmanager
def left_by(leave: Callable[[], None], *numbers: int) -> Iterator[list[int]]:
    """Within the block these signals end the app as its quit key does; gives those that came."""
    signals: list[int] = []

    def came_now(number: int, _: object) -> None:
        signals.append(number)
        leave()

    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    before = {number: signal.signal(number, came_now) for number in numbers}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
