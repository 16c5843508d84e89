"""A sweep on a Slurm cluster, or as local processes, through submitit (the extra `cluster`).

    from flashcards.runs.sweep import Sweep, tasks_of
    from flashcards.plain.sweep.cluster import submit

    tasks = tasks_of({}, range(1, 21))
    jobs = submit(Sweep.open(path), tasks, "slurm", sbatch={"partition": "cpu"})

The sweep's folder has to be on a disk that all machines share. A job that is preempted is queued
again and goes on from what it saved.
"""

import contextlib
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from flashcards.base.errors import UserError
from flashcards.base.extras import how_to_install
from flashcards.plain.sweep.task import do
from flashcards.runs.sweep import Sweep, Task
from flashcards.trainer.inbox import Inbox

Cluster = Literal["slurm", "local"]
NO_SLURM = (
    "there is no Slurm on this machine: its sbatch and srun are not on PATH; `--cluster local` "
    "starts processes here"
)
ITS_MISTAKE = "sbatch: error: "
HOURS = 24.0
MEMORY_GB = 2


class Job:
    """One task, as submitit pickles it."""

    def __init__(self, sweep: str, task: Task) -> None:
        self.sweep = sweep
        self.task = task

    def __call__(self) -> bool:
        """Make the run; whether it is done. Raises TaskError: it can't be made."""
        return do(Sweep.open(Path(self.sweep)), self.task, Inbox())

    def checkpoint(self) -> Any:
        """The same again, when the job is preempted: `do` goes on from the last saved state."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def submit(
    sweep: Sweep,
    tasks: Sequence[Task],
    cluster: Cluster = "slurm",
    at_a_time: int | None = None,
    sbatch: Mapping[str, str] | None = None,
) -> list[Any]:
    """Submit a job for each task that is not done; submitit's jobs, whose `result()` waits. At most
    `at_a_time` run at once (Slurm); `sbatch`: more of its options, which win over those set here.
    Raises UserError: submitit is not installed, or the cluster can't be used."""
    try:
        import submitit
    except ImportError as error:
        raise UserError(f"--cluster needs submitit: {how_to_install('cluster')}") from error
    if cluster == "slurm" and not (shutil.which("sbatch") and shutil.which("srun")):
        raise UserError(NO_SLURM)
    waiting = [task for task in tasks if sweep.phase(task) != "done"]
    if not waiting:
        return []
    path = sweep.path.resolve()
    try:
        executor = submitit.AutoExecutor(folder=path / "jobs", cluster=cluster)
        executor.update_parameters(
            name=path.name,
            timeout_min=round(60 * HOURS),
            cpus_per_task=1,
            mem_gb=MEMORY_GB,
            slurm_array_parallelism=at_a_time or len(waiting),
            slurm_additional_parameters=dict(sbatch or {}),
        )
        # what sbatch said against it is printed by submitit and raised as well
        with contextlib.redirect_stderr(io.StringIO()), executor.batch():
            jobs = [executor.submit(Job(str(path), task)) for task in waiting]
    except (RuntimeError, OSError, ValueError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        mistake = lines[-1] if isinstance(error, submitit.core.utils.FailedJobError) else lines[0]
        raise UserError(
            f"the jobs can't be submitted to {cluster}: {mistake.removeprefix(ITS_MISTAKE)}"
        ) from error
    return jobs
