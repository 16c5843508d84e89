"""Deletes runs: one that is named, or those that are over the budget of disk space.

A folder goes whole: it is renamed to `.trash-…` while its lock is held, and removed from there.
What a run says of its age decides nothing: the files' own times do. Of a lesson that was left, only
so many saved states stay; steps between are trained again, in seconds.
"""

import contextlib
import itertools
import math
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import msgspec

from flashcards.base import system
from flashcards.runs import cursor, events, run_files
from flashcards.runs.catalog import RunEntry, list_runs, size_of
from flashcards.runs.folder import RunError, RunFolder, read_state
from flashcards.runs.markers import Bookmark, ModelBroke, RateWasChanged
from flashcards.runs.recording import Recording
from flashcards.runs.sweep import sweeps

DEFAULT_BUDGET_GB = 2.0
BUDGET_VARIABLE = "FLASHCARDS_RUNS_GB"
SHORT_S = 10.0  # A lesson that was left before its end after less training than this goes first

LEFTOVER_AFTER_S = {".trash-": -math.inf, ".new-": 3600.0, ".talk-": 86_400.0}
"""Folders of work in progress, by how they are named: leftovers when not written for so long."""

KEPT_FILE = ".kept"
MAX_KEPT_BYTES = 1 << 20

_TRASH = ".trash-"
_PARTS = re.compile(
    r"run\.json|events\.jsonl|deck|keyframes|tokenizer\.model|summary\.json|twin"
    r"|writer\.lock|resume-.*|\.writing-.*|.*\.safetensors\.damaged"
)
_RUN_NAME = re.compile(r"\d{4}-\d\d-\d\d-.+-[0-9a-f]{4}")


def budget_of(environment: Mapping[str, str]) -> float:
    """The budget of all runs in bytes: what the environment says in GB, or the default.
    Raises RunError: it says no number from 0 on."""
    text = environment.get(BUDGET_VARIABLE, "")
    try:
        size_gb = float(text) if text else DEFAULT_BUDGET_GB
    except ValueError:
        size_gb = -1.0
    if not size_gb >= 0:
        raise RunError(f"{BUDGET_VARIABLE} is {text!r}: it is a number of gigabytes, such as 2")
    return size_gb * 1e9


def kept_runs(root: Path) -> set[str]:
    try:
        data = run_files.read_file(root / KEPT_FILE, MAX_KEPT_BYTES)
    except OSError:
        return set()
    return {os.fsdecode(line) for line in data.splitlines() if line}


def keep(root: Path, name: str) -> None:
    """Never prune the run of this name. Raises RunError: that can't be written."""
    kept_names = {name for name in kept_runs(root) if (root / name).is_dir()}
    lines = [os.fsencode(run) + b"\n" for run in sorted({*kept_names, name})]
    try:
        run_files.write_atomically(root / KEPT_FILE, b"".join(lines))
    except OSError as error:
        raise RunError(f"{name} can't be marked: {error.strerror or error}") from error


def delete_run(path: Path) -> None:
    """Delete one run's folder.
    Raises RunError: it isn't a run, it is being written, or the system refuses."""
    folder = RunFolder.open(path)
    folder.acquire()
    try:
        _remove(path, folder)
    finally:
        folder.release()


def delete_damaged(path: Path) -> None:
    """Delete a folder that holds nothing but what runs hold, though it can't be opened as one.
    Raises RunError: it holds something else, or the system refuses."""
    if not _is_of_a_run(path):
        raise RunError(f"{path} is not a run")
    _remove(path)


def remains(root: Path) -> list[Path]:
    return [
        path
        for path in _folders(root)
        if _RUN_NAME.fullmatch(path.name)
        and not os.path.lexists(path / "run.json")
        and _is_of_a_run(path)
    ]


def stays(root: Path, entries: list[RunEntry]) -> set[Path]:
    """The runs that are never pruned, and not counted: kept, named by hand, or bookmarked."""
    names = kept_runs(root)
    return {
        entry.path
        for entry in entries
        if entry.path.name in names
        or entry.path.name != entry.info.run
        or _has_bookmark(entry.path)
    }


def counted_bytes(root: Path, entries: list[RunEntry]) -> int:
    staying = stays(root, entries)
    return sum(entry.size_bytes for entry in entries if entry.path not in staying)


