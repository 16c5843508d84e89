"""The child's end: commands wait here for the lesson, events alone go out on what was stdout.

Knows no torch.
"""

import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from io import FileIO
from typing import TypeVar

import msgspec

from flashcards.runs import commands, events

Emit = Callable[[events.AnyEvent], None]
T = TypeVar("T")


class Inbox:
    """A queue of commands that the lesson drains between updates."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[commands.AnyCommand | None] = queue.SimpleQueue()
        self._peeked: list[commands.AnyCommand] = []

    def put(self, command: commands.AnyCommand) -> None:
        """Add a command; safe from any thread and from a signal handler."""
        self._queue.put(command)

    def wake(self) -> None:
        """End a wait, without a command; safe from any thread."""
        self._queue.put(None)

    def drain(self) -> list[commands.AnyCommand]:
        drained = self._peeked
        self._peeked = []
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


STUCK_AFTER_S = 120.0  # After the parent has gone; saving takes seconds


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
        inbox.put(commands.Stop())
        if leave_after_s is not None:
            time.sleep(leave_after_s)
            os._exit(1)

    thread = threading.Thread(target=read, name="commands", daemon=True)
    thread.start()
    return thread


def open_pipes(inbox: Inbox) -> tuple[FileIO, Emit]:
    """The lines from the parent, and what tells it an event; a parent that has gone is a Stop.
    Prints, those from C too, go to stderr from here on. Lines are not buffered: a buffered reader
    that a thread waits in aborts at the end."""
    stdin = os.fdopen(os.dup(0), "rb", buffering=0)
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def emit(event: events.AnyEvent) -> None:
        try:
            pipe.write(events.encode(event))
        except BrokenPipeError:
            inbox.put(commands.Stop())

    return stdin, emit


def first_line(stdin: FileIO, kind: type[T], who: str, emit: Emit) -> T | None:
    """The request that the parent writes first; None, which the parent is told, if invalid."""
    try:
        return msgspec.json.decode(stdin.readline(), type=kind)
    except msgspec.DecodeError as error:
        text = f"the {who} was asked for something unknown: {error}"
        emit(events.TrainerFailed(step=0, text=text))
        return None


SHORTEST_REST_S = 0.02  # Shorter rests are added up: a sleep is not exact to the millisecond


class Rest:
    """Owed rest: work of w seconds at duty d owes w (1 / d - 1)."""

    def __init__(self, duty: float) -> None:
        """`duty` is the share of the time spent working, above 0 to 1; 1 never rests."""
        self._per_second = 1.0 / min(max(duty, 0.01), 1.0) - 1.0
        self._owed_s = 0.0

    def due_s(self, worked_s: float) -> float:
        """Rest to take now, after so much work; 0 while it is too short to be worth it."""
        self._owed_s += worked_s * self._per_second
        if self._owed_s < SHORTEST_REST_S:
            return 0.0
        due_s = self._owed_s
        self._owed_s = 0.0
        return due_s
