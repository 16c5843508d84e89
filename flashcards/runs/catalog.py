"""All runs of a folder: listed, found by name, known by the deck file they were begun from.

`runs.pruning` deletes them.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from flashcards.base import system
from flashcards.base.decoding import decode_json
from flashcards.runs import recording, run_files, values
from flashcards.runs.folder import RunError, RunFolder, RunInfo
from flashcards.runs.state import RunState


class RunEntry(msgspec.Struct, frozen=True, kw_only=True):
    path: Path
    info: RunInfo
    summary: RunSummary
    size_bytes: int

    @property
    def written_at_s(self) -> float:
        """The time at which its log was last written, in seconds of the system's clock.
        The file's own time, and never later than the folder came to this disk."""
        try:
            return system.written_at_s((self.path / "events.jsonl").lstat())
        except OSError:
            return 0.0


def runs_root(named: str | None = None) -> Path:
    """The folder of the runs: the one named, or one in the user's data folder."""
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / "runs"


def list_runs(
    root: Path,
    on_damage: Callable[[Path, str], None] = lambda path, why: None,
    known: Mapping[Path, RunSummary] | None = None,
) -> list[RunEntry]:
    """The runs under `root`, newest first. Folders that are no runs are left out.
    `on_damage` is told of each that can't be read, and why. `known`: the progress of runs that are
    followed as they are taught, whose logs need not be read."""
    known = known or {}
    entries = []
    try:
        paths = list(root.iterdir()) if root.is_dir() else []
    except OSError as error:
        on_damage(root, f"{root} can't be listed: {error.strerror or error}")
        paths = []
    for path in paths:
        if path.name.startswith(".") or not path.is_dir():
            continue
        try:
            folder = RunFolder.open(path)
            summary = known[path] if path in known else read_summary(folder)
        except Exception as error:  # whatever a stranger put into one folder, the list goes on
            is_locked = isinstance(error.__cause__, PermissionError)
            if is_locked or os.path.lexists(path / "run.json"):
                is_said = isinstance(error, RunError)
                on_damage(path, str(error) if is_said else f"{path} can't be read: {error!r}")
            continue
        entries.append(
            RunEntry(
                path=path,
                info=folder.info,
                summary=summary,
                size_bytes=size_of(path),
            )
        )
    return sorted(entries, key=lambda entry: (entry.info.started, entry.path.name), reverse=True)