def prune(root: Path, budget_bytes: float, now_s: float) -> list[RunEntry]:
    """Delete runs until the rest fits the budget; what was deleted.
    Before any goes, states of those that were killed are thinned as when a lesson is left. Short
    abandoned ones go first, then those that were written longest ago. The newest, those that
    `stays` names, parents of branches that are there, and runs in use stay. Before any run goes, so
    do the models of sweeps; their curves and scores stay."""
    clean(root, now_s)
    entries = [entry for entry in list_runs(root) if not entry.path.is_symlink()]
    runs_bytes = sum(entry.size_bytes for entry in entries)
    budget_bytes = max(0.0, budget_bytes - _thin_sweeps(root, budget_bytes - runs_bytes))
    if runs_bytes <= budget_bytes:
        return []
    staying = stays(root, entries)
    entries = sorted(entries, key=lambda entry: (entry.written_at_s, entry.path.name))
    counted = [entry for entry in entries if entry.path not in staying]
    if sum(entry.size_bytes for entry in counted) > budget_bytes:
        entries = [_thinned(entry) if entry in counted else entry for entry in entries]
    total = sum(entry.size_bytes for entry in entries if entry.path not in staying)
    candidates = [entry for entry in entries[:-1] if entry.path not in staying]
    candidates.sort(key=lambda entry: not _is_abandoned(entry))
    deleted: list[RunEntry] = []
    parent_of = {entry.path: entry.info.parent for entry in entries}
    while total > budget_bytes:
        parents = {*parent_of.values()}
        entry = next((entry for entry in candidates if entry.info.run not in parents), None)
        if entry is None:
            break
        candidates.remove(entry)
        with contextlib.suppress(RunError, OSError):
            delete_run(entry.path)
            deleted.append(entry)
            del parent_of[entry.path]
            total -= entry.size_bytes
    return deleted


def sweeps_bytes(root: Path) -> int:
    return sum(size_of(sweep.path) for sweep in sweeps(root))


def _thin_sweeps(root: Path, room_bytes: float) -> int:
    """Delete models of sweeps that are over, oldest first, until the rest fits; bytes left."""
    oldest_first = sorted(
        sweeps(root), key=lambda sweep: (_touched_at_s(sweep.path), sweep.path.name)
    )
    total = sum(size_of(sweep.path) for sweep in oldest_first)
    for sweep in oldest_first:
        for task in sweep.tasks():
            if total <= room_bytes:
                return total
            run = sweep.run_path(task)
            if run is None or sweep.phase(task) != "done":
                continue
            for state in (*run.glob("*.safetensors"), *run.glob("keyframes/*.safetensors")):
                with contextlib.suppress(OSError):
                    size_bytes = state.lstat().st_size
                    state.unlink()
                    total -= size_bytes
    return total


def clean(root: Path, now_s: float) -> None:
    """Remove what a killed program left half deleted, or half built."""
    for path in _folders(root, with_hidden=True):
        for prefix, after_s in LEFTOVER_AFTER_S.items():
            if path.name.startswith(prefix) and now_s - _touched_at_s(path) > after_s:
                _remove_tree(path)


def _thinned(entry: RunEntry) -> RunEntry:
    """The run with the states that a lesson leaves; as it is when it is in use or damaged."""
    with contextlib.suppress(Exception):  # whatever a stranger put into the folder
        folder = RunFolder.open(entry.path)
        folder.acquire()
        try:
            thin(folder)
        finally:
            folder.release()
        return msgspec.structs.replace(entry, size_bytes=size_of(entry.path))
    return entry


def _remove(path: Path, folder: RunFolder | None = None) -> None:
    try:
        trash = Path(tempfile.mkdtemp(dir=path.parent, prefix=_TRASH))
        if folder is not None and not system.RENAMES_OPEN_FILES:
            folder.release()
        try:
            os.rename(path, trash / "run")
        except OSError:
            trash.rmdir()
            raise
    except OSError as error:
        raise RunError(f"{path.name} can't be deleted: {error.strerror or error}") from error
    if folder is not None:
        folder.release()
    if not _remove_tree(trash):
        raise RunError(f"{path.name} can't be deleted whole: the rest is in {trash.name}")


def _remove_tree(path: Path) -> bool:
    """Remove a folder, and tell whether it is gone. One that can't be written is made so first: it
    is the user's."""
    shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        for parent, _, _ in os.walk(path):
            with contextlib.suppress(OSError):
                os.chmod(parent, stat.S_IRWXU)
        shutil.rmtree(path, ignore_errors=True)
    return not os.path.lexists(path)


