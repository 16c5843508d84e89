"""A sweep: one deck taught with several seeds and settings, a folder with all of the runs.

    RUNS/sweep-DECK-1a2b/
        sweep.json                    which deck, until when
        deck/DECK.deck                the deck as it was
        learning_rate=0.02,seed=3/    a task: its run's folder, and `report.json` when it is over,
                                      or `failed.json`

The folder is all that is known of a sweep, so a task can be done by any process of any machine that
shares it, and what was killed is gone on with. Never sees a tensor.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from flashcards.base import errors, system
from flashcards.base.decoding import decode_json
from flashcards.runs import cursor, run_files
from flashcards.runs.events import ExamTaken
from flashcards.runs.goal import Goal
from flashcards.runs.values import Settings

FORMAT = 1
PREFIX = "sweep-"
MAX_TASKS = 10_000

Phase = Literal["waiting", "begun", "done", "failed"]


class SweepError(errors.UserError):
    """A sweep can't be used; the message says which and why."""


class Task(msgspec.Struct, frozen=True, order=True):
    """One run of a sweep: a seed, and the settings that were chosen for it."""

    settings: tuple[tuple[str, int | float | str], ...] = ()
    seed: int = 1

    @property
    def name(self) -> str:
        """Its folder: `learning_rate=0.02,seed=3`."""
        return ",".join(f"{key}={value}" for key, value in (*self.settings, ("seed", self.seed)))

    @property
    def chosen(self) -> Settings:
        return dict(self.settings)


class SweepInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `sweep.json`: what all of its runs have in common.
    `deck_path` is where the deck came from; `version` is the program's."""

    format: int
    deck: str
    deck_name: str
    deck_file: str
    deck_sha256: str
    deck_path: str
    is_read: bool
    goal: Goal
    device: str
    version: str

    @property
    def key(self) -> str:
        """Four hex digits: the same for the same deck, goal, device and version."""
        same = (self.deck_sha256, self.is_read, self.goal, self.device, self.version)
        return hashlib.sha256(msgspec.json.encode(same)).hexdigest()[:4]


def tasks_of(
    settings: Mapping[str, Sequence[int | float | str]], seeds: Sequence[int]
) -> list[Task]:
    """Every combination, seed by seed, so that what is compared is begun together.
    Raises SweepError: they are too many."""
    pairs = [[(name, value) for value in values] for name, values in sorted(settings.items())]
    n_tasks = len(seeds)
    for values in pairs:
        n_tasks *= len(values)
    if n_tasks > MAX_TASKS:
        raise SweepError(f"that is {n_tasks:,} runs; a sweep has at most {MAX_TASKS:,}")
    chosen = list(itertools.product(*pairs))
    return [Task(settings, seed) for seed in seeds for settings in chosen]


