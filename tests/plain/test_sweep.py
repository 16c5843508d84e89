"""The runs of a sweep are the runs of `train`; what is killed is gone on with."""

import contextlib
import csv
import io
import json
import re
import signal
import sys
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.plain.sweep import task as task_process
from flashcards.plain.sweep.live_table import SweepTable
from flashcards.plain.sweep.pool import TaskWent
from flashcards.plain.sweep.task import TaskError, do
from flashcards.runs.commands import Stop
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.runs.sweep import Sweep, Task, sweeps
from flashcards.trainer.inbox import Inbox
from tests import told
from tests.commands import here, start_python
from tests.decks import write_capitals
from tests.golden import check_words, raises_words, words
from tests.held import Hold
from tests.waiting import PATIENCE_S

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
FAST = Task((("learning_rate", 0.02),), 2)
GOAL = ("--until", "step=12")


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


def made(deck: Path, runs: Path, *words: str) -> Sweep:
    code, _, _ = here("sweep", str(deck), "--runs", str(runs), "--array", "9/9", *words)
    assert code == 0
    (sweep,) = sweeps(runs)
    return sweep


def same(report: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in report.items() if name not in ("run", "train_seconds")}


@pytest.mark.slow
def test_a_run_of_a_sweep_is_the_run_that_train_gives(deck: Path, tmp_path: Path) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    assert do(sweep, FAST, Inbox())
    words = ("--seed", "2", "--set", "learning_rate=0.02", *GOAL, "--json")
    _, out, _ = here("train", str(deck), "--runs", str(tmp_path / "other"), *words)
    report = sweep.report(FAST)
    assert report is not None
    assert same(report) == same(json.loads(out))
    assert len(str(report["weights_sha256"])) == 64
    _, out, _ = here("train", str(deck), "--runs", str(tmp_path / "third"), *words[:2], *GOAL)
    assert do(sweep, Task((), 2), Inbox())
    other = sweep.report(Task((), 2))
    assert other is not None
    assert other["weights_sha256"] != report["weights_sha256"]  # the setting did something


def test_a_stopped_run_goes_on_to_the_same_weights(deck: Path, tmp_path: Path) -> None:
    whole, parts = (made(deck, tmp_path / name, *GOAL) for name in ("whole", "parts"))
    assert do(whole, FAST, Inbox())
    inbox = Inbox()

    def stop_in_the_middle(event: AnyEvent) -> None:
        if event.step >= 4:
            inbox.put(Stop())

    assert not do(parts, FAST, inbox, stop_in_the_middle)
    assert parts.phase(FAST) == "begun"
    (run,) = parts.folder(FAST).glob("20*")
    assert do(parts, FAST, Inbox())
    reports = whole.report(FAST), parts.report(FAST)
    assert reports[0] is not None
    assert reports[1] is not None
    assert same(reports[0]) == same(reports[1])
    assert reports[1]["run"] == str(run)
    log = (run / "events.jsonl").read_bytes()
    assert do(parts, FAST, Inbox())  # what is done is not done again
    assert (run / "events.jsonl").read_bytes() == log


@pytest.mark.parametrize(
    "left", [None, *(pytest.param(left, marks=pytest.mark.slow) for left in ("", '{"seed": 2,'))]
)
def test_a_run_without_a_report_is_made_again(deck: Path, tmp_path: Path, left: str | None) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    assert do(sweep, FAST, Inbox())
    first = sweep.report(FAST)
    (sweep.folder(FAST) / "report.json").unlink()
    if left is not None:
        (sweep.folder(FAST) / "report.json").write_text(left, encoding="utf-8")
    assert do(sweep, FAST, Inbox())
    again = sweep.report(FAST)
    assert first is not None
    assert again is not None
    assert same(first) == same(again)


def test_a_damaged_run_is_named_and_made_again_elsewhere(deck: Path, tmp_path: Path) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    assert do(sweep, FAST, Inbox())
    (sweep.folder(FAST) / "report.json").unlink()
    run = sweep.run_path(FAST)
    assert run is not None
    (run / "run.json").write_text("", encoding="utf-8")
    with pytest.raises(TaskError) as caught:
        do(sweep, FAST, Inbox())
    damage, reason, remedy = re.split(": |; ", str(caught.value))
    assert damage == words("run: a damaged file", file=run / "run.json")
    assert reason
    check_words("sweep: a damaged run", remedy, run=run)
    run.rename(tmp_path / "away")
    assert do(sweep, FAST, Inbox())


