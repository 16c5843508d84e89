"""The run folder: what is where, how it is written so that nothing is lost, how it is listed.

Names, lists and renames files; never sees a tensor. A state's file name carries its step and the
start of its SHA-256, so that one rename makes it whole and a damaged one is recognised.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec

from flashcards.base import system
from flashcards.base.decoding import decode_json
from flashcards.runs import cursor, deck_versions, keyframes, log, run_files, values
from flashcards.runs.events import AnyEvent
from flashcards.runs.run_files import RunError, RunTakenError, open_file

__all__ = ["RunError", "RunFolder", "RunTakenError"]

FORMAT = 8
LAST_OF_EARLIER = "548a3b8f"  # The last commit that reads the formats before this one

UNKNOWN = "unknown"

LOOK_S = 0.05  # Far longer than a look at the lock takes

N_RESUME_POINTS = 2
LARGE_STATE_BYTES = 100_000_000  # Of states as large as this only one is kept to go on from

_STATE_NAME = re.compile(r"(?:resume-)?(\d{8,})-([0-9a-f]{16})(?:\.alone)?\.safetensors")


class BaseModel(msgspec.Struct, frozen=True, kw_only=True):
    """The model that others have trained under a run: where it is, and the hash of its files."""

    path: str
    sha256: str
    name: str
    n_numbers: int


def name_of_model(path: Path) -> str:
    """A model's name: that of its folder or file, OWNER/NAME in the hub's cache."""
    of_hub = path.parent.parent.name if path.parent.name == "snapshots" else ""
    name = of_hub.removeprefix("models--").replace("--", "/")
    return name or (path.stem if path.suffix == ".gguf" else path.name)


Ask = Annotated[str, msgspec.Meta(max_length=20_000)]
"""A template around every prompt, so a long one would be read as often as there are cards."""


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `run.json`; written once.

    `settings` are the learner's, as JSON; `chosen` are those that were chosen by hand. `deck_path`
    is where the deck came from. `is_shuffled`: its answers were shuffled among the cards, by the
    seed; the copy in the folder is as it was.
    `parent` is the run it left at step `branch_step`, "" when it began by itself. `chapter` counts
    the decks that were taught before this one, in the same folder.
    `roundings`: how each machine that wrote this run rounds, as fingerprints
    (`learner.fingerprint`); "" for the last while that is not known yet, `UNKNOWN` when it ended
    before that. `base` is the brought model under the run, which is not in its folder.
    `asks`: the template around each prompt when the model is asked, of each chapter, "" for the
    prompt alone; of the chapters beyond these "".
    """

    format: int
    run: str
    deck: str
    deck_name: str
    deck_sha256: str
    deck_path: str
    seed: int
    device: str
    started: str
    settings: dict[str, str | int | float | bool | None]
    versions: dict[str, str]
    machine: str
    is_shuffled: bool = False
    parent: str = ""
    branch_step: int = 0
    chapter: int = 0
    chosen: values.Settings = {}
    roundings: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    base: BaseModel | None = None

    def ask_in(self, chapter: int) -> str:
        return self.asks[chapter] if chapter < len(self.asks) else ""


