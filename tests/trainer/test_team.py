"""Several processes that teach one model: the same bits as one, and what is said when it fails."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import msgspec
import pytest

from flashcards.cli import main
from flashcards.runs.catalog import list_runs
from flashcards.runs.events import StateSaved
from flashcards.runs.folder import RunFolder
from flashcards.trainer.opening import LessonError
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.team.start import ProcessFacts, divided, problem_of
from tests.commands import run_python, start_python
from tests.decks import write_capitals, write_sums
from tests.golden import check_words, raises_words
from tests.posix import send_signal
from tests.waiting import PATIENCE_S, wait_until


def report_of(text: str) -> dict[str, object]:
    report = json.loads(text)
    return {name: value for name, value in report.items() if name not in ("run", "train_seconds")}


def environment(rank: int, port: int, n_processes: int = 2) -> dict[str, str]:
    told = {"RANK": rank, "WORLD_SIZE": n_processes, "MASTER_ADDR": "127.0.0.1"}
    told["MASTER_PORT"] = port
    return {**os.environ, "OMP_NUM_THREADS": "1", **{k: str(v) for k, v in told.items()}}


def start(rank: int, port: int, *words: str) -> subprocess.Popen[str]:
    return start_python("-m", "flashcards", "train", *words, env=environment(rank, port))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.slow
def test_two_processes_teach_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learned = ("--set", "batch_size=24", "--set", "width=128", "--set", "is_fused=true")
    words = (str(write_sums(tmp_path)), "--steps", "8", "--json", *learned)
    runs = ("--runs", str(tmp_path / "two"))
    launcher = ("-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "flashcards")
    ended = run_python(*launcher, "train", *words, *runs)
    assert ended.returncode == 0, ended.stderr
    capsys.readouterr()
    assert main(["train", *words, "--set", "n_shards=4", "--runs", str(tmp_path / "one")]) == 0
    assert report_of(ended.stdout) == report_of(capsys.readouterr().out)
    (entry,) = list_runs(tmp_path / "two")
    assert RunFolder.open(Path(entry.path)).info.settings["n_shards"] == 4
    assert main(["verify", str(entry.path)]) == 0


@pytest.mark.slow
def test_one_that_dies_ends_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deck, runs, port = str(write_capitals(tmp_path)), tmp_path / "runs", free_port()
    words = (deck, "--steps", "100000", "--runs", str(runs))
    first, worker = (start(rank, port, *words) for rank in (0, 1))
    try:
        wait_until(lambda: any(runs.glob("*/keyframes/00000032-*")))
        send_signal(worker.pid, "KILL")
        _, said = first.communicate(timeout=PATIENCE_S)
    finally:
        first.kill()
        worker.kill()
        worker.communicate()
    assert first.returncode == 1
    (line,) = said.strip().splitlines()
    (entry,) = list_runs(runs)
    step = re.findall(r"step (\d+) is", line)[0]
    command = re.findall(r"`(torchrun .*)`", line)[0]
    check_words("team: a process has ended", line, step=step, command=command)
    folder = RunFolder.open(Path(entry.path))
    step = max(event.step for event in folder.events() if isinstance(event, StateSaved)) + 3
    limits = ("--steps", str(step), "--json", "--runs")
    assert main(["train", "--resume", str(entry.path), *limits, str(runs)]) == 0
    gone_on = report_of(capsys.readouterr().out)
    alone = ("--set", "n_shards=4", *limits, str(tmp_path / "alone"))
    assert main(["train", deck, *alone]) == 0
    assert gone_on == report_of(capsys.readouterr().out)


def test_what_differs_between_the_processes_is_one_sentence() -> None:
    first = ProcessFacts(host="a", deck="1", versions="flashcards 1, torch 2")
    same = msgspec.structs.replace(first, host="b")
    assert problem_of(first, [same, same]) == ""
    other = msgspec.structs.replace(same, deck="2")
    check_words("team: another deck", problem_of(first, [same, other]))
    newer = msgspec.structs.replace(same, versions="flashcards 1, torch 3")
    check_words("team: another version", problem_of(first, [newer]))
    lacking = msgspec.structs.replace(same, problem="(the problem)")
    check_words("team: a machine that can't", problem_of(first, [lacking]))
    nowhere = msgspec.structs.replace(first, problem="no deck")
    assert problem_of(nowhere, [lacking]) == ""  # said where process 0 opens it


def test_more_processes_than_shards_are_refused() -> None:
    request = LessonRequest(deck="apple")
    assert divided(request, 4).settings == {"n_shards": 4}
    with raises_words(LessonError, "team: too few shards"):
        divided(request, 5)
    chosen = msgspec.structs.replace(request, settings={"n_shards": 8})
    assert divided(chosen, 5) == chosen


def test_without_torchrun_it_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (str(write_capitals(tmp_path)), "--steps", "1", "--json", "--runs", str(tmp_path))
    assert main(["train", *words]) == 0
    run = json.loads(capsys.readouterr().out)["run"]
    with raises_words(LessonError, "team: a run of one process", run=Path(run).name):
        divided(LessonRequest(deck="", resume=run), 2)


def test_only_train_is_started_by_torchrun_and_one_process_speaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    said = "flashcards: torchrun starts the processes of one training: it is for `train`\n"
    for rank, expected in (("0", said), ("1", "")):
        monkeypatch.setenv("RANK", rank)
        assert main(["sweep", "apple"]) == 2
        assert capsys.readouterr().err == expected
