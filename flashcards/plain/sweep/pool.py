"""The parent's end of a sweep: so many runs at a time, each in a process. Knows no torch."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

from flashcards.base import child_process, system
from flashcards.plain.sweep.task import TAKEN, TaskRequest
from flashcards.runs import events
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.runs.sweep import Phase, Sweep, Task
from flashcards.trainer.request import encode

PATIENCE_S = 10.0  # a run that is told to stop saves its state first


class TaskWent(msgspec.Struct, frozen=True):
    """A task is now in this phase; `event` is what happened in its run, `why` it failed."""

    task: Task
    phase: Phase
    event: AnyEvent | None = None
    why: str = ""


def run_all(sweep: Sweep, tasks: Sequence[Task], n_jobs: int) -> Iterator[TaskWent]:
    """Make these runs, `n_jobs` at a time, and yield what happens; one that fails is told. Closed
    early, or interrupted, the runs that are under way are saved and ended first."""
    waiting = deque(tasks)
    happened: queue.SimpleQueue[tuple[_Child, AnyEvent | None]] = queue.SimpleQueue()
    children: list[_Child] = []
    try:
        while waiting or children:
            while waiting and len(children) < n_jobs:
                task = waiting.popleft()
                children.append(_Child(sweep, task, happened))
                yield TaskWent(task, "begun")
            child, event = happened.get()
            if event is not None:
                yield TaskWent(child.task, "begun", event)
                continue
            children.remove(child)
            why = child.end()
            if why and why != TAKEN and sweep.failure(child.task) is None:
                sweep.fail(child.task, why)
            yield TaskWent(child.task, "failed" if why else "done", why=why)
    finally:
        for child in children:
            child.stop()
        for child in children:
            child.wait()


class _Child:
    def __init__(
        self, sweep: Sweep, task: Task, happened: queue.SimpleQueue[tuple[_Child, AnyEvent | None]]
    ) -> None:
        self.task = task
        self._why = ""
        self._happened = happened
        self._process = child_process.JsonLinesThread(
            system.python("-m", "flashcards.plain.sweep.task"),
            events.decode,
            self._take,
            OMP_NUM_THREADS="1",
        )
        self._process.send(encode(TaskRequest(str(sweep.path.resolve()), task)))

    def _take(self, event: AnyEvent | None) -> None:
        if isinstance(event, TrainerFailed):
            self._why = event.text
        else:
            self._happened.put((self, event))

    def end(self) -> str:
        code = self._process.wait() or 0
        self._process.end()
        if code == 0 or self._why:
            return self._why
        end = "ended (was stopped)" if code == 2 else self._process.how_it_ended(code)
        return f"its process {end}"

    def stop(self) -> None:
        self._process.terminate()

    def wait(self) -> None:
        self._process.end(PATIENCE_S)
