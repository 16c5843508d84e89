"""Training without a screen: a line a second, or one JSON object at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flashcards.base.columns import joined
from flashcards.base.errors import ENDED_BY_SIGNAL, Terminated
from flashcards.base.language import tr
from flashcards.cards import diagnostics, shelf
from flashcards.cards.format import parse
from flashcards.plain import narrator, outcome, words
from flashcards.plain.line_kinds import lines_about
from flashcards.runs import commands, events, run_files, values
from flashcards.runs.bets import read_share
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.share import share_line
from flashcards.terminal.output import OutputError, print_json, print_line, print_wrapped
from flashcards.terminal.progress import Progress, progress
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from flashcards.wording import bets

if TYPE_CHECKING:
    from flashcards.trainer.team.workers import Workers
import tempfile

from flashcards.doctor.diagnosis import Probe

LINE_EVERY_S = 1.0
ANNOUNCED = (  # told at length beside a line a second
    events.RunStarted,
    events.RivalsGraded,
    events.ChapterBegan,
    events.RemedyChanged,
    events.PracticeChanged,
    events.LessonEnded,
)

Detail = Literal["none", "some", "all"]
NOT_REACHED = 3


def train(
    request: LessonRequest,
    goal: Goal,
    *,
    is_json: bool,
    is_plain: bool = False,
    is_played: bool = False,
    bets_fd: int | None = None,
    workers: Workers | None = None,
) -> int:
    """Teach to the goal; 0, or 3 when a score was asked for and not reached. Ctrl-C and SIGTERM
    save first; then it is 130 or 143. `workers`: other processes that help; `is_played`: it is said
    how to have the lesson elsewhere; `bets_fd`: a predicted number of per cent is read from there.
    Raises LessonError: the deck or run can't be used, or the run can't be written."""
    inbox = Inbox()
    printer = _Printer(inbox, "all" if is_plain else "none" if is_json else "some")
    printer.goal = goal
    printer.bets_fd = bets_fd

    def stop(number: int, _: object) -> None:
        printer.stopped_by = printer.stopped_by or number
        inbox.put(commands.Stop())

    handlers = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    with progress("waking the model") as printer.progress:
        try:
            opened = open_lesson(
                request, inbox=inbox, watch=printer.watch, on_stage=printer.enter, goal=goal
            )
            printer.opened = opened
            if workers is not None:
                opened.training.learner.work_with(workers)
            if request.after is not None and opened.keeper.state.life.began is not None:
                printer.watch(opened.keeper.state.life.began)
            ended = opened.teach()
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    if printer.error is not None:
        raise printer.error
    assert ended is not None
    is_reached = not goal.has_share or ended.reason == "until"
    if is_json:
        print_json(outcome.report_of(opened, ended, is_reached))
    else:
        printer.finish()
        start = opened.keeper.state.start
        if is_played and start is not None and ended.reason != "stopped":
            line = share_line(start, ended, ended.step, request.speed or "")
            print_line(tr("To repeat this lesson elsewhere: {line}", line=line))
    if ended.reason == "stopped" and printer.stopped_by:
        return ENDED_BY_SIGNAL + printer.stopped_by
    return 0 if is_reached else NOT_REACHED


def _too_long(event: events.AnyEvent) -> Iterator[str]:
    """Name the cards that are too long in the deck that a run began with, read from its copy."""
    if not isinstance(event, events.RunStarted) or event.problem is None:
        return
    with contextlib.suppress(OSError, RunError, shelf.DeckUnusable):
        path = RunFolder.open(Path(event.folder)).deck_version("")
        problems = parse(run_files.read_file(path, run_files.MAX_DECK_BYTES), path.name).diagnostics
        if sentence := diagnostics.too_long(problems):
            yield sentence


class _Printer:
    def __init__(self, inbox: Inbox, detail: Detail) -> None:
        self.opened: OpenedLesson | None = None
        self.progress = Progress()
        self.goal = Goal()
        self.bets_fd: int | None = None
        self.error: OutputError | None = None
        self.stopped_by = 0
        self._printed = ""
        self._is_stop_told = False
        self._inbox = inbox
        self._detail = detail
        self._narrator = narrator.Narrator()
        self._next_s = 0.0

    def enter(self, stage: str, percent: int | None = None) -> None:
        """Show what is being done before the lesson; that can be interrupted at once."""
        if self.stopped_by:
            raise Terminated if self.stopped_by == signal.SIGTERM else KeyboardInterrupt
        self.progress.at(0, what=stage if percent is None else f"{stage}: {percent}%")

    def watch(self, event: events.AnyEvent) -> None:
        if self.error is None:
            try:
                self._show_progress(event)
                self._tell(event)
            except OutputError as error:
                self.error = error
                self._inbox.put(commands.Stop())

    def _show_progress(self, event: events.AnyEvent) -> None:
        """Show how far it is to the step or time at which it stops; a share gives no such
        distance."""
        if self.opened is None:
            return
        if self.stopped_by:
            self.progress.at(0, what="the last exam, then it is saved")
            return
        match event:
            case events.StepsTaken() if self.goal.step is not None:
                first = self.opened.keeper.state.life.since_step
                self.progress.at(event.step - first, self.goal.step, f"step {event.step:,}")
            case events.StepsTaken() if self.goal.seconds is not None:
                seconds = min(event.train_seconds, self.goal.seconds)
                self.progress.at(seconds, self.goal.seconds, f"step {event.step:,}")
            case events.StepsTaken():
                self.progress.at(event.step, what=f"step {event.step:,}")

    def _tell(self, event: events.AnyEvent) -> None:
        """Print what somebody should mend, on standard error; what is announced; a line a
        second."""
        now_s = time.monotonic()
        lines: list[str] = []
        if self._detail == "all" or (self._detail == "some" and isinstance(event, ANNOUNCED)):
            if self._detail == "all" and self.stopped_by and not self._is_stop_told:
                self._is_stop_told = True
                lines.append(tr("Stopping; what was learned is being saved."))
            lines += self._narrator.facts(event, now_s)
            if self._detail == "some" and isinstance(event, events.RunStarted):
                lines.append(f"run {event.folder}")
        else:
            self._narrator.state.fold(event)
        problems = [*narrator.warnings(event), *_too_long(event)]
        if problems or lines:
            with self.progress.hidden():
                for line in problems:
                    print_line(line, is_error=True)
                for line in lines:
                    self._say(line)
        if isinstance(event, events.RunStarted) and self.bets_fd is not None:
            self._ask(event, self.bets_fd)
        is_due = self._detail == "some" and not self.stopped_by and now_s >= self._next_s
        if self.opened is not None and is_due:
            self._next_s = now_s + LINE_EVERY_S
            self._print_step(self.opened)

    def _ask(self, start: events.RunStarted, bets_fd: int) -> None:
        """Ask for a prediction and go on; what is typed is read beside the lesson."""
        side: values.BetSide = "unseen" if start.n_held_out else "seen"
        bet = values.BetQuestion(kind="score", side=side)
        question = bets.question(bet, start.n_held_out or start.n_taught)
        how = tr("Type a percentage and press Enter; Enter alone skips.")
        print_line(f"{question} {how}")

        def read() -> None:
            # not `sys.stdin`: its lock, held here, would end the program badly
            share = read_share(os.read(bets_fd, 200).decode("utf-8", "replace"))
            if share is not None:
                self._inbox.put(commands.PlaceBet(bet=bet, share=share))

        threading.Thread(target=read, name="bets", daemon=True).start()

    def finish(self) -> None:
        if self.opened is not None:
            if self._detail == "some":
                self._print_step(self.opened)
            keeper = self.opened.keeper
            self._say(words.saved(keeper.state.last_saved_step, keeper.folder.path))

    def _say(self, text: str) -> None:
        """Print in lines of 80 columns, or in one for whoever listens."""
        if self._detail == "all":
            print_line(joined(text))
        else:
            print_wrapped(text)

    def _print_step(self, opened: OpenedLesson) -> None:
        state = opened.keeper.state
        line = lines_about(state).progress(state)
        if line != self._printed:
            self._printed = line
            with self.progress.hidden():
                print_line(line)


PROBE_S = 10.0  # of training, exams left out; a slow machine teaches fewer cards in it


def probe(deck: str, seconds: float = PROBE_S) -> Probe:
    """Teach `deck` (a path or name) for so long, or until its lesson ends; its run is thrown away.
    Raises LessonError: the deck can't be taught."""
    with tempfile.TemporaryDirectory(prefix="flashcards-probe-") as folder:
        request = LessonRequest(deck=deck, runs=folder, speed="full")
        opened = open_lesson(request, goal=Goal(seconds=seconds))
        ended = opened.teach()
        assert ended is not None
        trained_s = opened.training.memory.train_seconds
        return Probe(trained_s, ended.seen, ended.unseen, opened.keeper.state.rivals)
