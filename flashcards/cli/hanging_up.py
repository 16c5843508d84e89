"""A screen whose terminal vanished ends, the run saved, though no SIGHUP came (as under `nohup`).

Textual's input would be at its end again and again, and its output fail: nobody would notice.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

from flashcards.system import has_hung_up

LOOK_S = 1.0
GRACE_S = 15.0
"""As long as a run has to be saved; the trainer saves it by itself when this process has gone."""


@contextlib.contextmanager
def ended_with_terminal(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` in a thread when the terminal goes away within the block.

    The process ends at once when the block is not left a while after that.
    """
    is_over = threading.Event()

    def watch() -> None:
        fd = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        while not is_over.is_set():
            if not has_hung_up(fd, LOOK_S):
                continue
            nowhere = os.open(os.devnull, os.O_RDWR)
            for output in (1, 2):
                os.dup2(nowhere, output)
            end()
            if not is_over.wait(GRACE_S):
                os._exit(1)

    thread = threading.Thread(target=watch, daemon=True, name="terminal")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