def _folders(root: Path, *, with_hidden: bool = False) -> Iterator[Path]:
    try:
        with os.scandir(root) as entries:
            folders = [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    yield from (path for path in sorted(folders) if with_hidden or path.name[:1] != ".")


def _touched_at_s(path: Path) -> float:
    times = [0.0]
    for part in (path, *path.rglob("*")):
        with contextlib.suppress(OSError):
            times.append(system.written_at_s(part.lstat()))
    return max(times)


def _is_of_a_run(path: Path) -> bool:
    try:
        names = os.listdir(path)
    except OSError:
        return False
    known = {"events.jsonl", "run.json", "keyframes"}
    return bool(known & {*names}) and all(_PARTS.fullmatch(name) for name in names)


def _has_bookmark(path: Path) -> bool:
    try:
        markers = Recording.open(RunFolder.open(path)).markers
    except Exception:  # whatever a stranger put into the folder: it is no bookmark
        return False
    return any(isinstance(marker, Bookmark) for marker in markers)


def _is_abandoned(entry: RunEntry) -> bool:
    if entry.summary.train_seconds >= SHORT_S:
        return False
    try:
        return Recording.open(RunFolder.open(entry.path)).state.ended is None
    except Exception:  # as above
        return True


N_STATES = 3  # Of ten seconds of capitals: 9 MB

SECONDS_A_STATE = 12.0
USUAL_STATE_BYTES = 10_000_000  # Of larger states fewer stay, in proportion


def thin(folder: RunFolder, alone: Callable[[bytes], bytes] | None = None) -> None:
    """Delete states that can be trained again; only its one writer may.
    `alone` cuts a state down to what answers: so much of every one stays, and fewer stay whole. It
    is passed in, as it knows tensors and this doesn't.
    Those stay: the first, the last, bookmarked ones, that where a branch began or the learning rate
    was raised, that before a break, and some evenly between, at marked moments if possible. On a
    processor that does not give the same bits again all stay, as do those from before the log says
    how updates were made.
    Raises OSError: the log can't be read."""
    if folder.info.device != "cpu":
        return
    recipes = [event.step for event in cursor.read_run(folder.log_path, [events.RecipeChanged])]
    states = folder.state_files()
    if not recipes or len(states) <= N_STATES:
        return
    recording = Recording.open(folder)
    steps = sorted({step for step, _ in states if step >= min(recipes)})
    needed = {folder.info.branch_step}
    for mark in recording.markers:
        if isinstance(mark, Bookmark | RateWasChanged):
            needed.add(mark.step)
        elif isinstance(mark, ModelBroke):  # this is where to go back to
            needed.add(max((step for step in steps if step < mark.step), default=0))
    seconds_a_state = SECONDS_A_STATE * max(1.0, states[-1][1].stat().st_size / USUAL_STATE_BYTES)
    n_wanted, times = (N_STATES, 1) if alone is None else (N_STATES - 1, 2)
    n_wanted += int(recording.state.train_seconds // (times * seconds_a_state))
    kept_steps = chosen(steps, n_wanted, needed, {mark.step for mark in recording.markers})
    last_of = dict(states)  # of several states of one step the last one counts
    for step, path in states[1:]:  # but the first is that before a change of the first deck
        if step in steps and (step not in kept_steps or last_of[step] != path):
            with contextlib.suppress(OSError):
                is_last = last_of[step] == path
                if alone is not None and is_last and (saved := read_state(path)) is not None:
                    folder.save_keyframe(step, alone(saved), is_alone=True)
                path.unlink()


def chosen(
    steps: list[int], n_wanted: int, needed: Collection[int], marked: Collection[int]
) -> set[int]:
    """The steps to keep of these, ascending: the first, the last, the needed ones, and `n_wanted`
    more if there are so many, each near the middle of the widest gap."""
    kept_steps = {*steps[:1], *steps[-1:]}
    n_wanted += len({*needed}.intersection(steps) - kept_steps)
    kept_steps |= {*needed}.intersection(steps)
    while len(kept_steps) < n_wanted:
        gaps = sorted(itertools.pairwise(sorted(kept_steps)), key=lambda gap: gap[0] - gap[1])
        step = next(filter(None, (_between(steps, gap, marked) for gap in gaps)), None)
        if step is None:
            break
        kept_steps.add(step)
    return kept_steps


def _between(steps: list[int], gap: tuple[int, int], marked: Collection[int]) -> int | None:
    """The step in the gap that is nearest to its middle; a marked one in its middle half first."""
    start, end = gap
    inside = [step for step in steps if start < step < end]
    middle, quarter = (start + end) / 2, (end - start) / 4
    near = [step for step in inside if step in marked and abs(step - middle) <= quarter]
    return min(near or inside, key=lambda step: abs(step - middle), default=None)
