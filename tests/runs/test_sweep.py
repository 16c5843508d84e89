"""A sweep's folder, the band of many curves, and what the runs came to."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from flashcards.cli import main
from flashcards.runs.goal import Goal
from flashcards.runs.sweep import Sweep, SweepError, SweepInfo, Task, find_sweep, sweeps, tasks_of
from flashcards.runs.sweep_scores import at, band, grouped
from tests.golden import check_words, raises_words

SHARES = st.integers(0, 100).map(lambda percent: percent / 100)
INFO = SweepInfo(
    format=1,
    deck="capitals",
    deck_name="Some capitals",
    deck_file="capitals.deck",
    deck_sha256="ab" * 32,
    deck_path="/decks/capitals.deck",
    is_read=False,
    goal=Goal(seen=1.0),
    device="cpu",
    version="0.1.0",
)


def test_every_combination_is_a_task_and_those_that_are_compared_begin_together() -> None:
    tasks = tasks_of({"width": [32, 64], "learning_rate": [0.01, 0.02]}, (3, 1))
    assert [task.name for task in tasks[:4]] == [
        "learning_rate=0.01,width=32,seed=3",
        "learning_rate=0.01,width=64,seed=3",
        "learning_rate=0.02,width=32,seed=3",
        "learning_rate=0.02,width=64,seed=3",
    ]
    assert len({task.name for task in tasks}) == 8
    assert {task.seed for task in tasks[4:]} == {1}
    with raises_words(SweepError, "sweep: too many runs"):
        tasks_of({"width": [32, 64]}, range(10_000))


def test_the_same_deck_and_goal_are_the_same_folder_and_others_another(tmp_path: Path) -> None:
    sweep = Sweep.create(tmp_path, INFO, b"a :: b\n")
    assert sweep.path.name == f"sweep-capitals-{INFO.key}"
    assert sweep.deck_path.read_bytes() == b"a :: b\n"
    assert Sweep.create(tmp_path, INFO, b"a :: b\n").path == sweep.path
    other = msgspec.structs.replace(INFO, goal=Goal(seen=0.5))
    assert Sweep.create(tmp_path, other, None).path != sweep.path
    assert {found.path for found in sweeps(tmp_path)} == set(tmp_path.iterdir())
    for name in (sweep.path.name, INFO.key, str(sweep.path)):
        found = find_sweep(tmp_path, name)
        assert found is not None
        assert found.info == INFO
    assert find_sweep(tmp_path, "nothing") is None


def test_a_folder_with_a_sweep_of_something_else_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = Sweep.create(tmp_path, INFO, None).path
    assert Sweep.create(path, INFO, None).path == path
    other = msgspec.structs.replace(INFO, device="cuda")
    with raises_words(SweepError, "sweep: another sweep", sweep=path):
        Sweep.create(path, other, None)
    (path / "sweep.json").write_text("{", encoding="utf-8")
    with pytest.raises(SweepError, match=r"sweep\.json is damaged"):
        Sweep.open(path)
    assert list(sweeps(tmp_path)) == []


def test_a_damaged_sweep_says_what_to_delete_and_goes_on_then(tmp_path: Path) -> None:
    path = Sweep.create(tmp_path, INFO, b"a :: b\n").path
    (path / "sweep.json").write_text("", encoding="utf-8")
    (path / "deck" / "capitals.deck").write_text("a ::", encoding="utf-8")
    said = r"sweep\.json is damaged: .*; delete this file, and the same sweep goes on .* in /.*, "
    with pytest.raises(SweepError, match=said):
        Sweep.create(tmp_path, INFO, b"a :: b\n")
    (path / "sweep.json").unlink()
    sweep = Sweep.create(tmp_path, INFO, b"a :: b\n")
    assert sweep.path == path
    assert sweep.deck_path.read_bytes() == b"a :: b\n"
    sweep.deck_path.write_text("a ::", encoding="utf-8")
    assert Sweep.create(tmp_path, INFO, b"a :: b\n").deck_path.read_bytes() == b"a :: b\n"


def test_a_deck_file_named_from_outside_stays_inside(tmp_path: Path) -> None:
    info = msgspec.structs.replace(INFO, deck="../x", deck_file="../../etc/passwd")
    path = tmp_path / "sweep-x"
    (path / "deck").mkdir(parents=True)
    (path / "sweep.json").write_bytes(msgspec.json.encode(info))
    assert Sweep.open(path).deck_path == Path(INFO.deck_path)
    assert Sweep.create(tmp_path / "runs", info, None).path.parent == tmp_path / "runs"


def report(seed: int, step: int, right: int) -> dict[str, object]:
    score = {"right": right, "total": 10}
    return {
        "seed": seed,
        "step": step,
        "cards_taught": 10 * step,
        "train_seconds": 1.5,
        "seen": score,
        "unseen": {"right": 0, "total": 0},
        "reached": True,
        "ended": "until",
        "run": "somewhere",
    }


def test_a_group_has_the_median_and_the_range_of_its_runs(tmp_path: Path) -> None:
    sweep = Sweep.create(tmp_path, INFO, None)
    tasks = tasks_of({"width": [32, 64]}, (1, 2, 3))
    for task in tasks:
        lock = sweep.take(task)
        assert lock is not None
        with lock:
            assert sweep.take(task) is None  # one at a time
            step = task.seed * int(task.chosen["width"])
            sweep.finish(task, report(task.seed, step, 7 + task.seed))
    assert sweep.tasks() == tasks_of({"width": [32]}, (1, 2, 3)) + tasks_of(
        {"width": [64]}, (1, 2, 3)
    )
    small, large = grouped(sweep, tasks)
    assert (small.label, large.label) == ("width=32", "width=64")
    assert small.spread("step") == (64, 32, 96)
    assert large.spread("seen") == (0.9, 0.8, 1.0)
    assert large.spread("unseen") is None
    sweep.finish(tasks[0], {"seed": "x"})
    with pytest.raises(SweepError, match=r"report\.json is damaged"):
        grouped(sweep, tasks)


def test_what_failed_is_said_until_it_is_done(tmp_path: Path) -> None:
    sweep, task = Sweep.create(tmp_path, INFO, None), Task()
    assert sweep.phase(task) == "waiting"
    lock = sweep.take(task)
    assert lock is not None
    with lock:
        sweep.fail(task, "the disk is full")
    assert (sweep.phase(task), sweep.failure(task)) == ("failed", "the disk is full")
    sweep.finish(task, report(1, 5, 10))
    assert (sweep.phase(task), sweep.failure(task)) == ("done", None)


def test_the_band_is_the_median_and_the_range_at_each_step() -> None:
    curves = [[(0, 0.0), (10, 1.0)], [(0, 0.0), (20, 0.5)], [(0, 0.2), (10, 0.2), (20, 0.4)]]
    assert band(curves) == (
        (0, 0.0, 0.0, 0.2),
        (10, 0.2, 0.25, 1.0),
        (20, 0.4, 0.5, 1.0),  # the first ended at 10, and counts on
    )
    assert band([]) == band([[]]) == ()


@given(st.lists(st.lists(st.tuples(st.integers(0, 99), SHARES), max_size=6), max_size=5))
def test_every_run_is_within_the_band(points: list[list[tuple[int, float]]]) -> None:
    curves = [sorted(dict(curve).items()) for curve in points]
    found = {point.step: point for point in band(curves)}
    for curve in curves:
        for step, share in curve:
            assert found[step].low <= share <= found[step].high
            assert found[step].low <= found[step].median <= found[step].high


def test_a_damaged_task_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = Sweep.create(tmp_path, INFO, None)
    for seed in (1, 2, 3):
        lock = sweep.take(Task(seed=seed))
        assert lock is not None
        lock.close()
        sweep.finish(Task(seed=seed), report(seed, 5, 10))
    for seed, text in ((1, "{"), (3, '{"seed": 2}')):
        (sweep.folder(Task(seed=seed)) / "task.json").write_text(text, encoding="utf-8")
    assert sweep.tasks() == [Task(seed=2)]
    picture = tmp_path / "curves.svg"
    assert main(["curves", str(sweep.path), "-o", str(picture)]) == 0
    out, error = capsys.readouterr()
    assert out == f"{picture}: 1 run\n"
    for seed, line in zip((1, 3), error.splitlines(), strict=True):
        task = sweep.folder(Task(seed=seed)) / "task.json"
        check_words("sweep: a damaged task", line, task=task, folder=task.parent)


def test_between_two_exams_a_score_is_on_the_line_between_them() -> None:
    curve = ((0, 0.0), (100, 0.2), (200, 0.6))
    shares = [at(curve, step) for step in (0, 50, 100, 125, 200, 300)]
    assert shares == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.6, 0.6])
