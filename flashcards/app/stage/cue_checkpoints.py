"""Where a talk was when a cue began, so that it can be gone back to: exactly.

The lesson is paused for a moment, which saves it at this very step and changes nothing; the run's
folder is copied with that one state. Going back opens a copy of the copy.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.runs.commands import Pause, Play
from flashcards.runs.folder import RunError, RunFolder
from flashcards.trainer.request import LessonRequest

SAVE_PATIENCE_S = 5.0
START_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """A lesson at a step. `copy` is None before its first update: then it is begun anew.

    `wishes` is what else decides what is taught from there: speed, learning rate, deck.
    """

    request: LessonRequest
    lesson: Run
    step: int
    is_learning: bool
    wishes: tuple[object, ...] = ()
    copy: Path | None = None


class Places:
    """Marks places, and goes back to them. Its copies are in a folder that `clear` removes."""

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
        self._last: Place | None = None
        self._opened: tuple[Run, Path | None] | None = None

    async def mark(self) -> Place:
        """The place of the moment; the lesson goes on as it was."""
        lesson = self._session.run
        state = lesson.state
        is_learning = state.liveness == "learning"
        if state.start is None or state.step == 0:
            return Place(lesson.request, lesson, 0, is_learning, _wishes(lesson))
        if is_learning:
            lesson.send(Pause())
            await _until(lesson, lambda: state.liveness != "learning", SAVE_PATIENCE_S)
        step, folder = state.step, Path(state.start.folder)
        # a recording saves nothing: then the place is as near as one that was saved
        if self._session.run.badge is None and folder.is_dir():
            await _until(lesson, lambda: _saved(folder, step) is not None, SAVE_PATIENCE_S)
        wishes = _wishes(lesson)
        if not self._is_last(lesson, step, wishes):
            with contextlib.suppress(OSError, RunError):
                target = self._new_folder(state.start.run)
                await asyncio.to_thread(_copy, folder, target, step)
                self._last = Place(lesson.request, lesson, step, is_learning, wishes, target)
        if is_learning:
            lesson.send(Play())
        if self._last is None or self._last.lesson is not lesson:
            self._last = Place(lesson.request, lesson, 0, is_learning)
        return dataclasses.replace(self._last, is_learning=is_learning)

    def _is_last(self, lesson: Run, step: int, wishes: tuple[object, ...]) -> bool:
        """Whether the copy made last is of this place, too: between slides nothing is taught."""
        last = self._last
        return (
            last is not None
            and last.copy is not None
            and (last.lesson, last.step, last.wishes) == (lesson, step, wishes)
        )

    async def restore(self, place: Place) -> None:
        """The lesson as it was at this place, its model to the last bit."""
        session = self._session
        state = session.state
        is_copy = place.copy is not None and self._opened == (session.run, place.copy)
        is_its = session.run is place.lesson or is_copy
        is_there = is_its and state.step == place.step and _wishes(session.run) == place.wishes
        if not is_there:
            await self._open(place)
        if place.is_learning and session.state.liveness == "paused":
            session.send(Play())
        elif not place.is_learning and session.state.liveness == "learning":
            session.send(Pause())

    async def _open(self, place: Place) -> None:
        session = self._session
        request = msgspec.structs.replace(place.request, is_paused=True)
        if place.copy is not None:
            target = self._new_folder(place.copy.name)
            await asyncio.to_thread(shutil.copytree, place.copy, target)
            # the speed is the one that was saved with the rest
            request = msgspec.structs.replace(request, resume=str(target), speed=None)
        session.open(request)
        self._opened = session.run, place.copy
        self._show()
        run = session.run
        opened = run.until(lambda: run.state.liveness in ("paused", "finished", "failed"))
        tasks = [asyncio.ensure_future(wait) for wait in (opened, self._cut())]
        await asyncio.wait(tasks, timeout=START_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

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
        """Remove the copies, those that were taught on, too."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _wishes(lesson: Run) -> tuple[object, ...]:
    state = lesson.state
    return state.speed, state.learning_rate_factor, state.deck_change, frozenset(state.pins)


async def _until(run: Run, is_so: Callable[[], bool], patience_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            await run.until(is_so)


def _saved(run: Path, step: int) -> Path | None:
    """The state that was saved at this step; None when there is none, or no run."""
    try:
        states = RunFolder.open(run).state_files(step)
    except (OSError, RunError):
        return None
    return next((path for at, path in reversed(states) if at == step), None)


def _copy(run: Path, target: Path, step: int) -> None:
    """The run's folder with the state of this step alone.

    Raises:
        RunError: there is no state of this step.
        OSError: it can't be copied.
    """
    saved = _saved(run, step)
    if saved is None:
        raise RunError(f"{run.name} holds no state of step {step:,}")
    target.mkdir()
    for name in ("run.json", "tokenizer.model", "events.jsonl"):
        shutil.copy2(run / name, target / name)
    shutil.copytree(run / "deck", target / "deck")
    (target / "keyframes").mkdir()
    shutil.copy2(saved, target / saved.relative_to(run))
