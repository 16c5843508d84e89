"""Lines on the terminal when a lesson was left: where it is, and which runs made room."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.base.errors import UserError
from flashcards.base.language import format_number, tr
from flashcards.base.system import has_hung_up
from flashcards.runs import pruning
from flashcards.runs.catalog import runs_root
from flashcards.runs.folder import RunFolder
from flashcards.terminal.output import OutputError, print_line, print_wrapped

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

LOOK_S = 1.0
GRACE_S = 15.0  # to save a run; the trainer does so by itself when this process has gone


def leave(app: FlashcardsApp) -> None:
    """Say where the lesson that was on the screen is, and prune; its terminal may be gone."""
    from flashcards.plain.words import saved

    start = app.session.run.state.start
    step = app.session.run.state.step
    if start is not None and (Path(start.folder) / "run.json").is_file():
        # a replay may have been left on its way: its folder knows how far the run has come
        with contextlib.suppress(OutputError, UserError):
            folder = RunFolder.open(Path(start.folder))
            steps = [step for step, _ in folder.state_files()]
            print_wrapped(saved(steps[-1] if steps else None, folder.path))
            if steps and app.session.run.viewer is None:
                if step > steps[-1]:
                    lost = tr(
                        "Steps {first:,} to {last:,} are not saved.", first=steps[-1] + 1, last=step
                    )
                    print_wrapped(lost)
                key = app.session.key("go_on")
                print_wrapped(tr("On the screen: open the deck again and press {key}.", key=key))
    with contextlib.suppress(OutputError):
        prune_runs(app.session.run.request.runs)


def prune_runs(named_root: str | None, *, is_error: bool = False) -> None:
    """Delete runs over the budget; one sentence when any was, on standard error if asked, another
    when kernels were compiled, or were not in time. In a folder that the user named only under a
    budget of theirs."""
    from flashcards.learner.kernels import compiled

    match compiled.news():
        case "compiled":
            text = tr("Kernels were compiled for this processor: new runs are faster from now on.")
            print_line(text, is_error=is_error)
        case "given up":
            text = tr(
                "Compiling kernels was given up after {n} minutes: this machine was too busy. "
                "A lesson tries again in a day; until then new runs are slower.",
                n=round(compiled.LIMIT_S / 60),
            )
            print_line(text, is_error=is_error)
    if named_root is not None and not os.environ.get(pruning.BUDGET_VARIABLE):
        return
    try:
        budget_bytes = pruning.budget_of(os.environ)
        deleted = pruning.prune(runs_root(named_root), budget_bytes, time.time())
    except UserError as error:
        print_line(f"flashcards: {error}", is_error=True)
        return
    if deleted:
        text = tr(
            "Runs took more than {budget} GB: {n:,} old ones were deleted ({size} MB). "
            "`flashcards runs --keep RUN` keeps one.",
            budget=format_number(budget_bytes / 1e9, ".3g"),
            n=len(deleted),
            size=format_number(sum(entry.size_bytes for entry in deleted) / 1e6, ",.1f"),
        )
        print_line(text, is_error=is_error)


@contextlib.contextmanager
def ended_with_terminal(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` in a thread when the terminal goes away within the block, where no SIGHUP may
    come, as under `nohup`. The process ends when the block is not left a while after that."""
    is_over = threading.Event()

    def watch() -> None:
        fd = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        while not is_over.is_set():
            if not has_hung_up(fd, LOOK_S):
                continue
            nowhere = os.open(os.devnull, os.O_RDWR)
            for output in (1, 2):
                os.dup2(nowhere, output)
            end()
            if not is_over.wait(GRACE_S):
                os._exit(1)

    thread = threading.Thread(target=watch, daemon=True, name="terminal")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
