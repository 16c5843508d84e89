"""The time machine as a process, which `TimeMachineClient` starts.

Its first line on stdin is a `TravelRequest`, the rest are commands; on stdout it writes events and
nothing else. It reads a run and writes none, gives way to the lesson, and ends when its
stdin ends.
"""

import sys
import time
from pathlib import Path

from flashcards.base.system import lower_priority
from flashcards.runs.commands import Stop
from flashcards.runs.events import TrainerFailed, TrainerWoke
from flashcards.trainer.inbox import Inbox, Rest, first_line, open_pipes, read_commands
from flashcards.trainer.request import TravelRequest

NICENESS = 10
"""On a core that a lesson has to share with it, it gets a tenth: 110 of 1,024 + 110 in Linux."""

IDLE_S = 0.5


def main() -> int:
    """The exit code: 0 when told to stop, 1 when the run can't be read."""
    inbox = Inbox()
    stdin, emit = open_pipes(inbox)
    lower_priority(NICENESS)
    request = first_line(stdin, TravelRequest, "time machine", emit)
    if request is None:
        return 1
    read_commands(stdin, inbox)
    emit(TrainerWoke(step=0, stage="waking the time machine"))
    from flashcards.runs.folder import RunError, RunFolder

    try:
        folder = RunFolder.open(Path(request.run))
        from flashcards.trainer.again.traveller import Traveller  # loads torch

        traveller = Traveller(folder, emit, time.perf_counter)
        rest = Rest(request.duty)
        while True:
            for command in inbox.drain():
                if isinstance(command, Stop):
                    return 0
                traveller.take(command)
            is_awaited = traveller.is_awaited
            started = time.perf_counter()
            if not traveller.work():
                inbox.wait(IDLE_S)
            elif not is_awaited:
                inbox.wait(rest.due_s(time.perf_counter() - started))
    except RunError as error:
        emit(TrainerFailed(step=0, text=str(error)))
    except OSError as error:
        reason = error.strerror or str(error)
        emit(TrainerFailed(step=0, text=f"the run can't be read: {reason}"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
