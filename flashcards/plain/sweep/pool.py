"""The parent's end of a sweep: so many runs at a time, each in a process. Knows no torch."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

from flashcards.base.system import python
from flashcards.plain.sweep.task import TAKEN, TaskRequest
from flashcards.runs import events
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.runs.sweep import Phase, Sweep, Task
from flashcards.trainer.request import encode

PATIENCE_S = 10.0
"""A run that is told to stop saves its state first."""

N_STDERR_LINES = 20


class TaskWent(msgspec.Struct, frozen=True):
    """A task is now in this phase; `event` is what happened in its run, `why` it failed."""

    task: Task
    phase: Phase
    event: AnyEvent | None = None
    why: str = ""


def run_all(sweep: Sweep, tasks: Sequence[Task], n_jobs: int) -> Iterator[TaskWent]:
    """Make the runs of these tasks, `n_jobs` at a time, and yield what happens.

    One that fails is told, and the others go on. Closed early, or interrupted, the runs that are
    under way are saved and ended first.
    """
    waiting = deque(tasks)
    said: queue.SimpleQueue[tuple[_Child, AnyEvent | None]] = queue.SimpleQueue()
    children: list[_Child] = []
    try:
        while waiting or children:
            while waiting and len(children) < n_jobs:
                task = waiting.popleft()
                children.append(_Child(sweep, task, said))
                yield TaskWent(task, "begun")
            child, event = said.get()
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
    """One run's process, and a thread that reads what it says."""

    def __init__(
        self, sweep: Sweep, task: Task, said: queue.SimpleQueue[tuple[_Child, AnyEvent | None]]
    ) -> None:
        self.task = task
        self._why = ""
        self._errors: deque[str] = deque(maxlen=N_STDERR_LINES)
        request = encode(TaskRequest(str(sweep.path.resolve()), task))
        self._process = subprocess.Popen(
            python("-m", "flashcards.plain.sweep.task"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which tells its children to stop
            env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        )
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.write(request)
            self._process.stdin.flush()
        self._errors_read = threading.Thread(target=self._read_errors, daemon=True)
        self._errors_read.start()
        threading.Thread(target=self._read, args=(said,), daemon=True).start()

    def _read(self, said: queue.SimpleQueue[tuple[_Child, AnyEvent | None]]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                event = events.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if isinstance(event, TrainerFailed):
                self._why = event.text
            else:
                said.put((self, event))
        said.put((self, None))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors.append(line.decode("utf-8", "replace").strip())

    def end(self) -> str:
        """Wait for its end; why it failed, "" when it did not."""
        code = self._process.wait()
        self._errors_read.join()
        self._close()
        if code == 0 or self._why:
            return self._why
        how = "was stopped" if code == 2 else f"signal {-code}" if code < 0 else f"exit code {code}"
        last = next((line for line in reversed(self._errors) if line), "")
        return f"its process ended ({how})" + (f": {last}" if last else "")

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._process.terminate()

    def wait(self) -> None:
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()
