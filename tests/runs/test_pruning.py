"""Runs are deleted under a budget: which go, which stay, and what a kill or a stranger leaves."""

import errno
import itertools
import os
import shutil
import sys
import time
from pathlib import Path

import msgspec
import pytest

from flashcards.base import columns, system
from flashcards.cli import main
from flashcards.runs import catalog, pruning
from flashcards.runs.catalog import RunSummary, save_summary
from flashcards.runs.events import BookmarkSet, LessonEnded
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.pruning import chosen
from flashcards.runs.sweep import Sweep, Task
from flashcards.runs.values import Score
from tests.golden import check_words, raises_words
from tests.posix import is_root
from tests.runs.test_events import START
from tests.runs.test_folder import create
from tests.runs.test_sweep import INFO

NOW_S = time.time()
ENDED = LessonEnded(
    step=400, reason="all_right", verdict_kind="memorised", seen=Score(5, 5), unseen=Score(0, 0)
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are POSIX's")


def run(
    root: Path,
    deck: str,
    age_s: float,
    *,
    size: int = 1000,
    train_s: float = 60.0,
    parent: str = "",
) -> Path:
    folder = create(root, deck)
    (folder.path / "resume-x").write_bytes(bytes(size))
    log = folder.open_log()
    log.append(START)
    if train_s >= pruning.SHORT_S:
        log.append(ENDED)
    log.close()
    save_summary(folder, RunSummary(step=400, train_seconds=train_s))
    if parent:
        _rewrite(folder.path, parent=parent)
    _age(folder.path, age_s)
    folder.release()
    return folder.path


def _age(path: Path, age_s: float) -> None:
    os.utime(path / "events.jsonl", (NOW_S - age_s, NOW_S - age_s))


def _rewrite(path: Path, **changes: str) -> None:
    known = msgspec.json.decode((path / "run.json").read_bytes())
    (path / "run.json").write_bytes(msgspec.json.encode(known | changes))


def _pruned(root: Path, budget_bytes: float = 0) -> list[Path]:
    return [entry.path for entry in pruning.prune(root, budget_bytes, NOW_S)]


def test_the_oldest_go_until_the_rest_fits_after_short_abandoned_ones(tmp_path: Path) -> None:
    old = run(tmp_path, "old", 400)
    short = run(tmp_path, "short", 300, train_s=3)
    middle = run(tmp_path, "middle", 200)
    new = run(tmp_path, "new", 100)
    total = catalog.size_of(tmp_path)
    assert _pruned(tmp_path, total) == []
    assert _pruned(tmp_path, total - 1) == [short]
    assert _pruned(tmp_path, catalog.size_of(tmp_path) - 1) == [old]
    assert _pruned(tmp_path) == [middle]
    assert [path.name for path in tmp_path.iterdir()] == [new.name]


def test_kept_named_bookmarked_running_and_needed_runs_stay(tmp_path: Path) -> None:
    kept = run(tmp_path, "kept", 900)
    pruning.keep(tmp_path, kept.name)
    named = run(tmp_path, "named", 800).rename(tmp_path / "for the class")
    marked = run(tmp_path, "marked", 700)
    log = RunFolder.open(marked).open_log()
    log.append(BookmarkSet(step=400, text="here"))
    log.close()
    _age(marked, 700)
    running = RunFolder.open(run(tmp_path, "running", 600))
    running.acquire()
    needed = run(tmp_path, "needed", 500)
    branch = run(tmp_path, "branch", 100, parent=needed.name)
    assert _pruned(tmp_path, budget_bytes=2 * catalog.size_of(branch) + 3_000) == []
    assert _pruned(tmp_path) == []
    newest = run(tmp_path, "newest", 50)
    assert _pruned(tmp_path) == [branch, needed]
    running.release()
    assert _pruned(tmp_path) == [running.path]
    assert {path for path in tmp_path.iterdir() if path.is_dir()} == {kept, named, marked, newest}


def test_what_a_folder_says_of_its_age_does_not_keep_it(tmp_path: Path) -> None:
    own, foreign = run(tmp_path, "own", 200), run(tmp_path, "foreign", 300)
    newest = run(tmp_path, "newest", 100)
    _rewrite(foreign, started="9999-01-01T00:00:00+00:00")
    assert _pruned(tmp_path, catalog.size_of(own) + catalog.size_of(newest)) == [foreign]


@posix
def test_nor_does_what_its_files_say_of_the_future(tmp_path: Path) -> None:
    foreign = run(tmp_path, "foreign", -1e9)
    entry = catalog.list_runs(tmp_path)[0]
    assert entry.path == foreign
    assert entry.written_at_s <= time.time()


@posix
def test_what_cannot_be_locked_is_passed_over(tmp_path: Path) -> None:
    odd = run(tmp_path, "odd", 400)
    (odd / "writer.lock").unlink()
    (odd / "writer.lock").mkdir()
    shut = run(tmp_path, "shut", 300)
    (shut / "writer.lock").unlink()
    if not is_root():
        shut.chmod(0o500)
    old, new = run(tmp_path, "old", 200), run(tmp_path, "new", 100)
    deleted = _pruned(tmp_path)
    shut.chmod(0o700) if shut.exists() else None
    assert old in deleted
    assert odd not in deleted
    assert new.is_dir()
    with pytest.raises(RunError, match=r"can't be written.*writer\.lock"):
        pruning.delete_run(odd)


def test_a_run_is_renamed_before_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run(tmp_path, "a", 1)
    seen: list[bool] = []

    def killed(trash: Path, **options: object) -> None:
        seen.append((Path(trash) / "run" / "run.json").is_file() and not path.exists())
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            pruning.delete_run(path)
    assert seen == [True]
    assert catalog.list_runs(tmp_path) == []
    assert _pruned(tmp_path, 1e9) == []
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_run_that_a_link_leads_to_is_left(tmp_path: Path) -> None:
    root = tmp_path / "root"
    outside, newest = run(tmp_path / "elsewhere", "outside", 99), run(root, "newest", 1)
    (root / "link").symlink_to(outside)
    assert _pruned(root) == []
    pruning.delete_run(root / "link")
    assert (outside / "run.json").is_file()
    assert [path.name for path in root.iterdir()] == [newest.name]


def test_a_folder_that_cannot_be_listed_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "(the reason)", str(path))

    monkeypatch.setattr(Path, "iterdir", refused)
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    check_words("runs: a folder that can't be listed", capsys.readouterr().out, runs=tmp_path)
    assert _pruned(tmp_path) == []


