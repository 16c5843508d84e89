"""A sweep through submitit's Slurm executor, with stand-ins for Slurm's commands: `sbatch` runs its
script here, each job of an array as a process; `scontrol requeue` runs a job's part of it again."""

import json
import os
import sys
from pathlib import Path

import pytest

from flashcards.runs.sweep import Task, sweeps
from tests.commands import here
from tests.decks import write_capitals
from tests.golden import check_words
from tests.held import Hold
from tests.posix import send_signal
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="submitit has no Windows")

COMMANDS = {
    "sbatch": """
        cp "$1" "$SLURM_DESK/batch"
        jobs=$(sed -n "s/^#SBATCH --array=\\([0-9]*\\)-\\([0-9]*\\)%.*/\\1 \\2/p" "$1")
        for i in $(seq $jobs); do job "$i"; done
        echo "Submitted batch job 41"
    """,
    "srun": """
        while [ "${1#--}" != "$1" ]; do [ "$1" = --unbuffered ] || shift; shift; done
        echo $$ > "$SLURM_DESK/pid-$SLURM_ARRAY_TASK_ID"
        exec "$@" >> "$SLURM_DESK/log-$SLURM_ARRAY_TASK_ID" 2>&1
    """,
    "scontrol": """
        echo "$@" >> "$SLURM_DESK/requeued"
        i=${2#41_}
        exec > /dev/null 2>&1
        (while kill -0 "$(cat "$SLURM_DESK/pid-$i")"; do sleep 0.02; done; job "$i") &
    """,
    "sacct": """
        echo "JobID|State|NodeList"
    """,
}
JOB = """#!/bin/bash
job() {
    SLURM_JOB_ID=$((42 + $1)) SLURM_ARRAY_JOB_ID=41 SLURM_ARRAY_TASK_ID=$1 \\
        setsid bash "$SLURM_DESK/batch" > /dev/null 2>&1 < /dev/null &
}
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stand-ins, first on PATH from now on, keep what they were told."""
    pytest.importorskip("submitit")
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in COMMANDS.items():
        (folder / name).write_text(JOB + text, encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("SLURM_DESK", str(folder))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.slow
@pytest.mark.pair
def test_preempted_runs_go_on(tmp_path: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = Hold(tmp_path / "hold", monkeypatch, step=4)
    deck = str(write_capitals(tmp_path))
    runs = tmp_path / "runs"
    words = (deck, "--until", "step=120")
    asked = ("--sbatch", "partition=cpu", "--sbatch", "time=2:00:00")
    code, out, error = here(
        "sweep", *words, "--seeds", "1,2", "--runs", str(runs), "--cluster", "slurm", *asked
    )
    (sweep,) = sweeps(runs)
    assert (code, error) == (0, "")
    check_words("sweep: submitted", out, sweep=sweep.path)
    options = {line for line in (desk / "batch").read_text().splitlines() if "#SBATCH" in line}
    assert {"#SBATCH --partition=cpu", "#SBATCH --time=2:00:00"} <= options
    assert f"#SBATCH --job-name={sweep.path.name}" in options

    hold.wait_for(sweep.folder(Task((), 1)), "20*")
    send_signal(int((desk / "pid-0").read_text()), "USR2")  # as Slurm does before it preempts
    hold.let_go()
    for task in (Task((), 1), Task((), 2)):
        wait_until(lambda task=task: sweep.phase(task) == "done")  # type: ignore[misc]
    assert (desk / "requeued").read_text() == "requeue 41_0\n"
    for seed in (1, 2):
        report = sweep.report(Task((), seed))
        _, alone, _ = here(
            "train", *words, "--seed", str(seed), "--json", "--runs", str(tmp_path / "alone")
        )
        assert report is not None
        assert report["weights_sha256"] == json.loads(alone)["weights_sha256"]


@pytest.mark.parametrize(
    ("sbatch", "key"),
    [
        (
            "echo 'sbatch: error: Cpu' >&2; echo 'sbatch: error: Invalid partition' >&2; exit 1",
            "sweep: refused by Slurm",
        ),
        ("echo hello", "sweep: an answer that is not Slurm's"),
        (None, "sweep: no Slurm"),
    ],
)
def test_its_refusal_is_said(tmp_path: Path, desk: Path, sbatch: str | None, key: str) -> None:
    if sbatch is None:
        (desk / "sbatch").unlink()
    else:
        (desk / "sbatch").write_text(f"#!/bin/bash\n{sbatch}\n", encoding="utf-8")
    runs = ("--runs", str(tmp_path / "runs"))
    code, out, error = here("sweep", str(write_capitals(tmp_path)), *runs, "--cluster", "slurm")
    assert (code, out, error.count("\n")) == (1, "", 1)
    check_words(key, error)


@pytest.mark.parametrize("words", [("--sbatch", "partition=cpu"), ("--cluster", "slurm", "--json")])
def test_what_does_not_go_together_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, out, error = here("sweep", "apple", "--runs", str(tmp_path / "runs"), *words)
    assert (code, out, error.count("\n")) == (1, "", 1)
    assert not (tmp_path / "runs").exists()
