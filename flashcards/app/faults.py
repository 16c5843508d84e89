"""What is kept of a fault of the screen: a report in a file, and how many there were of late.

The lesson is another process: a fault here costs it nothing.
"""

from __future__ import annotations

import contextlib
import traceback
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import ScreenStackError
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget

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


class Faults:
    """The faults of one program."""

    def __init__(self, folder: Path | None = None) -> None:
        """Reports go to the folder; None is the platform's for logs."""
        self._folder = folder
        self._times_s: deque[float] = deque(maxlen=MOST_FAULTS + 1)

    def are_too_many(self, now_s: float) -> bool:
        """Count one more; whether there were too many of late."""
        self._times_s.append(now_s)
        return len(self._times_s) > MOST_FAULTS and now_s - self._times_s[0] <= WITHIN_S

    def report(self, error: BaseException) -> Path | None:
        """Write what happened to a file; None when that can't be done."""
        folder = self._folder
        if folder is None:
            import platformdirs

            folder = Path(platformdirs.user_log_dir("flashcards", appauthor=False))
        now = datetime.now()
        path = folder / f"fault-{now:%Y-%m-%d-%H%M%S-%f}.txt"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            text = "".join(traceback.format_exception(error))
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            for old in sorted(folder.glob("fault-*.txt"))[:-N_REPORTS_KEPT]:
                old.unlink()
            return path
        return None
