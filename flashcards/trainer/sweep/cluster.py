"""A sweep on a Slurm cluster, or as local processes, through submitit (the extra `cluster`).

    from flashcards.runs.sweep import Sweep, tasks_of
    from flashcards.trainer.sweep.cluster import submit

    jobs = submit(Sweep.open(path), tasks_of({}, range(1, 21)), "slurm", slurm_partition="cpu")

The sweep's folder has to be on a disk that all machines share. A job that is preempted is queued
again and goes on from what it saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from flashcards.errors import UserError
from flashcards.runs.sweep import Sweep, Task
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.sweep.task import do

Cluster = Literal["slurm", "local"]
CLUSTERS: tuple[Cluster, ...] = ("slurm", "local")
NO_SUBMITIT = "--cluster needs submitit, which is not installed here: `pip install submitit`"
HOURS = 24.0
MEMORY_GB = 2


class Job:
    """One task, as submitit pickles it."""

    def __init__(self, sweep: str, task: Task) -> None:
        self.sweep = sweep
        self.task = task

    def __call__(self) -> bool:
        """Make the run; whether it is done.

        Raises:
            TaskError: it can't be made.
        """
        return do(Sweep.open(Path(self.sweep)), self.task, Inbox())

    def checkpoint(self) -> Any:
        """The same again, when the job is preempted: `do` goes on from the last saved state."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def submit(
    sweep: Sweep, tasks: Sequence[Task], cluster: Cluster = "slurm", **parameters: Any
) -> list[Any]:
    """Submit a job for each task that is not done; submitit's jobs, whose `result()` waits.

    Args:
        parameters: More for submitit's `update_parameters`, such as `slurm_partition`.

    Raises:
        UserError: submitit is not installed, or the cluster can't be used.
    """
    try:
        import submitit
    except ImportError as error:
        raise UserError(NO_SUBMITIT) from error
    waiting = [task for task in tasks if sweep.phase(task) != "done"]
    if not waiting:
        return []
    path = sweep.path.resolve()
    try:
        executor = submitit.AutoExecutor(folder=path / "jobs", cluster=cluster)
        asked = {"timeout_min": round(60 * HOURS), "cpus_per_task": 1, "mem_gb": MEMORY_GB}
        executor.update_parameters(**{**asked, "name": sweep.path.name, **parameters})
        with executor.batch():
            jobs = [executor.submit(Job(str(path), task)) for task in waiting]
    except (RuntimeError, OSError, ValueError, NameError) as error:
        raise UserError(f"the jobs can't be submitted to {cluster}: {error}") from error
    return jobs
