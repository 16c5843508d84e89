"""States of a talk when a cue began, to go back to exactly: the lesson is paused for a moment,
which saves it; its folder is copied with that one state, and a copy of the copy is opened."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.runs.commands import Pause, Play
from flashcards.runs.folder import RunError, RunFolder
from flashcards.trainer.request import LessonRequest

SAVE_PATIENCE_S = 5.0
START_PATIENCE_S = 60.0


class CueCheckpoint(Struct, frozen=True):
    """A run at a step. `copy`: None before its first update. `settings` decide what comes next."""

    request: LessonRequest
    run: Run
    step: int
    is_learning: bool
    settings: tuple[object, ...] = ()
    copy: Path | None = None


class CueCheckpoints:
    """Takes checkpoints, and goes back to them. Its copies are in a folder that `clear` removes."""

    def __init__(
        self,
        session: Session,
        show: Callable[[], None],
        cut: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """`show` puts the talk in front of a lesson that was opened; `cut` ends the wait."""
        self._session = session
        self._show = show
        self._cut = cut
        self._folder: Path | None = None
        self._n_copies = 0
        self._last: CueCheckpoint | None = None
        self._opened: tuple[Run, Path | None] | None = None

    async def take(self) -> CueCheckpoint:
        run = self._session.run
        start = run.state.start
        is_learning = run.state.liveness == "learning"
        if start is None or run.state.step == 0:
            return CueCheckpoint(run.request, run, 0, is_learning, _settings(run))
        if is_learning:
            run.send(Pause())
            await _until(run, lambda: run.state.liveness != "learning")
        step = run.state.step
        folder = Path(start.folder)
        # a recording saves nothing: then the checkpoint is as near as one that was saved
        if run.badge is None and folder.is_dir():
            await _until(run, lambda: _saved(folder, step) is not None)
        settings = _settings(run)
        if not self._is_last(run, step, settings):
            with contextlib.suppress(OSError, RunError):
                copy = self._new_folder(start.run)
                await asyncio.to_thread(_copy, folder, copy, step)
                self._last = CueCheckpoint(run.request, run, step, is_learning, settings, copy)
        if is_learning:
            run.send(Play())
        if self._last is None or self._last.run is not run:
            self._last = CueCheckpoint(run.request, run, 0, is_learning)
        return replace(self._last, is_learning=is_learning)

    def _is_last(self, run: Run, step: int, settings: tuple[object, ...]) -> bool:
        """Tell whether the last copy can be used again: between slides nothing is taught."""
        last = self._last
        if last is None or last.copy is None:
            return False
        return (last.run, last.step, last.settings) == (run, step, settings)

    async def restore(self, checkpoint: CueCheckpoint) -> None:
        session, run = self._session, self._session.run
        is_copy = checkpoint.copy is not None and self._opened == (run, checkpoint.copy)
        is_there = (
            (run is checkpoint.run or is_copy)
            and run.state.step == checkpoint.step
            and _settings(run) == checkpoint.settings
        )
        if not is_there:
            await self._open(checkpoint)
        if checkpoint.is_learning and session.state.liveness == "paused":
            session.send(Play())
        elif not checkpoint.is_learning and session.state.liveness == "learning":
            session.send(Pause())

    async def _open(self, checkpoint: CueCheckpoint) -> None:
        session, copy = self._session, checkpoint.copy
        request = replace(checkpoint.request, is_paused=True)
        if copy is not None:
            target = self._new_folder(copy.name)
            await asyncio.to_thread(shutil.copytree, copy, target)
            # the speed is the one that was saved with the rest
            request = replace(request, resume=str(target), speed=None)
        session.open(request)
        run = session.run
        self._opened = run, copy
        self._show()
        is_up = run.until(lambda: run.state.liveness in ("paused", "finished", "failed"))
        await first_done(is_up, self._cut(), timeout_s=START_PATIENCE_S)

    def _new_folder(self, run: str) -> Path:
        if self._folder is None:
            root = self._session.runs_root
            root.mkdir(parents=True, exist_ok=True)
            # a name with a dot before it is not listed among the runs
            self._folder = Path(tempfile.mkdtemp(dir=root, prefix=".talk-"))
        self._n_copies += 1
        folder = self._folder / str(self._n_copies)
        folder.mkdir()
        return folder / run

    def clear(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


async def first_done(
    *works: Coroutine[Any, Any, object],
    others: Sequence[asyncio.Task[Any]] = (),
    timeout_s: float | None = None,
) -> None:
    """Wait for the first of these, or of other tasks, which go on; the rest is cancelled."""
    waits = [asyncio.create_task(work) for work in works]
    try:
        every = [*waits, *others]
        await asyncio.wait(every, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _settings(run: Run) -> tuple[object, ...]:
    state = run.state
    return state.speed, state.learning_rate_factor, state.deck_change, frozenset(state.pins)


async def _until(run: Run, is_so: Callable[[], bool]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SAVE_PATIENCE_S):
            await run.until(is_so)


def _saved(run: Path, step: int) -> Path | None:
    try:
        states = RunFolder.open(run).state_files(step)
    except (OSError, RunError):
        return None
    return next((path for at, path in reversed(states) if at == step), None)


def _copy(run: Path, target: Path, step: int) -> None:
    """The run's folder with the state of this step alone. Raises OSError, RunError: it can't be."""
    saved = _saved(run, step)
    if saved is None:
        raise RunError(f"{run.name} holds no state of step {step:,}")
    target.mkdir()
    for name in ("run.json", "tokenizer.model", "events.jsonl"):
        shutil.copy2(run / name, target / name)
    shutil.copytree(run / "deck", target / "deck")
    (target / "keyframes").mkdir()
    shutil.copy2(saved, target / saved.relative_to(run))
