"""Checks a run that was made where numbers are rounded otherwise, and makes no update again.

The last digit of a sum depends on the processor and on the version of torch, and every update
passes the difference on. What does not depend on it is checked: that the log is whole, that decks,
settings and what follows from them are as it says, and that saved states are what was written. Each
of them is asked again: from the same weights an exam has the same scores, to a last digit that no
update has enlarged.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from flashcards.base.decoding import decode_json
from flashcards.cards import shelf, text
from flashcards.cards.printable import printable
from flashcards.learner.saving import SavedError, extra_of
from flashcards.runs import catalog, events, run_files
from flashcards.runs.folder import RunError, RunFolder, read_state
from flashcards.runs.marks import RIGHT, unpack
from flashcards.trainer.again import replaying
from flashcards.trainer.again.mismatch import Leaf, Mismatch, is_number, leaves
from flashcards.trainer.training_state import LessonMemory
from flashcards.trainer.update import DeckTools

SAME_SHARE = 1e-4  # Errors may differ by this share, or by this much below 1

TIES = 1e-4
"""And one of so many thousand cards or pieces may be right here and wrong there, where two answers
are as likely to the last digit. Measured: of 210,326 that 47 saved states of cards, rewards and a
text were asked, none was, with AVX512, AVX2 and neither; errors were 5e-8 apart."""

ANOTHER_MODEL = (
    events.DeckChanged,
    events.AdapterSwitched,
    events.RunResumed,
    events.RunBranched,
    events.RunRewound,
    events.RunDiverged,
)
"""After these an exam at the same step asks other cards, or another model."""


ASKED_FOR = ("learning_rate_factor", "rehearsal", "learns", "practice", "order", "order_seed")
"""Settings of a lesson that lines of the log changed."""


class Elsewhere:
    """Checks one run. `n_states`, `n_exams`: states that were checked, exams that were asked again.
    `differ` is told what is not as it was written."""

    def __init__(
        self,
        folder: RunFolder,
        replay: replaying.Replay,
        differ: Callable[[Mismatch], None],
    ) -> None:
        self.n_states = self.n_exams = 0
        self._folder = folder
        self._replay = replay
        self._differ = differ
        self._paths = {path.name: path for _, path in folder.state_files()}
        self._step: int | None = None  # of the state that the lesson stands at
        self._exams: list[events.ExamTaken] = []  # of this step, to be asked when its state comes
        self._reported: events.StepsTaken | None = None

    def check(
        self, unnamed: Sequence[tuple[int, Path]], on_step: Callable[[int, int], None]
    ) -> None:
        """`unnamed`: the states that no line of the log names.
        Raises RunError: a deck is gone, or what the log says of a step can't be."""
        self._compare_length()
        self._compare_deck()
        self._compare_unnamed(unnamed)
        last = self._replay.log.last_step
        if self._replay.step == 0:
            self._step = 0  # a replay begins at the first state
        exam: events.ExamTaken | None = None
        for event in self._replay.pass_by():
            on_step(event.step, last)
            if self._step is not None and event.step > self._step:
                self._step = None
            if self._exams and event.step > self._exams[0].step:
                self._exams = []
            match event:
                case events.StateSaved():
                    self._take_over(event)
                case events.ExamTaken():
                    exam = event
                    self._exams.append(event)
                    self._ask()
                case events.DeckMarked() if exam is not None and exam.step == event.step:
                    self._compare_marks(exam, event)
                case events.StepsTaken():
                    self._reported = event
                case events.LessonEnded() if exam is not None:
                    self._compare_end(event, exam)
                case _ if isinstance(event, ANOTHER_MODEL):
                    self._exams = []
                    exam = None

    def _compare_length(self) -> None:
        """Compare the log with its length when the summary was written: no line is gone since."""
        n_bytes = self._folder.log_path.stat().st_size
        path = self._folder.path / catalog.SUMMARY_FILE
        try:
            summary = decode_json(
                run_files.read_file(path, run_files.MAX_JSON_BYTES), catalog.RunSummary
            )
        except (OSError, msgspec.DecodeError):
            return  # lists make it again from the log
        if summary.log_bytes is not None and summary.log_bytes > n_bytes:
            name = self._folder.log_path.name
            self._differ(Mismatch("cut_log", 0, name, str(summary.log_bytes), str(n_bytes)))

    def _compare_deck(self) -> None:
        """Compare the kept versions of the deck with the hash of the one that the run began with.
        Raises RunError: one can't be read."""
        paths = self._folder.deck_versions()
        try:
            hashes = {text.load_either(path)[0].sha256 for path in paths}
        except shelf.DeckUnusable as error:
            raise RunError(f"the run's deck can't be read: {error}") from error
        if self._folder.info.deck_sha256 not in hashes:
            self._differ(Mismatch("another_deck", 0, printable(paths[0].name)))

    def _compare_unnamed(self, unnamed: Sequence[tuple[int, Path]]) -> None:
        """Report states that no line of the log names; one was saved just before a crash, perhaps.
        Those that only answer are named otherwise in the log."""
        last = self._replay.log.last_step
        for step, path in unnamed:
            if step < last and ".alone" not in path.suffixes:
                self._differ(Mismatch("unnamed_state", step, printable(path.name)))

    def _take_over(self, saved: events.StateSaved) -> None:
        """Be the lesson that was saved here, if its file is there still; look whether the log leads
        there, and ask it what was asked at this step."""
        self._step = None
        path = self._paths.get(saved.file)
        if path is None:
            return
        self.n_states += 1
        state = read_state(path)
        try:
            if state is None:
                raise SavedError("damaged")
            memory = decode_json(extra_of(state)["memory"], LessonMemory)
            in_force = {name: getattr(self._replay.training.memory, name) for name in ASKED_FOR}
            self._replay.go_on_from(state)
        except (SavedError, ValueError, KeyError, msgspec.DecodeError):
            self._differ(Mismatch("damaged_state", saved.step, path.name))
            return
        if self._replay.step != saved.step:
            self._differ(Mismatch("damaged_state", saved.step, path.name))
            return
        for name, by_log in in_force.items():
            if by_log != getattr(memory, name):
                was, now = str(by_log), str(getattr(memory, name))
                self._differ(Mismatch("other_state", saved.step, name, was, now))
        self._compare_reports(saved, memory)
        self._step = saved.step
        self._ask()

    def _compare_reports(self, saved: events.StateSaved, memory: LessonMemory) -> None:
        """Compare the state with the last report of steps, which it counts on from."""
        reported_at = saved.step - memory.pending_steps
        if reported_at <= memory.chapter_step:
            return  # no step of this chapter was reported yet
        reported = self._reported
        if reported is None or reported.step < reported_at:
            self._differ(Mismatch("gone_line", reported_at, "StepsTaken"))
        elif reported.step == saved.step and reported.cards_taught != memory.cards_taught:
            n_reported, n_saved = str(reported.cards_taught), str(memory.cards_taught)
            self._differ(
                Mismatch("other_state", saved.step, "StepsTaken.cards_taught", n_reported, n_saved)
            )

    def _compare_marks(self, exam: events.ExamTaken, marked: events.DeckMarked) -> None:
        """Compare an exam of every card with the marks that it gave."""
        training = self._replay.training
        deck = training.deck.own
        if not exam.is_full or exam.known is not None:
            return
        try:
            marks = unpack(marked.marks, len(deck.cards))
        except ValueError:
            self._differ(Mismatch("other_marks", exam.step, "DeckMarked.marks"))
            return
        n_right = sum(marks[i] == RIGHT for i in deck.never_seen)
        if n_right != exam.unseen.right:
            was = str(exam.unseen.right)
            what = "ExamTaken.unseen.right"
            self._differ(Mismatch("other_marks", exam.step, what, was, str(n_right)))

    def _compare_end(self, ended: events.LessonEnded, exam: events.ExamTaken) -> None:
        """Compare the end with the exam before it, of the log: nothing is made again for that."""
        confirmed = self._replay.confirmed_end(ended, exam)
        if confirmed is None:
            return
        by_exam = leaves(confirmed)
        for name, was in leaves(ended).items():
            if was != by_exam[name]:
                what = f"LessonEnded.{name}"
                now = str(by_exam[name])
                self._differ(Mismatch("other_end", ended.step, what, str(was), now))

    def _ask(self) -> None:
        """Ask again what was asked at the step of the state that the lesson stands at."""
        exams, self._exams = self._exams, [exam for exam in self._exams if exam.step != self._step]
        for exam in exams:
            if exam.step != self._step:
                continue
            examiner = DeckTools(self._replay.training).examiner
            known = None if exam.known is None else exam.known.sentences
            n_sentences = len(self._replay.training.general_deck.cards)
            # of a small deck a sample is every card, but not every sentence that it asks besides
            is_sample = known is not None and known.total < n_sentences
            exam_now = examiner.take(is_full=exam.is_full and not is_sample)
            self.n_exams += 1
            for what, was, now in _different(exam, exam_now):
                self._differ(Mismatch("asked_again", exam.step, what, str(was), str(now)))


def _different(was: events.ExamTaken, now: events.ExamTaken) -> Iterator[tuple[str, Leaf, Leaf]]:
    """Yield what no last digit explains: the path of the value, then and now."""
    before, after = leaves(was), leaves(now)
    for name in dict.fromkeys((*before, *after)):
        leaf, leaf_now = before.get(name), after.get(name)
        total = after.get(f"{name.rpartition('.')[0]}.total")
        if ".example" not in f".{name}" and not _is_same(name, leaf, leaf_now, total):
            yield f"ExamTaken.{name}", leaf, leaf_now


def _is_same(name: str, was: Leaf, now: Leaf, total: Leaf) -> bool:
    if was == now:
        return True
    if not (is_number(was) and is_number(now)):
        return False
    by, size = abs(float(was or 0) - float(now or 0)), abs(float(now or 0))
    if isinstance(was, float) or isinstance(now, float):
        return by <= SAME_SHARE * max(1.0, size)
    is_count = name.endswith(("right", "rule_seen", "rule_unseen"))
    return is_count and by <= TIES * float(total or 0)
