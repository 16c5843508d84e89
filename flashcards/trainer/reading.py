"""Exams of a text that is read: how well each next piece is guessed, and what the model writes.

Two fixed samples of windows, one of what is read, one of the passages that are kept back.
"""

from collections.abc import Callable
from functools import cached_property

from flashcards.cards.text import TextDeck, sample
from flashcards.learner.grades import ReadScore
from flashcards.learner.written import CopyFinder
from flashcards.runs.events import ExamTaken, TextWritten
from flashcards.runs.goal import has_share
from flashcards.runs.values import Score
from flashcards.trainer.exams import Examiner
from flashcards.trainer.schedule import Cost, exam_gap_s
from flashcards.trainer.training_state import LessonMemory, TrainingState

N_LINES, N_PIECES = 3, 96  # What is written at every exam

WRITING_WINDOWS = 64  # Writing that, and looking for it in the text, costs as much

PROGRESS = 0.995  # Progress is below this share of the best error in passages kept back


class TextExaminer(Examiner):
    has_marks = False
    is_always_full = True

    def __init__(self, training: TrainingState, deck: TextDeck, cost: Cost) -> None:
        self._training = training
        self._deck = deck
        self._learner = training.learner
        self._cost = cost
        self.taught, self.never_seen = deck.taught, deck.never_seen
        self.taught_sample = sample(self.taught)
        self.never_seen_sample = sample(self.never_seen)
        self.marks = bytearray(len(deck.cards))

    def n_asked(self, *, is_full: bool) -> int:
        return len(self.taught_sample) + len(self.never_seen_sample)

    def gap_s(self, now_s: float) -> float:
        n_windows = len(self.taught_sample) + len(self.never_seen_sample) + WRITING_WINDOWS
        return exam_gap_s(self._cost, n_windows, now_s)

    def take(self, *, is_full: bool, between: Callable[[int], None] | None = None) -> ExamTaken:
        seen = self._learner.read_windows(self.taught_sample)
        unseen = self._learner.read_windows(self.never_seen_sample)
        return ExamTaken(
            step=self._learner.step,
            cards_taught=self._training.memory.cards_taught,
            is_full=False,
            seen=Score(seen.n_right, seen.n_pieces),
            unseen=Score(unseen.n_right, unseen.n_pieces),
            seen_loss_nats=_mean_nats(seen),
            unseen_loss_nats=_mean_nats(unseen),
        )

    def has_unseen_share(self, share: float) -> bool:
        unseen = self._learner.read_windows(self.never_seen_sample)
        return has_share(Score(unseen.n_right, unseen.n_pieces), share)

    def is_by_rule(self, card_index: int, guess: str) -> bool:
        """A text has no exceptions."""
        return False

    def note_progress(self, memory: LessonMemory, exam: ExamTaken) -> None:
        """Remember the least error so far where it counts, and when it came."""
        nats = exam.unseen_loss_nats if exam.unseen.total else exam.seen_loss_nats
        best = memory.best_loss_nats
        if nats is not None and (best is None or nats < PROGRESS * best):
            memory.best_loss_nats = nats
            memory.best_at_s = memory.nominal_s

    def write(self) -> TextWritten:
        """Have the model write by itself; with the longest part of that which is in the text."""
        lines = self._learner.write(self._training.order.seed, N_LINES, N_PIECES)
        return TextWritten(step=self._learner.step, lines=lines, copied=self._copies.longest(lines))

    @cached_property
    def _copies(self) -> CopyFinder:
        deck = self._training.deck
        assert isinstance(deck, TextDeck)
        return CopyFinder(deck.cards.read_text())


def _mean_nats(score: ReadScore) -> float | None:
    return score.nats / score.n_pieces if score.n_pieces else None
