"""`flashcards replay` and `flashcards watch`: a recorded run, and one that is being written."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING

from flashcards.cli import arguments as args
from flashcards.terminal.output import print_line

if TYPE_CHECKING:
    from flashcards.app.run.sources import Viewer
    from flashcards.runs.folder import RunFolder


def replay(parsed: argparse.Namespace) -> int:
    """Play a recorded run on the screen again; needs no PyTorch."""
    if parsed.plain:
        from flashcards.plain.narrator import retell

        for line in retell(args.find_run(parsed)):
            print_line(line)
        return args.OK
    from flashcards.app.run.replay_teacher import ReplayTeacher

    return _look(parsed, lambda folder: ReplayTeacher(folder, parsed.speed))


def watch(parsed: argparse.Namespace) -> int:
    """Follow a run that another program or machine is writing."""
    from flashcards.app.run.sources import WatchTeacher

    return _look(parsed, WatchTeacher)


def _look(parsed: argparse.Namespace, new_viewer: Callable[[RunFolder], Viewer]) -> int:
    from flashcards.runs.folder import RunFolder

    folder = RunFolder.open(args.find_run(parsed))
    return look(parsed, folder, lambda: new_viewer(folder))


def look(
    parsed: argparse.Namespace,
    folder: RunFolder,
    new_viewer: Callable[[], Viewer],
    view: str = "lesson",
) -> int:
    """Show a recorded run on the screen, this view in front; the exit code."""
    args.require_terminal("without one use `flashcards replay RUN --plain`")
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.run.sources import NoMachine
    from flashcards.trainer.client import TimeMachineClient
    from flashcards.trainer.request import LessonRequest

    has_torch = importlib.util.find_spec("torch") is not None
    return args.run_app(
        FlashcardsApp(
            LessonRequest(deck=folder.info.deck, runs=parsed.runs),
            lambda _: new_viewer(),
            theme=parsed.theme,
            machine=TimeMachineClient if has_torch else NoMachine,
            view=view,
            is_debugging=parsed.debug,
        )
    )


def register(add: args.Add) -> None:
    common = (args.RUN, args.THEME, args.RUNS, args.LANGUAGE, args.DEBUG)
    command = add("replay", replay, *common)
    command.number("--speed", "N", "how many times as fast as it was taught (1)", 1.0)
    command.flag("--plain", "print it at once, in lines of text")

    add("watch", watch, *common)
