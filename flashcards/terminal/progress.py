"""The progress of a command and the time it will take, on standard error where somebody sees it:
one line that is painted over, and gone at the end. In a pipe silent commands say a line now and
then."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from flashcards.terminal.output import OutputError, print_line, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar, TaskID


BAR_COLUMNS = 16
FIRST_LINE_S, NEXT_LINE_S = 2.0, 10.0


class Progress:
    """The line in which a command says how far it is. This one shows nothing."""

    def at(self, done: float, total: float | None = None, what: str | None = None) -> None:
        """Show that so much is done; `total` and `what` are as before unless given."""

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide the line while other lines are printed."""
        yield


class _ProgressBar(Progress):
    def __init__(self, bar: Bar, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def at(self, done: float, total: float | None = None, what: str | None = None) -> None:
        described = None if what is None else visible(what)
        self._bar.update(self._task, completed=done, total=total, description=described)

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        was_there = self._bar.live.is_started
        self._bar.stop()
        yield
        if was_there:
            self._bar.start()


class _ProgressInLines(Progress):
    """Lines after `FIRST_LINE_S`, and then every `NEXT_LINE_S`, from a thread."""

    def __init__(self, what: str, total: float | None) -> None:
        self._what = what
        self._total = total
        self._done = 0.0
        self._is_over = threading.Event()

    def at(self, done: float, total: float | None = None, what: str | None = None) -> None:
        self._done = done
        self._total = total or self._total
        self._what = what or self._what

    @contextlib.contextmanager
    def lines(self) -> Iterator[Progress]:
        thread = threading.Thread(target=self._tell, daemon=True, name="progress")
        thread.start()
        try:
            yield self
        finally:
            self._is_over.set()
            thread.join()

    def _tell(self) -> None:
        wait_s = FIRST_LINE_S
        while not self._is_over.wait(wait_s):
            share = f", {100 * self._done / self._total:.0f} %" if self._total else ""
            with contextlib.suppress(OutputError):
                print_line(f"{visible(self._what)} …{share}", is_error=True)
            wait_s = NEXT_LINE_S


@contextlib.contextmanager
def progress(what: str, total: float | None = None, *, is_told: bool = False) -> Iterator[Progress]:
    """Show that `what` is being done, and of `total` how much, until the block is left; and the
    time left, or passed without a total. `is_told`: in lines, where there is no terminal."""
    stream = terminal()
    if stream is None:
        with (
            _ProgressInLines(what, total).lines()
            if is_told
            else contextlib.nullcontext(Progress()) as display
        ):
            yield display
        return
    from rich import progress as rich
    from rich.text import Text

    class _Times(rich.ProgressColumn):
        def render(self, task: rich.Task) -> Text:
            return Text(times(task.percentage, task.elapsed, task.time_remaining, task.total))

    bar = rich.Progress(
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(bar_width=BAR_COLUMNS),
        _Times(),
        console=console(stream),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        yield _ProgressBar(bar, bar.add_task(visible(what), total=total))


@contextlib.contextmanager
def opening_run() -> Iterator[Callable[[int, int], None]]:
    """Say that a run is opened; and that updates are made again, once what is yielded is told of
    some: how many, of how many."""
    with progress("opening the run", is_told=True) as display:
        yield functools.partial(display.at, what="training again")


@contextlib.contextmanager
def loading_torch() -> Iterator[None]:
    """Say that PyTorch is loaded in the block, which takes ten seconds from a cold disk, unless it
    is there already; of several processes that torchrun starts the first one says it."""
    if "torch" in sys.modules or os.environ.get("RANK", "0") != "0":
        yield
        return
    with progress("loading PyTorch"), _sigterm_is_kept():
        yield


@contextlib.contextmanager
def _sigterm_is_kept() -> Iterator[None]:
    """Raise at the block's end what SIGTERM raised within it: an import may swallow it."""
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    signals: list[int] = []

    def obey(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        before(number, frame)

    signal.signal(signal.SIGTERM, obey)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
    if signals:
        before(signals[0], None)


def times(
    percentage: float, passed_s: float | None, left_s: float | None, total: float | None
) -> str:
    passed = span(passed_s or 0.0)
    if total is None:
        return passed
    left = "" if left_s is None else f", about {span(left_s)} left"
    return f"{percentage:.0f} %  {passed}{left}"


def span(seconds: float) -> str:
    """12 s, 3 min, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


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