def test_a_folder_that_was_being_built_long_ago_goes_and_one_of_now_stays(tmp_path: Path) -> None:
    now_s = time.time()
    new, talk, other = tmp_path / ".new-x", tmp_path / ".talk-x", tmp_path / ".mine"
    for path in (new, talk, other):
        path.mkdir()
        (path / "run.json").touch()
    pruning.clean(tmp_path, now_s)
    assert new.is_dir()
    pruning.clean(tmp_path, now_s + 2 * 3600)
    assert not new.exists()
    assert talk.is_dir()
    pruning.clean(tmp_path, now_s + 2 * 86_400)
    assert [path.name for path in tmp_path.iterdir()] == [".mine"]


def test_a_run_that_was_taken_away_before_it_was_locked_is_said_so(tmp_path: Path) -> None:
    path = run(tmp_path, "a", 1)
    folder = RunFolder.open(path)
    shutil.rmtree(path)
    with raises_words(RunError, "run: deleted while opened", run=path.name):
        folder.acquire()


def test_a_lock_of_no_folder_locks_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program opened the lock's file just before the run was deleted."""
    path = run(tmp_path, "a", 1)
    folder, lock = RunFolder.open(path), system.lock

    def late(file: object) -> None:
        shutil.rmtree(path)
        lock(file)  # type: ignore[arg-type]

    monkeypatch.setattr(system, "lock", late)
    with raises_words(RunError, "run: deleted while opened", run=path.name):
        folder.acquire()


@pytest.mark.parametrize(("said", "size"), [("", 2e9), ("0.5", 5e8), ("0", 0), ("inf", None)])
def test_the_budget_is_two_gigabytes_or_as_asked(said: str, size: float | None) -> None:
    expected = float("inf") if size is None else size
    assert pruning.budget_of({pruning.BUDGET_VARIABLE: said}) == expected


@pytest.mark.parametrize("said", ["much", "-1", "nan"])
def test_a_budget_that_is_no_number_is_said(said: str) -> None:
    with pytest.raises(RunError, match="FLASHCARDS_RUNS_GB"):
        pruning.budget_of({pruning.BUDGET_VARIABLE: said})