class Sweep:
    def __init__(self, path: Path, info: SweepInfo) -> None:
        self.path = path
        self.info = info

    @classmethod
    def open(cls, path: Path) -> Sweep:
        """Open an existing one. Raises SweepError: it is none, or damaged."""
        try:
            info = decode_json(
                run_files.read_file(path / "sweep.json", run_files.MAX_JSON_BYTES), SweepInfo
            )
        except OSError as error:
            raise SweepError(f"{path} is not a sweep: {error.strerror or error}") from error
        except msgspec.DecodeError as error:
            raise SweepError(
                f"{path / 'sweep.json'} is damaged: {error}; delete this file, and the same sweep "
                f"goes on with the runs in {path}, or move the folder away to begin it anew"
            ) from error
        if info.format > FORMAT:
            raise SweepError(f"{path} was written by a newer flashcards; update to read it")
        return cls(path, info)

    @classmethod
    def create(cls, root: Path, info: SweepInfo, deck: bytes | None) -> Sweep:
        """The sweep of this deck and goal under `root`, or `root` itself where that is a sweep;
        made if it is not there. `deck` is the deck's file, None when it stays where it is.
        Raises SweepError: the folder holds another one, or can't be written."""
        info = msgspec.convert(run_files.as_unicode(msgspec.to_builtins(info)), SweepInfo)
        is_sweep = (root / "sweep.json").is_file()
        slug = re.sub(r"[^\w.-]", "-", info.deck)
        path = root if is_sweep else root / f"{PREFIX}{slug}-{info.key}"
        sweep = cls(path, info)
        is_there = (path / "sweep.json").is_file()
        if is_there:
            sweep = cls.open(path)
            if sweep.info.key != info.key or sweep.info.deck_sha256 != info.deck_sha256:
                raise SweepError(
                    f"{path} holds a sweep of {sweep.info.deck_name} with another deck, goal, "
                    "device or version of this program; name another folder with --runs DIR"
                )
        try:
            (path / "deck").mkdir(parents=True, exist_ok=True)
            copy = path / "deck" / Path(sweep.info.deck_file).name
            if deck is not None and not (copy.is_file() and copy.read_bytes() == deck):
                run_files.write_atomically(copy, deck)
            if not is_there:
                run_files.write_atomically(path / "sweep.json", msgspec.json.encode(info))
        except OSError as error:
            reason = error.strerror or error
            raise SweepError(f"a sweep can't be kept in {path}: {reason}") from error
        return sweep

    @property
    def deck_path(self) -> Path:
        """The deck's file: the copy, or where it came from."""
        copy = self.path / "deck" / Path(self.info.deck_file).name
        return copy if copy.is_file() else Path(self.info.deck_path)

    def tasks(self, on_damaged: Callable[[str], None] = lambda why: None) -> list[Task]:
        """Its runs that were begun; `on_damaged` is told of each that can't be used."""
        tasks = []
        with contextlib.suppress(OSError):
            for path in sorted(self.path.glob("*seed=*/task.json")):
                try:
                    task = decode_json(run_files.read_file(path, run_files.MAX_JSON_BYTES), Task)
                except (OSError, msgspec.DecodeError):
                    task = None
                if task is not None and task.name == path.parent.name:
                    tasks.append(task)
                    continue
                on_damaged(
                    f"{path} is damaged, so its run is left out; move {path.parent} away, and the "
                    "same sweep makes it again"
                )
        return sorted(tasks, key=lambda task: ([*map(str, task.settings)], task.seed))

    def folder(self, task: Task) -> Path:
        return self.path / task.name

    def take(self, task: Task) -> BinaryIO | None:
        """Be the one who does this task until the file is closed; None: another program is.
        Raises OSError: its folder can't be written."""
        folder = self.folder(task)
        folder.mkdir(exist_ok=True)
        if not (folder / "task.json").is_file():
            run_files.write_atomically(folder / "task.json", msgspec.json.encode(task))
        lock = run_files.open_file(folder / "writer.lock", "ab")
        try:
            system.lock(lock)
        except OSError:
            lock.close()
            return None
        return lock

    def run_path(self, task: Task) -> Path | None:
        paths = sorted(self.folder(task).glob("*/run.json"))
        return paths[0].parent if paths else None

    def exams(self, task: Task) -> list[ExamTaken]:
        """The exams of its run so far, oldest first. Raises OSError: the log can't be read."""
        path = self.run_path(task)
        happened = [] if path is None else cursor.read_run(path / "events.jsonl", [ExamTaken])
        return [event for event in happened if isinstance(event, ExamTaken)]

    def report(self, task: Task) -> dict[str, object] | None:
        return self._read(task, "report.json")

    def failure(self, task: Task) -> str | None:
        failure = self._read(task, "failed.json")
        return None if failure is None else str(failure.get("why", ""))

    def phase(self, task: Task) -> Phase:
        folder = self.folder(task)
        if self.report(task) is not None:
            return "done"
        if (folder / "failed.json").is_file():
            return "failed"
        return "begun" if self.run_path(task) else "waiting"

    def finish(self, task: Task, report: Mapping[str, object]) -> None:
        """The run is over. Raises OSError: it can't be written."""
        run_files.write_atomically(self.folder(task) / "report.json", msgspec.json.encode(report))
        (self.folder(task) / "failed.json").unlink(missing_ok=True)

    def fail(self, task: Task, why: str) -> None:
        data = msgspec.json.encode({"why": run_files.as_unicode(why)})
        with contextlib.suppress(OSError):
            run_files.write_atomically(self.folder(task) / "failed.json", data)

    def _read(self, task: Task, name: str) -> dict[str, object] | None:
        try:
            return decode_json(
                run_files.read_file(self.folder(task) / name, run_files.MAX_JSON_BYTES),
                dict[str, object],
            )
        except (OSError, msgspec.DecodeError):
            return None


def sweeps(root: Path) -> Iterator[Sweep]:
    """The sweeps under `root`; folders that are none, or damaged, are left out."""
    try:
        paths = sorted(root.glob(f"{PREFIX}*/sweep.json"))
    except OSError:
        return
    for path in paths:
        with contextlib.suppress(SweepError):
            yield Sweep.open(path.parent)


def find_sweep(root: Path, name: str) -> Sweep | None:
    """The sweep of this path, name, deck or end of a name; None when there is none, or several.
    Raises SweepError: it is damaged."""
    for path in (Path(name), root / name):
        if (path / "sweep.json").is_file():
            return Sweep.open(path)
    matches = [
        sweep
        for sweep in sweeps(root)
        if sweep.path.name.endswith(f"-{name}") or sweep.info.deck == name
    ]
    return matches[0] if len(matches) == 1 else None
