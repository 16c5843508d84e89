"""The child's end of the protocol: lines in on stdin, events alone out on what was stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import FileIO
from typing import TypeVar

import msgspec

from flashcards.runs import events
from flashcards.runs.commands import Stop
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.trainer.inbox import Inbox

Emit = Callable[[AnyEvent], None]
T = TypeVar("T")


def opened(inbox: Inbox) -> tuple[FileIO, Emit]:
    """The lines from the parent, and what tells it an event; a parent that has gone is a Stop.

    Prints, those from C too, go to stderr from here on. Lines are not buffered: a buffered reader
    that a thread waits in aborts at the end.
    """
    stdin = os.fdopen(os.dup(0), "rb", buffering=0)
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def emit(event: AnyEvent) -> None:
        try:
            pipe.write(events.encode(event))
        except BrokenPipeError:
            inbox.put(Stop())

    return stdin, emit


def first_line(stdin: FileIO, kind: type[T], who: str, emit: Emit) -> T | None:
    """The request that the parent writes first; None, and it is told, when that is none."""
    try:
        return msgspec.json.decode(stdin.readline(), type=kind)
    except msgspec.DecodeError as error:
        text = f"the {who} was asked for something unknown: {error}"
        emit(TrainerFailed(step=0, text=text))
        return None
