"""Writes down each update as it is made: reports, corrections, exams and their marks, saves.

What an update does is in `update`, what an exam asks in `exams`. A lesson and its replay teach by
this; when something is held, taken or saved is for their loops to say.
"""

import math
from collections.abc import Callable, Iterator

import msgspec

from flashcards.cards.card import Deck
from flashcards.runs import events
from flashcards.runs.marks import pack
from flashcards.trainer import exams, keeper, schedule, training_state, update
from flashcards.trainer.questions.asking import Pins
from flashcards.trainer.questions.influence import Influence

KnownExam = tuple[events.ExamTaken, bytearray]
"""The outcome of an exam, and one mark a card of the deck."""

EXAM_NEWS_EVERY_S = 0.2
LONG_EXAM_CARDS, LONG_EXAM_S = 2_000, 2.0  # Smaller exams end before a sentence is read


class Stopwatch:
    """Seconds since it was looked at last; what is waited for is left out by a look after it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_at = clock()

    def look(self) -> float:
        before, self._looked_at = self._looked_at, self._clock()
        return self._looked_at - before


class Teaching:
    """`exam`: the last one that was taken on the deck in force."""

    def __init__(
        self,
        training: training_state.TrainingState,
        recorder: keeper.Recorder,
        clock: Callable[[], float],
        *,
        pins: Pins | None = None,
        influence: Influence | None = None,
        between_slices: Callable[[], None] | None = None,
    ) -> None:
        """`pins` are asked after each exam; `influence` counts which updates taught them.
        `between_slices` is called within long exams: a lesson obeys then, too, and may leave one
        by an exception."""
        self.learner, self.memory = training.learner, training.memory
        self._training = training
        self._recorder = recorder
        self._clock = clock
        self._pins = pins
        self._influence = influence
        self._between_slices = between_slices
        self._updates = update.Updates(training, clock)
        self._stopwatch = Stopwatch(clock)
        self._news_at = -math.inf
        self.exam: events.ExamTaken | None = None
        self._marked_exam: events.ExamTaken | None = None

    def forget_exams(self) -> None:
        self.exam = self._marked_exam = None

    @property
    def deck(self) -> Deck:
        return self._training.deck

    @property
    def examiner(self) -> exams.Examiner:
        return self._updates.tools.examiner

    def make_update(
        self,
        *,
        is_single: bool,
        is_shown: bool = False,
        is_explained: bool = False,
        observed: update.Observed | None = None,
    ) -> Iterator[update.Moment]:
        """Make the next update while this is looped over, and emit what is known of it.

        Args:
            is_single: On one card, which is measured, and not on a batch.
            is_shown: Of a batch, or of the tries at its prompts, one is measured; without this only
                now and then.
            is_explained: Everything about the card is measured.
            observed: Measure so much in place of that.
        """
        is_due = not is_single and self._is_correction_due()
        if observed is None:
            observed = "correction" if is_single or is_due or is_shown else "nothing"
            observed = "everything" if is_explained else observed
        settings, step = self.learner.settings, self.learner.step
        if is_single or settings.batch_size_at(step) != settings.batch_size_at(step - 1):
            self.report_steps()  # what a report counts are updates of one size: `runs.recording`
        for moment in self._updates.make(is_single=is_single, observed=observed):
            match moment:
                case update.PhaseBegins(phase="adjustment"):
                    yield moment
                    self._note_recipe(is_single=is_single)
                case update.PhaseBegins():
                    yield moment
                case update.PhaseEnds():
                    if moment.details is not None:
                        self._recorder.emit(moment.details)
                    yield moment
                case update.UpdateMade():
                    self._note_update(moment, is_single=is_single, is_explained=is_explained)
                    yield moment

    def _is_correction_due(self) -> bool:
        """Tell whether a card of a batch is measured now; the next time comes later then."""
        memory = self.memory
        if memory.vote is not None or memory.nominal_s < memory.next_correction_s:
            return False
        gap_s = self._updates.tools.cost.correction_gap_s(memory.nominal_s - memory.chapter_s)
        memory.next_correction_s = memory.nominal_s + gap_s
        return True

    def _note_recipe(self, *, is_single: bool) -> None:
        """Log how the update is made, before it is, where that is not as it was made before."""
        recipe = self._training.recipe(is_single=is_single)
        before = self._recorder.state.recipe
        if before is None or msgspec.structs.replace(before, step=recipe.step) != recipe:
            self._recorder.emit(recipe)

    def _note_update(
        self, update_made: update.UpdateMade, *, is_single: bool, is_explained: bool
    ) -> None:
        memory, step = self.memory, self.learner.step
        if update_made.study is not None and self._influence is not None:
            self._influence.adjusted(update_made.study, is_explained=is_explained)
        if is_single or memory.nominal_s >= memory.next_report_s:
            self.report_steps()
        if update_made.correction is not None:
            self._recorder.emit(
                events.CorrectionMeasured(step=step, correction=update_made.correction)
            )
        if update_made.tries is not None:
            self._recorder.emit(update_made.tries)
        if update_made.details is not None:
            self._recorder.emit(update_made.details)

    def is_exam_due(self, *, is_single: bool) -> bool:
        """Tell whether an exam follows the update just made, which was on one card or a batch."""
        memory = self.memory
        return (is_single and memory.speed != "full") or memory.nominal_s >= memory.next_exam_s

    def count_time(self, *, is_lesson: bool = True) -> None:
        """Count the time since this was called last to the lesson, or to nothing: it waited.
        A run made before lessons were timed took its updates' time at least."""
        seconds = self._stopwatch.look() * is_lesson
        memory = self.memory
        memory.lesson_seconds = max(memory.lesson_seconds + seconds, memory.train_seconds)

    def report_steps(self) -> None:
        memory = self.memory
        if memory.pending_steps == 0:
            return
        self.count_time()
        self._recorder.emit(
            events.StepsTaken(
                step=self.learner.step,
                cards_taught=memory.cards_taught,
                train_seconds=round(memory.train_seconds, 4),
                lesson_seconds=round(memory.lesson_seconds, 4),
                loss_nats=memory.pending_loss_nats / memory.pending_steps,
                gradient_norm=memory.gradient_norm,
                relative_change=memory.relative_change,
                reward=None if self._training.deck.judge is None else memory.reward,
            )
        )
        memory.pending_steps = 0
        memory.pending_loss_nats = 0.0
        memory.next_report_s = memory.nominal_s + schedule.STEPS_EVERY_S

    def take_exam(
        self, *, is_full: bool = False, is_marked: bool = False, known: KnownExam | None = None
    ) -> events.ExamTaken:
        """Grade the fixed sample; or every card, which leaves the schedule of exams as it is.
        `is_marked`: emit the marks of the cards even where they are too many for the log.
        `known`: the outcome of this exam, when it was taken; it isn't taken again."""
        memory, examiner = self.memory, self.examiner
        if known is None:
            exam = self._ask(examiner, is_full=is_full)
        else:
            exam, examiner.marks = known
        cards, marks = self._training.deck.cards, examiner.marks
        never_seen = [i for i, mark in enumerate(marks) if mark and cards[i].is_never_seen]
        self._training.ledger.examined(never_seen, marks, self.learner.step)
        if not is_full:
            gap_s = examiner.gap_s(memory.nominal_s - memory.chapter_s)
            memory.next_exam_s = memory.nominal_s + gap_s
            examiner.note_progress(memory, exam)
        self._recorder.emit(exam)
        self.exam = exam
        if known is None and (written := examiner.write()) is not None:
            self._recorder.emit(written)
        self._mark_deck(is_full or is_marked)
        if self._pins is not None:
            self._pins.answer()
        return exam

    def _ask(self, examiner: exams.Examiner, *, is_full: bool) -> events.ExamTaken:
        if self._between_slices is None or not (is_full or self._updates.tools.cost.is_slow):
            return examiner.take(is_full=is_full)
        n_cards, n_asked = examiner.n_asked(is_full=is_full), 0
        began_at = self._clock()

        def between(n_more: int) -> None:
            assert self._between_slices is not None
            nonlocal n_asked
            n_asked += n_more
            now = self._clock()
            is_long = n_cards >= LONG_EXAM_CARDS or now - began_at >= LONG_EXAM_S
            if is_long and now - self._news_at >= EXAM_NEWS_EVERY_S:
                self._news_at = now
                step = self.learner.step
                self._recorder.emit(
                    events.ExamUnderWay(step=step, n_asked=n_asked, n_cards=n_cards)
                )
            self._between_slices()

        return examiner.take(is_full=is_full, between=between)

    def save(self, *, is_anew: bool = False, is_kept: bool = False) -> None:
        """Make everything up to this step durable; `is_anew` also when it was before.
        `is_kept`: for good."""
        self.count_time()
        state = self._training.to_bytes
        self._recorder.save(self.learner.step, state, is_anew=is_anew, is_kept=is_kept)

    def mark_last_exam(self) -> None:
        """Log the marks of the last exam if they were left out to save space."""
        if self.exam is not None and self._marked_exam is not self.exam:
            self._mark_deck(is_full=True)

    def count_marks(self, marks: str) -> None:
        """Marks that are logged: the next ones may have to wait."""
        self.memory.marks_bytes += len(marks)
        if self.memory.speed == "full":
            self.memory.next_marks_s = self.memory.nominal_s + schedule.MARKS_EVERY_S

    def _mark_deck(self, is_full: bool) -> None:
        if not self.examiner.has_marks:
            return
        memory = self.memory
        allowed = schedule.MARKS_BYTES_FREE + schedule.MARKS_BYTES_PER_STEP * self.learner.step
        marked = events.DeckMarked(step=self.learner.step, marks=pack(bytes(self.examiner.marks)))
        if is_full or (memory.nominal_s >= memory.next_marks_s and memory.marks_bytes <= allowed):
            self.count_marks(marked.marks)
            self._recorder.emit(marked)
            self._marked_exam = self.exam
        elif len(marked.marks) <= schedule.MARKS_BYTES_TOLD:
            self._recorder.tell(marked)