class RunFolder(deck_versions.DeckVersions):
    def __init__(self, path: Path, info: RunInfo) -> None:
        super().__init__(path)
        self.info = info
        self._lock: BinaryIO | None = None

    @classmethod
    def create(
        cls,
        root: Path,
        info: RunInfo,
        *,
        deck_file: str,
        deck_bytes: bytes | Path,
        tokenizer_model: bytes,
        now: datetime,
        fill: Callable[[RunFolder, Path], None] = lambda folder, path: None,
    ) -> RunFolder:
        """Make a run's folder under `root`; it appears whole or not at all.
        `deck_bytes` may be a file, to be copied. `fill` puts more into it before it appears, and is
        told the path it will have.
        Raises RunError: the root can't be written."""
        info = RunInfo(**run_files.as_unicode(msgspec.structs.asdict(info)))
        deck_file = deck_versions.as_file_name(deck_file)
        try:
            root.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(dir=root, prefix=".new-"))
        except OSError as error:
            raise RunError(
                f"runs can't be kept in {root}: {error.strerror}; name another with --runs DIR",
                needs_option=True,
            ) from error
        try:
            (building / "deck").mkdir()
            (building / "keyframes").mkdir()
            if isinstance(deck_bytes, bytes):
                run_files.write_atomically(building / "deck" / deck_file, deck_bytes)
            else:
                shutil.copyfile(deck_bytes, building / "deck" / deck_file)
            run_files.write_atomically(building / "tokenizer.model", tokenizer_model)
            (building / "events.jsonl").touch()
            named = msgspec.structs.replace(info, run=_free_name(root, info, now))
            path = root / named.run
            run_files.write_atomically(building / "run.json", msgspec.json.encode(named))
            fill(cls(building, named), path)
            system.replace(building, path)
            folder = cls(path, named)
            folder.acquire()
            return folder
        except BaseException as error:
            shutil.rmtree(building, ignore_errors=True)
            if isinstance(error, OSError):
                reason = f"a run can't be started in {root}: {error.strerror}"
                raise RunError(reason) from error
            raise

    @classmethod
    def open(cls, path: Path, *, is_writer: bool = False) -> RunFolder:
        """Open an existing run, as its one writer when asked.
        Raises RunError: it isn't a run, is damaged or unsafe to open, it is of another
        format, or another program is writing it."""
        try:
            data = run_files.read_file(path / "run.json", run_files.MAX_JSON_BYTES)
            info = decode_json(data, RunInfo)
            if odd := run_files.not_of_a_run(path):
                raise RunError(
                    f"{path} is not opened: {odd} in it is a link or a device; a run folder holds "
                    "files only"
                )
            open_file(path / "events.jsonl").close()
        except OSError as error:
            file = Path(error.filename or "run.json").name
            what = "can't be read" if isinstance(error, PermissionError) else "is not a run"
            raise RunError(f"{path.name} {what}: {error.strerror or error} ({file})") from error
        except msgspec.DecodeError as error:
            raise RunError(f"{path / 'run.json'} is damaged: {error}") from error
        if info.format > FORMAT:
            raise RunError(f"{path} was written by a newer flashcards; update to read it")
        if info.format < FORMAT:
            raise RunError(
                f"{path} was written in format {info.format}, before the first release; to read "
                f"it, check out commit {LAST_OF_EARLIER} of flashcards"
            )
        folder = cls(path, info)
        if is_writer:
            folder.acquire()
        return folder

    def tokenizer_model(self) -> bytes:
        """The tokenizer's bytes. Raises RunError: it can't be read."""
        try:
            model = run_files.read_file(
                self.path / "tokenizer.model", run_files.MAX_TOKENIZER_BYTES
            )
        except OSError as error:
            raise RunError(f"{self.path} has lost its tokenizer: {error.strerror}") from error
        if not model:
            raise RunError(f"{self.path} has lost its tokenizer: the file is empty")
        return model

    def open_log(self) -> log.LogWriter:
        return log.LogWriter(self.log_path)

    def events(self) -> list[AnyEvent]:
        return cursor.read_run(self.log_path)

    def save_keyframe(self, step: int, state: bytes, *, is_alone: bool = False) -> Path:
        """Keep this state for good. `is_alone`: it only answers, nothing goes on from it."""
        path = self.path / "keyframes" / _state_name(step, state)
        if is_alone:
            path = path.with_suffix(".alone.safetensors")
        run_files.write_atomically(path, state)
        return path

    def has_keyframe(self, step: int) -> bool:
        """Tell whether a state of this step is kept for good: one that is saved anew is only for
        going on."""
        return any(_step_of(path) == step for path in self.path.glob(f"keyframes/*{step}-*"))

    def save_resume_point(self, step: int, state: bytes) -> Path:
        """Keep this state to go on from; the newest two stay, of large states only the newest."""
        path = self.path / f"resume-{_state_name(step, state)}"
        run_files.write_atomically(path, state)
        points = [point for point in self.path.glob("resume-*.safetensors") if point != path]
        points.sort(key=_step_of, reverse=True)
        before = [point for point in points if _step_of(point) != step]
        n_before = N_RESUME_POINTS - 1 if len(state) < LARGE_STATE_BYTES else 0
        for old in {*points}.difference(before[:n_before]):
            system.remove(old)
        return path

    def states(self, at_most: int | None = None) -> Iterator[tuple[int, bytes]]:
        """The undamaged saved states, newest first, up to step `at_most`: (step, bytes)."""
        for step, path in reversed(self.state_files(at_most)):
            state = read_state(path)
            if state is not None:
                yield step, state

    def state_files(
        self, at_most: int | None = None, *, is_to_ask: bool = False
    ) -> list[tuple[int, Path]]:
        """The saved states, oldest first, up to step `at_most`: (step, file). Those that only
        answer are left out unless `is_to_ask`."""
        paths = [
            *self.path.glob("keyframes/*.safetensors"),
            *self.path.glob("resume-*.safetensors"),
        ]
        paths = [path for path in paths if is_to_ask or ".alone" not in path.suffixes]
        steps = sorted(((_step_of(path), path) for path in paths), key=lambda x: x[0])
        return [(k, path) for k, path in steps if k >= 0 and (at_most is None or k <= at_most)]

    def set_aside_beyond(self, step: int) -> None:
        """Rename the states beyond `step`, from which the run could not go on.
        Their content stays.
        Raises OSError: they can't be renamed."""
        for at, path in self.state_files(is_to_ask=True):
            if at > step:
                system.replace(path, path.with_name(f"{path.name}.damaged"))

    def drop_states_beyond(self, step: int) -> None:
        for at, path in self.state_files(is_to_ask=True):
            if at > step:
                system.remove(path)

    def thin_keyframes(self, budget_bytes: int = keyframes.BUDGET_BYTES) -> None:
        """Drop states kept for good that are over the budget: see `runs.keyframes`."""
        paths = {_step_of(path): path for path in self.path.glob("keyframes/*.safetensors")}
        sizes: list[tuple[int, int]] = []
        for step, path in paths.items():
            with contextlib.suppress(OSError):
                sizes.append((step, path.stat().st_size))
        for step in keyframes.to_drop(sizes, budget_bytes):
            with contextlib.suppress(OSError):
                paths[step].unlink()

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def expect_rounding(self) -> None:
        """Note that another process writes from here on, which may round differently.
        Raises OSError: `run.json` can't be written."""
        self._write_roundings(expecting(self.info))

    def note_rounding(self, rounding: str) -> None:
        """Note how the process that writes rounds: a fingerprint takes the place of the empty one.
        Raises OSError: `run.json` can't be written."""
        *before, last = (UNKNOWN, *self.info.roundings)
        if last == "":
            self._write_roundings(tuple(dict.fromkeys((*before[1:], rounding))))

    def _write_roundings(self, roundings: tuple[str, ...]) -> None:
        self.info = msgspec.structs.replace(self.info, roundings=roundings)
        run_files.write_atomically(self.path / "run.json", msgspec.json.encode(self.info))

    def acquire(self) -> None:
        """Be the run's one writer until `release`.
        Raises RunTakenError: another program is.
        Raises RunError: the lock can't be opened, or the run was deleted meanwhile."""
        try:
            lock = open_file(self.path / "writer.lock", "ab")
        except OSError as error:
            if not os.path.lexists(self.path / "run.json"):
                raise self._moved_error() from error
            reason = error.strerror or error
            raise RunError(f"{self.path.name} can't be written: {reason} (writer.lock)") from error
        try:
            _lock(lock)
        except OSError as error:
            lock.close()
            raise RunTakenError(self.path) from error
        self._lock = lock
        if not os.path.lexists(self.path / "run.json"):
            self.release()
            raise self._moved_error()

    def _moved_error(self) -> RunError:
        return RunError(f"{self.path.name} was deleted or moved while it was opened")


