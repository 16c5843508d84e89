"""Commands that look at a run without a model: a replay of it, and one that is being written."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.cli.arguments import OK, RUNS, Add, fail, positive

if TYPE_CHECKING:
    from flashcards.app.run.viewer import Viewer
    from flashcards.runs.folder import RunFolder


def replay(parsed: argparse.Namespace) -> int:
    """Play a recorded run on the same screen; needs no torch."""
    if parsed.plain:
        return _tell(parsed)
    from flashcards.app.run.replay_teacher import ReplayTeacher

    return _look(parsed, lambda folder: ReplayTeacher(folder, parsed.speed))


def _tell(parsed: argparse.Namespace) -> int:
    from flashcards.plain.retelling import retell
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        for line in retell(catalog.find_run(root, parsed.folder)):
            print(line)
    except RunError as error:
        return fail(str(error))
    return OK


def watch(parsed: argparse.Namespace) -> int:
    """Follow a run that another program or machine is writing; only reads it."""
    from flashcards.app.run.watch_teacher import WatchTeacher

    return _look(parsed, WatchTeacher)


def _look(parsed: argparse.Namespace, new_viewer: Callable[[RunFolder], Viewer]) -> int:
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError, RunFolder

    try:
        root = Path(parsed.runs) if parsed.runs else catalog.default_root()
        folder = RunFolder.open(catalog.find_run(root, parsed.folder))
        folder.log_path.open("rb").close()
    except RunError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"the log of {parsed.folder} can't be read: {error.strerror}")
    return look(parsed, folder, lambda: new_viewer(folder))


def look(
    parsed: argparse.Namespace,
    folder: RunFolder,
    new_viewer: Callable[[], Viewer],
    view: str = "lesson",
) -> int:
    """The screen on a recorded run, this view in front; the exit code."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        return fail("the screen needs a terminal")
    os.environ.setdefault("ESCDELAY", "50")
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.run.viewer import NoMachine
    from flashcards.trainer.client import TimeMachineClient
    from flashcards.trainer.request import LessonRequest

    has_torch = importlib.util.find_spec("torch") is not None
    app = FlashcardsApp(
        LessonRequest(deck=folder.info.deck, runs=parsed.runs),
        lambda _: new_viewer(),
        theme=parsed.theme,
        machine=TimeMachineClient if has_torch else NoMachine,
        view=view,
    )
    app.run()
    return app.return_code or OK


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("replay", replay, RUNS)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument(
        "--speed", type=positive(float), default=1.0, metavar="N", help="times the pace it had (1)"
    )
    command.add_argument("--theme", metavar="NAME", help="a theme of Textual's, say textual-light")
    command.add_argument("--plain", action="store_true", help="told at once, as lines of text")

    command = add("watch", watch, RUNS)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument("--theme", metavar="NAME", help="a theme of Textual's, say textual-light")
