"""Commands waiting for the lesson, from another thread, a pipe or a signal handler."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from io import FileIO

import msgspec

from flashcards.runs import commands
from flashcards.runs.commands import AnyCommand, Stop


class Inbox:
    """A queue of commands that the lesson drains between updates."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[AnyCommand | None] = queue.SimpleQueue()
        self._peeked: list[AnyCommand] = []

    def put(self, command: AnyCommand) -> None:
        """Add a command; safe from any thread and from a signal handler."""
        self._queue.put(command)

    def wake(self) -> None:
        """End a wait, without a command; safe from any thread."""
        self._queue.put(None)

    def drain(self) -> list[AnyCommand]:
        """All commands so far, oldest first, without waiting."""
        drained, self._peeked = self._peeked, []
        while True:
            try:
                command = self._queue.get_nowait()
            except queue.Empty:
                return drained
            if command is not None:
                drained.append(command)

    def wait(self, timeout_s: float) -> None:
        """Return when a command is there, when woken, or after this long."""
        if self._peeked:
            return
        with contextlib.suppress(queue.Empty):
            command = self._queue.get(timeout=max(0.0, timeout_s))
            if command is not None:
                self._peeked.append(command)


STUCK_AFTER_S = 120.0
"""Once the parent has gone, whoever has not ended by then never will. Saving takes seconds."""


def read_commands(
    stream: FileIO, inbox: Inbox, *, leave_after_s: float | None = None
) -> threading.Thread:
    """Put every command line of the stream into the inbox; its end, the parent's death, is a Stop.
    A line that is no command is left out: a newer parent may know more commands than we do.
    `leave_after_s`: this long after the stream's end the process is ended, saved or not."""

    def read() -> None:
        for line in stream:
            try:
                inbox.put(commands.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
        inbox.put(Stop())
        if leave_after_s is not None:
            time.sleep(leave_after_s)
            os._exit(1)

    thread = threading.Thread(target=read, name="commands", daemon=True)
    thread.start()
    return thread