def is_being_written(path: Path) -> bool:
    """Tell whether another process is the writer of the run in this folder. Never waits."""
    try:
        with open_file(path / "writer.lock", "r+b") as lock:
            try:
                system.lock(lock)
            except OSError:
                return True
    except OSError:
        return False
    return False


def _lock(file: BinaryIO) -> None:
    """Lock it, at the second try if need be: who asks `is_being_written` holds it for an instant.
    Raises OSError: it is taken."""
    try:
        system.lock(file)
    except OSError:
        time.sleep(LOOK_S)
        system.lock(file)


def expecting(info: RunInfo) -> tuple[str, ...]:
    before = tuple(rounding or UNKNOWN for rounding in info.roundings)
    return (*dict.fromkeys(before), "")


def _free_name(root: Path, info: RunInfo, now: datetime) -> str:
    for attempt in range(1000):
        key = f"{info.deck_sha256}{info.seed}{now.isoformat()}{attempt}".encode()
        digest = hashlib.sha256(key).hexdigest()
        name = f"{now:%Y-%m-%d}-{deck_versions.as_file_name(info.deck)}-{digest[:4]}"
        if not (root / name).exists():
            return name
    raise RunError(f"no free name for a run in {root}")


def read_state(path: Path) -> bytes | None:
    match = _STATE_NAME.fullmatch(path.name)
    try:
        state = run_files.read_file(path, run_files.MAX_STATE_BYTES)
    except OSError:
        return None
    is_whole = match is not None and hashlib.sha256(state).hexdigest().startswith(match[2])
    return state if is_whole else None


def _state_name(step: int, state: bytes) -> str:
    return f"{step:08d}-{hashlib.sha256(state).hexdigest()[:16]}.safetensors"


def step_of_state(name: str) -> int:
    """The step of the saved state with this file name; -1 when it is no state's."""
    match = _STATE_NAME.fullmatch(name)
    return -1 if match is None else int(match[1])


def _step_of(path: Path) -> int:
    return step_of_state(path.name)
