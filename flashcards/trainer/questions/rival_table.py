"""The rivals at the lesson's table: graded on its split, and asked what its model is asked.

They work in a process of their own, at low priority, so that no update waits for them; a deck so
small that they are done in a moment is graded here. Should their process fail, the lesson goes on,
and they are graded here when a verdict needs them. Nothing here changes what is taught.
"""

import contextlib
import queue
import time
from collections.abc import Callable
from typing import assert_never

from flashcards.base.child_process import JsonLinesThread
from flashcards.base.system import python
from flashcards.rivals import grading
from flashcards.runs import marks, run_files, values
from flashcards.runs.events import PromptAnswered, RivalsAnswered, RivalsGraded
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.training_state import TrainingState

COMMAND = python("-m", "flashcards.rivals")

AT_ONCE_CHARACTERS = 5_000  # Such a deck is graded in some ten milliseconds: no process

PATIENCE_S = 60.0  # For a verdict; 100,000 cards take some ten seconds to grade


class RivalTable:
    def __init__(self, training: TrainingState, keeper: Keeper, wake: Callable[[], None]) -> None:
        """`wake` is called, from another thread, when there is something to `tell`."""
        self._training = training
        self._keeper = keeper
        self._wake = wake
        self._rivals: grading.Rivals | None = None
        self._process: JsonLinesThread[grading.Reply] | None = None
        self._replies: queue.SimpleQueue[grading.Reply | None] = queue.SimpleQueue()
        self._graded: tuple[values.Rival, ...] = ()
        self._is_graded = False

    def open(self) -> None:
        deck, folder = self._training.deck.own, self._keeper.folder
        if deck.n_characters <= AT_ONCE_CHARACTERS:
            self._grade_here()
            return
        table = grading.Table(
            deck=str(folder.deck_version(self._training.memory.deck_file)),
            never_seen=marks.pack(deck.never_seen_mask),
            shuffle_seed=folder.info.seed if folder.info.is_shuffled else None,
        )
        self._replies = queue.SimpleQueue()
        with contextlib.suppress(OSError):
            self._process = JsonLinesThread(COMMAND, grading.decode_reply, self._replied)
            self._process.send(run_files.json_line(table))

    def deck_changed(self) -> None:
        self.close()
        self._rivals = None
        self._graded = ()
        self._is_graded = False
        self.open()

    def ask(self, answered: PromptAnswered) -> None:
        """Ask the rivals what the model was asked; their answers come with `tell`."""
        if not self._training.deck.prompted:
            return
        if self._rivals is not None:
            self._emit_answers(answered.request, self._rivals.answers(answered.prompt))
        elif self._process is not None:
            typed = grading.Typed(request=answered.request, prompt=answered.prompt)
            self._process.send(run_files.json_line(typed))

    def tell(self) -> None:
        """Emit what the rivals' process has said so far. Never waits."""
        while self._process is not None:
            try:
                self._take(self._replies.get_nowait())
            except queue.Empty:
                return

    def wait_for_scores(self) -> tuple[values.Rival, ...]:
        """The scores of all of them: waited for, or else graded here."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not self._is_graded and self._process is not None:
            try:
                left_s = max(0.0, deadline_s - time.monotonic())
                self._take(self._replies.get(timeout=left_s))
            except queue.Empty:
                self.close()
        if not self._is_graded:
            self._grade_here()
        return self._graded

    def close(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None

    def _replied(self, reply: grading.Reply | None) -> None:
        self._replies.put(reply)
        self._wake()

    def _take(self, reply: grading.Reply | None) -> None:
        match reply:
            case grading.Graded():
                self._graded = (*self._graded, reply.rival)
                if reply.is_last:
                    self._emit_graded()
            case grading.Answered():
                self._emit_answers(reply.request, reply.answers)
            case None:
                self.close()
            case _:
                assert_never(reply)

    def _grade_here(self) -> None:
        self._rivals = grading.rivals_of(self._training.deck)
        self._graded = self._rivals.scores()
        self._emit_graded()

    def _emit_graded(self) -> None:
        self._is_graded = True
        self._keeper.emit(RivalsGraded(step=self._training.learner.step, rivals=self._graded))

    def _emit_answers(self, request: int, answers: tuple[values.RivalAnswer, ...]) -> None:
        step = self._training.learner.step
        self._keeper.emit(RivalsAnswered(step=step, request=request, answers=answers))
