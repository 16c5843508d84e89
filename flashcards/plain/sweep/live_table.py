"""The table of a sweep while it goes on: how many runs are done, how far the others are."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flashcards.base.columns import padded, shortened
from flashcards.terminal.output import visible
from flashcards.terminal.progress import console, span, terminal

if TYPE_CHECKING:
    from rich.console import Group

    from flashcards.plain.sweep.pool import TaskWent
    from flashcards.runs.sweep import Task
    from flashcards.runs.values import Score

MAX_ROWS = 12
NAME_COLUMNS = 30
BAR_COLUMNS = 30


class SweepTable:
    """Takes what happens; paints it on standard error, where somebody can see it.
    `failed`: why runs failed."""

    def __init__(
        self,
        deck: str,
        n_tasks: int,
        n_done: int,
        n_jobs: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failed: dict[Task, str] = {}
        self._deck = deck
        self._n_tasks = n_tasks
        self._n_done = n_done
        self._n_jobs = n_jobs
        self._clock = clock
        self._began_s = clock()
        self._n_ended = 0
        self._rows: dict[Task, str] = {}
        self._scores: dict[Task, str] = {}

    def take(self, went: TaskWent) -> None:
        from flashcards.runs.events import ExamTaken, StepsTaken

        task = went.task
        match went.event:
            case ExamTaken() as exam:
                self._scores[task] = (
                    f"taught {_share(exam.seen)}  never taught {_share(exam.unseen)}"
                )
                self._rows[task] = f"step {exam.step:>7,}"
            case StepsTaken() as report:
                self._rows[task] = f"step {report.step:>7,}"
            case _:
                self._rows.setdefault(task, "starting")
        if went.phase in ("done", "failed"):
            self._rows.pop(task, None)
            self._scores.pop(task, None)
            self._n_ended += 1
            self._n_done += went.phase == "done"
        if went.phase == "failed":
            self.failed[task] = went.why

    @contextlib.contextmanager
    def painted(self) -> Iterator[None]:
        """Paint twice a second while the block goes on; it is gone afterwards."""
        stream = terminal()
        if stream is None:
            yield
            return
        from rich.live import Live

        live = Live(
            get_renderable=self.render,
            console=console(stream),
            refresh_per_second=2,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with live:
            yield

    def render(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        return Group(*(Text(visible(line), no_wrap=True) for line in self.lines()))

    def lines(self) -> list[str]:
        n_full = BAR_COLUMNS * self._n_done // max(1, self._n_tasks)
        bar = "━" * n_full + "─" * (BAR_COLUMNS - n_full)
        runs = f"{self._n_done:,} of {self._n_tasks:,} runs"
        rows = list(self._rows.items())
        lines = [
            shortened(f"{self._deck} · {self._n_jobs} at a time", 80),
            f"{bar}  {runs}  {self._left()}",
            *(
                f"  {padded(shortened(task.name, NAME_COLUMNS), NAME_COLUMNS)} {padded(row, 13)} "
                f"{self._scores.get(task, '')}"
                for task, row in rows[:MAX_ROWS]
            ),
        ]
        if len(rows) > MAX_ROWS:
            lines.append(f"  and {len(rows) - MAX_ROWS:,} more")
        lines += [f"  {task.name} failed" for task in list(self.failed)[:MAX_ROWS]]
        return lines

    def _left(self) -> str:
        """Say how long the rest will take, by how long those took that have ended."""
        passed_s = self._clock() - self._began_s
        n_left = self._n_tasks - self._n_done - len(self.failed)
        if not self._n_ended:
            return f"{span(passed_s)}, estimate after one run"
        left_s = passed_s * n_left / self._n_ended
        return f"{span(passed_s)}, about {span(left_s)} left"


def _share(score: Score) -> str:
    from flashcards.runs.verdict import percent

    return "–" if score.rate is None else percent(score.rate)