def find_run(root: Path, name: str) -> Path:
    """The folder of a run named by its path, its name, or the end of its name (`7f3a`).
    Raises RunError: there is none, or several, or it can't be read."""
    as_path = Path(name)
    try:
        if (as_path / "run.json").is_file():
            return as_path
    except OSError as error:
        raise RunError(f"{as_path} can't be read: {error.strerror}") from error
    if as_path.name != name and as_path.is_dir():
        raise RunError(f"{name} is not a run: it has no run.json")
    damaged: dict[str, str] = {}
    entries = list_runs(root, lambda path, why: damaged.update({path.name: why}))
    names = [entry.path for entry in entries]
    for matches in (
        [path for path in names if path.name == name],
        [path for path in names if path.name.endswith(f"-{name}")],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            called = ", ".join(path.name for path in matches[:3])
            raise RunError(f"{len(matches)} runs end in {name!r}: {called}; write more of the name")
    for called, why in damaged.items():
        if called == name or called.endswith(f"-{name}"):
            raise RunError(why)
    n_there = "1 run is" if len(names) == 1 else f"{len(names):,} runs are"
    hint = f"{n_there} in {root}; `flashcards runs` lists them" if names else f"{root} has no runs"
    raise RunError(f"no run is called {name!r}: {hint}")


def named_from_outside(run: Path) -> str:
    """Return the run's name as commands take it: the end of its folder's name if that is enough."""
    end = run.name.rpartition("-")[2]
    try:
        others = [name for name in os.listdir(run.parent) if name.endswith(f"-{end}")]
    except OSError:
        others = []
    name = end if end and others == [run.name] else run.name
    is_usual = run.parent.resolve() == runs_root().resolve()
    return system.shell_quoted(name) + (
        "" if is_usual else f" --runs {system.shell_quoted(str(run.parent))}"
    )


def size_of(path: Path) -> int:
    """Bytes of all files below a folder; of one that is deleted meanwhile, of what is left."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(folder, name))
                if stat.S_ISREG(status.st_mode):
                    total += status.st_size
    return total


SUMMARY_FILE = "summary.json"


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run's progress: it can be made again from the log at any time.
    `log_bytes` is the length of that log; None before it is saved. `is_text`: scores are of the
    pieces of a text. `knew`: of the cards that were right before any was taught. `has_ended`: the
    lesson came to its own end."""

    step: int = 0
    cards_taught: int = 0
    train_seconds: float = 0.0
    seen: values.Score | None = None
    unseen: values.Score | None = None
    knew: values.Score | None = None
    log_bytes: int | None = None
    is_text: bool = False
    has_ended: bool = False


def save_summary(folder: RunFolder, summary: RunSummary) -> None:
    """Write the file, with the length of the log as it is now.
    Raises OSError: it can't be written."""
    n_bytes = folder.log_path.stat().st_size
    summary = msgspec.structs.replace(summary, log_bytes=n_bytes)
    run_files.write_atomically(folder.path / SUMMARY_FILE, msgspec.json.encode(summary))


def read_summary(folder: RunFolder) -> RunSummary:
    """Read a run's progress, from its log when the file is not there, or not of all of it.
    A summary of a run that was killed, or is being written, is behind its log."""
    summary = None
    with contextlib.suppress(OSError, msgspec.DecodeError):
        summary = decode_json(
            run_files.read_file(folder.path / SUMMARY_FILE, run_files.MAX_JSON_BYTES), RunSummary
        )
    try:
        log = folder.log_path.stat()
        if summary is not None and summary.log_bytes == log.st_size:
            return summary
        return _read_log(folder.path, log.st_size, log.st_mtime_ns)
    except OSError:
        return summary or RunSummary()


@functools.lru_cache(1024)  # of a run that was killed the file stays behind
def _read_log(path: Path, n_bytes: int, changed_ns: int) -> RunSummary:
    """Read the progress from a log of this size, as it was changed last. Raises OSError."""
    return summary_of(recording.Recording.open(RunFolder.open(path)).state)


def summary_of(state: RunState) -> RunSummary:
    scores = state.latest_scores
    return RunSummary(
        step=state.step,
        cards_taught=state.cards_taught,
        train_seconds=state.train_seconds,
        seen=None if scores is None else scores.seen,
        unseen=None if scores is None else scores.unseen,
        knew=state.exams.knew,
        is_text=state.is_reading,
        has_ended=state.ended is not None and state.ended.reason in ("all_right", "no_progress"),
    )


BEGUN_FILE = "begun.txt"
"""From which deck file each run was begun here, kept beside the runs: a run's folder may come from
somebody else. Only a file that is known here is followed, copied into the run or written."""

MAX_BEGUN_BYTES = 1 << 20  # Some 16,000 runs; then the older half is forgotten


def note_begun(run: str, deck_path: str) -> None:
    """Remember that the run of this name was begun from the deck in this file.
    Where that can't be written, the file is not followed once the run is gone on with."""
    path = _begun_file()
    line = _begun_line(run, deck_path)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with run_files.open_file(path, "ab") as file:
            file.write(line)
            size = file.tell()
        if size > MAX_BEGUN_BYTES:
            lines = run_files.read_file(path, 2 * MAX_BEGUN_BYTES).splitlines(keepends=True)
            run_files.write_atomically(path, b"".join(lines[len(lines) // 2 :]))


def was_begun_from(run: str, deck_path: str) -> bool:
    with contextlib.suppress(OSError):
        known = run_files.read_file(_begun_file(), 2 * MAX_BEGUN_BYTES).splitlines(keepends=True)
        return _begun_line(run, deck_path) in known
    return False


def _begun_line(run: str, deck_path: str) -> bytes:
    both = f"{run}\0{os.path.abspath(deck_path)}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(both).hexdigest().encode() + b"\n"


def _begun_file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / BEGUN_FILE