def test_a_run_that_another_program_makes_is_left_to_it(deck: Path, tmp_path: Path) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    lock = sweep.take(FAST)
    assert lock is not None
    with lock, raises_words(TaskError, "sweep: done elsewhere"):
        do(sweep, FAST, Inbox())
    assert sweep.failure(FAST) is None


@pytest.fixture
def end_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Gives the exit status of the process of a task, here in the tests' own, and what it wrote."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def end(request: bytes, written: list[AnyEvent], *asked: Stop) -> int:
        (tmp_path / "request").write_bytes(request)

        def put(stdin: FileIO, inbox: Inbox, leave_after_s: float) -> None:
            for command in asked:
                inbox.put(command)

        monkeypatch.setattr(task_process, "read_commands", put)
        with (tmp_path / "request").open("rb", buffering=0) as stdin:
            monkeypatch.setattr(task_process, "open_pipes", lambda _: (stdin, written.append))
            return task_process.main()

    return end


def test_the_process_of_a_task_ends_with_how_its_run_went(
    deck: Path, tmp_path: Path, end_task: Callable[..., int]
) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    request = msgspec.json.encode(task_process.TaskRequest(sweep=str(sweep.path), task=FAST))
    written: list[AnyEvent] = []
    lock = sweep.take(FAST)
    assert lock is not None
    with lock:
        assert end_task(request, written) == 1
    assert written.pop() == TrainerFailed(step=0, text="another program is doing it")
    assert end_task(b"{}\n", written) == 1
    assert isinstance(written.pop(), TrainerFailed)
    assert end_task(request, written, Stop()) == 2
    assert sweep.phase(FAST) == "begun"
    assert end_task(request, written) == 0
    assert sweep.phase(FAST) == "done"
    assert written[-1].step == 12
    assert {type(event) for event in written} <= set(task_process.TOLD)


def test_what_is_done_is_printed_as_a_table_an_object_and_rows(deck: Path, tmp_path: Path) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    tasks = [Task((("width", width),), seed) for seed in (1, 2) for width in (16, 32)]
    assert all(do(sweep, task, Inbox()) for task in tasks)
    chosen = ("--seeds", "1,2", "--set", "width=16,32")
    words = ("sweep", str(deck), "--runs", str(tmp_path / "runs"), *GOAL, *chosen)
    code, out, error = here(*words)
    assert (code, error) == (0, "")
    lines = out.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["width=16", "2"], ["width=32", "2"]]
    assert all(len(line) <= 80 for line in lines[:3])
    picture = Path(lines[3]).read_text(encoding="utf-8")
    assert picture.count(" thin") == 8  # seen and never taught, of four runs
    assert picture.count(">width=16<") == 1

    report = json.loads(here(*words, "--json")[1])
    assert [(run["seed"], run["settings"]) for run in report["runs"]] == [
        (task.seed, task.chosen) for task in tasks
    ]
    for run, task in zip(report["runs"], tasks, strict=True):
        assert {**(sweep.report(task) or {}), "settings": task.chosen} == run
    assert report["groups"][1]["seeds"] == [1, 2]
    assert report["groups"][0]["step"] == {"median": 12, "low": 12, "high": 12}
    assert report["failed"] == []

    rows = list(csv.DictReader(io.StringIO(here(*words, "--csv")[1])))
    assert [row["width"] for row in rows] == ["16", "16", "32", "32"]
    assert {row["step"] for row in rows} == {"12"}
    assert {row["seen_total"] for row in rows} == {"10"}


def test_each_part_of_an_array_has_its_share_of_the_runs(deck: Path, tmp_path: Path) -> None:
    sweep = made(deck, tmp_path / "runs", *GOAL)
    assert do(sweep, Task((), 3), Inbox())
    words = ("sweep", str(deck), "--runs", str(tmp_path / "runs"), *GOAL, "--seeds", "1-5")
    report = json.loads(here(*words, "--array", "3/5", "--json")[1])
    assert [run["seed"] for run in report["runs"]] == [3]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--set", "learning_rat=0.1"), "sweep: a setting misspelled"),
        (("--set", "width=60"), "sweep: an odd width"),
        (("--set", "learning_rate=x"), "sweep: no number"),
        (("--set", "tokenizer=x"), "sweep: no tokenizer"),
        (("--device", "cuda"), "sweep: no cuda"),
    ],
)
def test_what_no_run_has_use(deck: Path, tmp_path: Path, words: tuple[str, ...], key: str) -> None:
    import torch

    if "cuda" in words and torch.cuda.is_available():
        pytest.skip("cuda is here")
    code, out, error = here("sweep", str(deck), "--runs", str(tmp_path / "runs"), *words)
    assert (code, out, error.count("\n")) == (1, "", 1)
    check_words(key, error)
    assert not (tmp_path / "runs").exists()


