"""The trainer process: `python -m flashcards.trainer`, started by `TrainerClient`.

Its first line on stdin is a `LessonRequest`, the rest are commands; on stdout it writes events and
nothing else. It ends when its stdin ends.
"""

import signal
import sys

from flashcards.base.errors import UserError
from flashcards.base.system import lower_priority
from flashcards.runs import commands, events, folder
from flashcards.trainer.inbox import STUCK_AFTER_S, Inbox, first_line, open_pipes, read_commands
from flashcards.trainer.request import LessonRequest, with_paths

FOLLOWER_NICENESS = 10  # A lesson that follows another gives way to it


def main() -> int:
    """Teach what is asked; 0 when told to stop, 1 when the lesson can't be opened or written."""
    inbox = Inbox()
    stdin, watch = open_pipes(inbox)

    def on_stage(stage: str, percent: int | None = None) -> None:
        watch(events.TrainerWoke(step=0, stage=stage, percent=percent))

    signal.signal(signal.SIGTERM, lambda *_: inbox.put(commands.Stop()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = first_line(stdin, LessonRequest, "trainer", watch)
    if request is None:
        return 1
    if request.is_following:
        lower_priority(FOLLOWER_NICENESS)
    read_commands(stdin, inbox, leave_after_s=STUCK_AFTER_S)
    try:
        request = with_paths(request)  # before PyTorch is loaded, which takes seconds
    except UserError as error:
        text, needs_option = str(error), error.needs_option
        watch(events.TrainerFailed(step=0, text=text, needs_option=needs_option))
        return 1
    on_stage("waking the model")
    from flashcards.trainer.opening import open_lesson

    opened = None
    try:
        opened = open_lesson(request, inbox=inbox, watch=watch, on_stage=on_stage)
        opened.teach()
    except UserError as error:
        step = 0 if opened is None else opened.training.learner.step
        taken_error = error.__cause__ if isinstance(error.__cause__, folder.RunTakenError) else None
        taken_run = "" if taken_error is None else str(taken_error.path)
        watch(
            events.TrainerFailed(
                step=step, text=str(error), taken_run=taken_run, needs_option=error.needs_option
            )
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