def test_deleting_something_that_is_no_run_is_refused(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    reason = os.strerror(errno.ENOENT)
    with raises_words(RunError, "run: no run", run="precious", reason=reason, file="run.json"):
        pruning.delete_run(precious)
    with raises_words(RunError, "run: nothing to delete", path=precious):
        pruning.delete_damaged(precious)
    (precious / "run.json").write_text("{}")
    with raises_words(RunError, "run: nothing to delete", path=precious):
        pruning.delete_damaged(precious)
    assert (precious / "file").read_text() == "x"


def test_runs_shows_when_and_how_large_in_80_columns_and_keeps_what_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    long, other = run(tmp_path, "past-tenses of all verbs 過去形 過去形", 5), run(tmp_path, "b", 99)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main(["runs", "--runs", str(tmp_path), "--keep", other.name]) == 0
    check_words("runs: kept", capsys.readouterr().out, run=other.name)
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    written = time.strftime("%m-%d %H:%M", time.localtime(NOW_S - 99))
    (row,) = [line for line in lines if other.name in line]
    assert row.startswith(f"*{written}")
    assert "0.0 MB" in row
    assert any(long.name[-9:] in line for line in lines)
    assert all(columns.width(line) <= 80 for line in lines if str(tmp_path) not in line)
    assert _pruned(tmp_path) == []
    assert other.is_dir()


def test_remains_can_be_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remains, damaged = run(tmp_path, "remains", 300), run(tmp_path, "damaged", 200)
    (remains / "run.json").unlink()
    (damaged / "run.json").write_text("[")
    (tmp_path / "2026-01-01-my-own-0000").mkdir()
    words = ["runs", "--runs", str(tmp_path)]
    assert main(words) == 0
    out = capsys.readouterr().out
    remainder = next(line for line in out.splitlines() if "--prune" in line)
    check_words("runs: remains", remainder)
    assert "damaged" in out
    assert main([*words, "--delete", damaged.name]) == 0
    assert main([*words, "--prune"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["2026-01-01-my-own-0000"]


def test_a_name_that_several_runs_end_in_is_said_to_be_so(tmp_path: Path) -> None:
    one, other = run(tmp_path, "a", 5), run(tmp_path, "b", 5)
    assert one.name[-4:] == other.name[-4:]
    names = f"{other.name}, {one.name}"
    with raises_words(RunError, "run: several runs", runs=names, end=one.name[-4:]):
        catalog.find_run(tmp_path, one.name[-4:])


def test_models_of_sweeps_go_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = run(tmp_path, "fresh", 5)
    sweep, task = Sweep.create(tmp_path, INFO, None), Task()
    lock = sweep.take(task)
    assert lock is not None
    lock.close()
    made = run(sweep.folder(task), "capitals", 900, size=1)
    state = made / "keyframes" / "00000001-0123456789abcdef.safetensors"
    state.write_bytes(bytes(5000))
    sweep.fail(task, "not over yet: it is gone on with")
    assert pruning.prune(tmp_path, 5500, NOW_S) == []
    assert state.exists()
    sweep.finish(task, {"seed": 1})
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("sweeps")]
    check_words("runs: sweeps", line)
    assert pruning.prune(tmp_path, 1e6, NOW_S) == []
    assert state.exists()
    assert pruning.prune(tmp_path, 5500, NOW_S) == []
    assert not state.exists()
    assert kept.exists()
    assert (made / "events.jsonl").exists()
    assert sweep.phase(task) == "done"


def test_a_run_that_was_deleted_meanwhile_has_no_size(tmp_path: Path) -> None:
    assert catalog.size_of(tmp_path / "deleted") == 0


def test_the_first_the_last_and_the_needed_stay_and_the_rest_evenly() -> None:
    steps = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 403, 431]
    assert chosen(steps, 3, set(), set()) == {0, 256, 431}
    assert chosen(steps, 3, {16, 17}, set()) == {0, 16, 256, 431}
    assert chosen(steps, 4, set(), set()) == {0, 128, 256, 431}
    assert chosen(steps, 99, set(), set()) == {*steps}
    assert chosen([5], 3, {0}, set()) == {5}
    assert chosen([], 3, {0}, set()) == set()


def test_a_marked_moment_near_the_middle_is_preferred() -> None:
    steps = [0, 100, 200, 300, 400]
    assert chosen(steps, 3, set(), {300}) == {0, 300, 400}
    assert chosen(steps, 3, set(), {1, 400}) == {0, 200, 400}


def test_every_gap_is_about_as_wide() -> None:
    steps = [*range(0, 10_000, 192), 10_000]
    kept = sorted(chosen(steps, 20, set(), set()))
    assert max(b - a for a, b in itertools.pairwise(kept)) <= 4 * 192
    assert len(kept) == 20
