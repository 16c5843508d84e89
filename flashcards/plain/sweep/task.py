"""One run of a sweep, in a process of its own: `python -m flashcards.plain.sweep.task`. Its first
line on stdin is a `TaskRequest`; on stdout it writes what happens. When its stdin ends, as when its
parent is killed, it saves the run and ends. The run is the one that `flashcards train` gives; one
that was begun is gone on with."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from flashcards.base.errors import UserError
from flashcards.runs import commands, events
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.runs.sweep import Sweep, Task
from flashcards.trainer.inbox import STUCK_AFTER_S, Inbox, first_line, open_pipes, read_commands
from flashcards.trainer.request import LessonRequest

TOLD = (events.StepsTaken, events.ExamTaken, events.LessonEnded)

TAKEN = "another program is doing it"


class TaskRequest(msgspec.Struct, frozen=True):
    sweep: str
    task: Task


class TaskError(UserError): ...


def do(
    sweep: Sweep, task: Task, inbox: Inbox, watch: Callable[[AnyEvent], None] = lambda event: None
) -> bool:
    """Make the task's run up to its end; False when it was told to stop, and is saved.
    Raises TaskError: it can't be made, or another program is making it."""
    if sweep.phase(task) == "done":
        return True
    try:
        lock = sweep.take(task)
    except OSError as error:
        raise TaskError(f"it can't be written: {error.strerror or error}") from error
    if lock is None:
        raise TaskError(TAKEN)
    with lock:
        try:
            report = _run(sweep, task, inbox, watch)
            if report is None:
                return False
            sweep.finish(task, report)
        except (UserError, OSError, MemoryError) as error:
            reason = str(error) or type(error).__name__
            sweep.fail(task, reason)
            raise TaskError(reason) from error
    return True


def _run(
    sweep: Sweep, task: Task, inbox: Inbox, watch: Callable[[AnyEvent], None]
) -> dict[str, object] | None:
    from flashcards.plain.outcome import report_of
    from flashcards.trainer.opening import open_lesson

    goal = sweep.info.goal
    opened = open_lesson(_request(sweep, task), inbox=inbox, watch=watch, goal=goal)
    ended = opened.teach()
    assert ended is not None
    if ended.reason == "stopped":
        return None
    if opened.keeper.folder.info.deck_sha256 != sweep.info.deck_sha256:
        raise TaskError(f"{sweep.deck_path} is no longer the deck that the sweep began with")
    return report_of(opened, ended, not goal.has_share or ended.reason == "until")


def _request(sweep: Sweep, task: Task) -> LessonRequest:
    info = sweep.info
    folder = sweep.folder(task)
    request = LessonRequest(
        deck=str(sweep.deck_path),
        is_read=info.is_read,
        seed=task.seed,
        speed="full",
        runs=str(folder),
        device=info.device,
        settings=task.chosen,
    )
    begun = sweep.run_path(task)
    if begun is None or not _can_go_on(begun):
        return request
    return msgspec.structs.replace(request, deck="", resume=str(begun))


def _can_go_on(run: Path) -> bool:
    """Tell whether the run stopped on its way; else remove it, to be made anew. Raises
    TaskError."""
    from flashcards.runs.folder import RunError, RunFolder
    from flashcards.runs.pruning import delete_run
    from flashcards.runs.recording import Recording

    try:
        folder = RunFolder.open(run)
    except RunError as error:
        raise TaskError(f"{error}; move {run} away to make this run again") from error
    ended = Recording.open(folder).state.ended
    if folder.state_files() and (ended is None or ended.reason == "stopped"):
        return True
    delete_run(run)
    return False


def main() -> int:
    """0 when the run is done, 1 when it failed, 2 when it was stopped and is saved."""
    inbox = Inbox()
    stdin, emit = open_pipes(inbox)
    signal.signal(signal.SIGTERM, lambda *_: inbox.put(commands.Stop()))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = first_line(stdin, TaskRequest, "run", emit)
    if request is None:
        return 1
    read_commands(stdin, inbox, leave_after_s=STUCK_AFTER_S)

    def watch(event: AnyEvent) -> None:
        if isinstance(event, TOLD):
            emit(event)

    try:
        return 0 if do(Sweep.open(Path(request.sweep)), request.task, inbox, watch) else 2
    except UserError as error:
        emit(TrainerFailed(step=0, text=str(error)))
        return 1


if __name__ == "__main__":
    sys.exit(main())