def test_a_share_of_cards_that_are_not_there_is_refused_before_any_run(tmp_path: Path) -> None:
    deck = tmp_path / "all.deck"
    deck.write_text("a :: b\n", encoding="utf-8")
    words = ("sweep", str(deck), "--runs", str(tmp_path / "runs"), "--until", "unseen=0.9")
    code, out, error = here(*words)
    assert (code, out, error.count("\n")) == (1, "", 1)
    check_words("goal: never reached", error.removeprefix("flashcards: "), goal="unseen=0.9")


@pytest.mark.parametrize(
    "words",
    [
        ("--seeds", "5-1"),
        ("--seeds", "a"),
        ("--seeds", "1-99999"),
        ("--set", "x"),
        ("--set", "width=1,,2"),
        ("--set", "width=../x"),
        ("--array", "0/3"),
        ("--array", "4/3"),
    ],
)
def test_arguments_that_are_none_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended, contextlib.redirect_stderr(io.StringIO()) as error:
        cli.main(["sweep", "capitals", *words])
    assert ended.value.code == 2
    assert words[0] in error.getvalue()


def test_the_table_says_how_far_it_is_and_how_long_the_rest_takes() -> None:
    now_s = [0.0]
    table = SweepTable("Some capitals", 4, 1, 2, lambda: now_s[0])
    one, two = Task((), 1), Task((), 2)
    table.take(TaskWent(one, "begun"))
    exam = told.exam(40, (5, 10), (0, 0), cards_taught=400, is_full=False)
    table.take(TaskWent(one, "begun", exam))
    taken = told.steps(44, cards_taught=440)
    table.take(TaskWent(one, "begun", taken))
    check_words("sweep: no estimate yet", table.lines()[1].lstrip("━─ "))
    assert max(map(len, table.lines())) <= 79
    assert re.findall(r"[\d–]+", table.lines()[2]) == ["1", "44", "50", "–"]
    now_s[0] = 30.0
    table.take(TaskWent(one, "done"))
    table.take(TaskWent(two, "failed", why="full"))
    check_words("sweep: an estimate", table.lines()[1].lstrip("━─ "))
    assert table.lines()[2:] == ["  seed=2 failed"]
    assert table.failed == {two: "full"}


@posix
@pytest.mark.slow
@pytest.mark.pair
def test_a_killed_one_goes_on(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, hold = tmp_path / "runs", Hold(tmp_path / "hold", monkeypatch, step=4)
    goal = ("--until", "step=250")
    words = (str(deck), "--runs", str(runs), *goal, "--seeds", "1-3", "--jobs", "2")
    started = ("-m", "flashcards", "sweep", *words)
    process = start_python(*started)
    for seed in (1, 2):
        hold.wait_for(runs, f"sweep-*/seed={seed}/20*")
    process.kill()
    process.communicate()
    hold.let_go()
    (sweep,) = sweeps(runs)
    deadline = time.monotonic() + PATIENCE_S
    for seed in (1, 2):  # the runs end by themselves, without their parent
        while (lock := sweep.take(Task((), seed))) is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        lock.close()
        assert sweep.phase(Task((), seed)) == "begun"
    begun = [sweep.run_path(Task((), seed)) for seed in (1, 2)]
    (sweep.path / "seed=3").write_text("in the way", encoding="utf-8")
    process = start_python(*started, "--json")
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    check_words("sweep: a failed run", error.rpartition(": ")[0])
    assert error.count("\n") == 1
    report = json.loads(out)
    assert [run["run"] for run in report["runs"]] == [str(path) for path in begun]
    _, out, _ = here("train", str(deck), "--runs", str(tmp_path / "o"), *goal, "--json")
    assert report["runs"][0]["weights_sha256"] == json.loads(out)["weights_sha256"]
    assert [failed["seed"] for failed in report["failed"]] == [3]


def test_submitit_is_asked_for(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    words = ("--runs", str(tmp_path / "runs"), "--cluster", "local")
    code, out, error = here("sweep", str(deck), *words)
    assert (code, out) == (1, "")
    check_words("sweep: no submitit", error)
