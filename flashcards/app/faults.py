"""What is kept of a fault of the screen: a report in a file, and how many there were of late.

The lesson is another process: a fault here costs it nothing.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import ScreenStackError
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed

from flashcards.app.kit.notice import NoticesApp
from flashcards.language import tr

MOST_FAULTS, WITHIN_S = 5, 10.0
"""More in so short a time, and the screen does not come back by itself."""

N_REPORTS_KEPT = 20


def is_late(error: BaseException, screens: Sequence[Screen[Any]]) -> bool:
    """Whether a widget or screen was looked for where none is any more; that is no fault.

    Messages, timers, callbacks and workers of a screen may all come after it, or the program, was
    left.

    Args:
        screens: The ones that are there.
    """
    if isinstance(error, ScreenStackError):
        return not screens
    if not isinstance(error, NoMatches):
        return False
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    asked = frame.f_locals.get("self")
    if not isinstance(asked, Widget):
        return False
    return not asked.is_attached or not any(s in screens for s in asked.ancestors_with_self)


class SurvivingApp(NoticesApp):
    """An app that a fault does not end: what failed is closed, and a report is written.

    Its `_is_debugging`: a fault ends the program with its traceback.
    """

    _is_debugging = False

    def __init__(self) -> None:
        super().__init__()
        self._fault_times_s: deque[float] = deque(maxlen=MOST_FAULTS + 1)

    def recover(self, where: str) -> None:
        """Close what failed, and say where the report is."""
        raise NotImplementedError

    async def _dispatch_message(self, message: Message) -> None:
        """Every message to the app itself: a fault in one must not end it."""
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        """Textual's way out of every fault: it would end the program. Here it closes what failed.

        The lesson goes on meanwhile: it is another process.
        """
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
