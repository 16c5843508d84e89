"""The trainer process: `python -m flashcards.trainer`, started by `TrainerClient`.

Its first line on stdin is a `LessonRequest`, the rest are commands; on stdout it writes events and
nothing else. It ends when its stdin ends.
"""

from __future__ import annotations

import os
import signal
import sys
from io import FileIO

import msgspec

from flashcards.runs import events
from flashcards.runs.commands import Stop
from flashcards.runs.events import AnyEvent, TrainerFailed, TrainerWoke
from flashcards.trainer import request as requests
from flashcards.trainer.inbox import Inbox, read_commands

FOLLOWER_NICENESS = 10
"""A lesson that follows another gives way to it."""


def main() -> int:
    """Teach what is asked; 0 when told to stop, 1 when the lesson can't be opened or written."""
    pipe = _private_stdout()
    # Unbuffered: a buffered reader that a thread waits in makes the interpreter abort at its end.
    stdin = os.fdopen(os.dup(0), "rb", buffering=0)

    def watch(event: AnyEvent) -> None:
        try:
            pipe.write(events.encode(event))
        except BrokenPipeError:
            inbox.put(Stop())

    def say(stage: str) -> None:
        watch(TrainerWoke(step=0, stage=stage))

    inbox = Inbox()
    signal.signal(signal.SIGTERM, lambda *_: inbox.put(Stop()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        request = requests.decode(stdin.readline())
    except msgspec.DecodeError as error:
        watch(TrainerFailed(step=0, text=f"the trainer was asked for something unknown: {error}"))
        return 1
    if request.is_following and sys.platform != "win32":
        os.nice(FOLLOWER_NICENESS)
    read_commands(stdin, inbox)
    say("waking the model")
    from flashcards.trainer.opening import LessonError, open_lesson

    step = 0
    try:
        opened = open_lesson(request, inbox=inbox, watch=watch, say=say)
        try:
            opened.lesson.run()
        finally:
            step = opened.taught.learner.step
        opened.keeper.close()
    except LessonError as error:
        watch(TrainerFailed(step=0, text=str(error)))
        return 1
    except OSError as error:
        watch(TrainerFailed(step=step, text=opened.keeper.why_not_written(error)))
        return 1
    return 0


def _private_stdout() -> FileIO:
    """A stream for the protocol alone: prints, those from C too, go to stderr from here on."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return pipe


if __name__ == "__main__":
    sys.exit(main())
