"""How far a command is and how long it will take, on standard error where somebody can see it.

One line that is painted over, and gone at the end. Nothing when standard error is a pipe or a file.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO, TypeVar

from flashcards.output import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

T = TypeVar("T")

BAR_COLUMNS = 24


class Progress:
    """Where a command says how far it is. This one shows nothing."""

    def at(self, done: float, total: float | None = None, what: str | None = None) -> None:
        """So much is done; `total` and `what` are as before unless given."""

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """The line is away, so that others can be printed."""
        yield


class _Shown(Progress):
    def __init__(self, bar: Bar, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def at(self, done: float, total: float | None = None, what: str | None = None) -> None:
        described = None if what is None else visible(what)
        self._bar.update(self._task, completed=done, total=total, description=described)

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        self._bar.stop()
        yield
        self._bar.start()


@contextlib.contextmanager
def progress(what: str, total: float | None = None) -> Iterator[Progress]:
    """Show that `what` is being done, and of `total` how much, until the block is left.

    The time left is shown as soon as there is a total, the time that has passed before.
    """
    stream = terminal()
    if stream is None:
        yield Progress()
        return
    from rich import progress as rich

    bar = rich.Progress(
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(bar_width=BAR_COLUMNS),
        rich.TaskProgressColumn(show_speed=False, markup=False),
        rich.TimeElapsedColumn(),
        rich.TextColumn("· left"),
        rich.TimeRemainingColumn(compact=True),
        console=console(stream),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        yield _Shown(bar, bar.add_task(visible(what), total=total))


def each(items: Sequence[T], what: str) -> Iterator[T]:
    """The items, with progress shown while they are worked on."""
    with progress(what, len(items)) as shown:
        for n_done, item in enumerate(items):
            shown.at(n_done)
            yield item


def terminal() -> TextIO | None:
    """Standard error as a terminal that a person sees; None when it is none."""
    if not sys.stderr.isatty():
        return None
    stream: TextIO = getattr(sys.stderr, "stream", sys.stderr)
    return stream


def console(stream: TextIO) -> Console:
    """Paints on the terminal. Text given to it has to be visible: see `output.visible`."""
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False)
