"""Teaches: tells of each update as it is made, and holds the exams and saves that are due after it.

What an update does is in `update`, what an exam does in `exams`.
"""

from collections.abc import Callable, Mapping
from typing import get_args

import msgspec

from flashcards.learner.study import Study
from flashcards.runs import events, values
from flashcards.runs.marks import pack
from flashcards.trainer import exams, keeper, schedule, training_state, update
from flashcards.trainer.reading import TextExaminer, note_read_progress

NO_PHASES: Mapping[values.Phase, float] = {}
KnownExam = tuple[events.ExamTaken, bytearray]
"""What an exam came to, and one mark a card of the deck."""


class Stopwatch:
    """Seconds since it was looked at last; what is waited for is left out by a look after it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_at = clock()

    def look(self) -> float:
        before, self._looked_at = self._looked_at, self._clock()
        return self._looked_at - before


class Teaching(update.Observer):
    def __init__(
        self,
        training: training_state.TrainingState,
        recorder: keeper.Recorder,
        clock: Callable[[], float],
        hold: Callable[[float], None],
    ) -> None:
        """`hold` waits that many seconds, obeying commands meanwhile.
        `known_exam` may be set to what an exam came to when it was held: it isn't held again.
        `least_observed`: every update is observed so closely, or closer unless `is_quick`."""
        self.learner, self.memory = training.learner, training.memory
        self.on_exam: Callable[[], None] = lambda: None
        self.on_adjusted: Callable[[Study, bool], None] = lambda study, is_explained: None
        self.is_walking: Callable[[], bool] = lambda: False
        self.on_asked: Callable[[int, int], None] = lambda n_asked, n_cards: None
        self.known_exam: Callable[[], KnownExam | None] = lambda: None
        self.least_observed: update.Observed = "nothing"
        self.is_quick = False
        self._training = training
        self._recorder = recorder
        self._hold = hold
        self._updates = update.Updates(training, clock)
        self._stopwatch = Stopwatch(clock)
        self._phase_s = NO_PHASES
        self._is_single = False
        self._n_asked = self._n_to_ask = 0
        self.forget_exams()

    def forget_exams(self) -> None:
        self.exam: events.ExamTaken | None = None
        self._marked_exam: events.ExamTaken | None = None

    @property
    def examiner(self) -> exams.Examiner:
        return self._updates.tools.examiner

    def teach_card(self, phase_s: Mapping[values.Phase, float] = NO_PHASES) -> None:
        """One card, one update, phase by phase: what the screen lights up is being done then.
        `phase_s` is how long each phase stands; empty, they are not told apart."""
        self._teach(phase_s, "everything" if phase_s else "correction", is_single=True)

    def teach_batch(self, *, is_shown: bool = False) -> None:
        """One update on a whole batch; now and then, or if asked for, one of its cards is shown and
        measured, or by reward the tries at one of its prompts."""
        memory = self.memory
        is_due = memory.nominal_s >= memory.next_correction_s
        if is_due:
            cost = self._updates.tools.cost
            gap_s = cost.correction_gap_s(memory.nominal_s - memory.chapter_s)
            memory.next_correction_s = memory.nominal_s + gap_s
        self._teach(NO_PHASES, "correction" if is_due or is_shown else "nothing", is_single=False)

    def teach_vote(self, choice: values.Vote) -> None:
        self.memory.vote = choice
        self._teach(NO_PHASES, "nothing", is_single=False)

    def _teach(
        self, phase_s: Mapping[values.Phase, float], observed: update.Observed, *, is_single: bool
    ) -> None:
        self._phase_s, self._is_single = phase_s, is_single
        settings, step = self.learner.settings, self.learner.step
        if is_single or settings.batch_size_at(step) != settings.batch_size_at(step - 1):
            self.report_steps()  # what a report counts are updates of one size: `runs.recording`
        wanted = self.least_observed if self.is_quick else observed
        observed = max(wanted, self.least_observed, key=get_args(update.Observed).index)
        self._updates.make(is_single=is_single, observed=observed, observer=self)

    def enter(self, phase: values.Phase, correction: values.Correction | None) -> None:
        """Emit the phase if phases are told apart; before the model is changed, emit the recipe."""
        if self._phase_s and correction is not None:
            self._recorder.emit(
                events.PhaseEntered(
                    step=self.learner.step,
                    phase=phase,
                    correction=correction,
                    is_held=self.is_walking(),
                )
            )
        if phase == "adjustment":
            recipe = self._training.recipe(is_single=self._is_single)
            before = self._recorder.state.recipe
            if before is None or msgspec.structs.replace(before, step=recipe.step) != recipe:
                self._recorder.emit(recipe)

    def leave(self, phase: values.Phase, details: events.UpdateDetails | None) -> None:
        if details is not None:
            self._recorder.emit(details)
        if self._phase_s:
            self._recorder.flush()
            self._hold(self._phase_s[phase])

    def made(self, made: update.Made) -> None:
        """Report the update; hold the exam and save the state that are due."""
        memory, step = self.memory, self.learner.step
        if made.study is not None:
            self.on_adjusted(made.study, bool(self._phase_s))
        if self._is_single or memory.nominal_s >= memory.next_report_s:
            self.report_steps()
        if made.correction is not None:
            self._recorder.emit(events.CorrectionMeasured(step=step, correction=made.correction))
        if made.tries is not None:
            self._recorder.emit(made.tries)
        if made.details is not None:
            self._recorder.emit(made.details)
        is_slow = self._is_single and memory.speed != "full"
        if is_slow or memory.nominal_s >= memory.next_exam_s:
            self.take_exam()
        if self._recorder.is_save_due(step):
            self.save()

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

    def take_exam(self, *, is_full: bool = False, is_marked: bool = False) -> events.ExamTaken:
        """Grade the fixed sample; or every card, which leaves the schedule of exams as it is.
        `is_marked`: tell the marks of the cards even where they are too many for the log."""
        memory, examiner = self.memory, self.examiner
        self._n_asked = 0
        self._n_to_ask = len(examiner.taught) + len(examiner.never_seen)
        if not isinstance(examiner, TextExaminer):
            self._n_to_ask = examiner.n_asked(is_full=is_full)
        known = self.known_exam()
        if known is None:
            is_told = is_full or self._updates.tools.cost.is_slow
            exam = examiner.take(is_full=is_full, between=self._asked if is_told else None)
        else:
            exam, examiner.marks = known
        cards, marks = self._training.deck.cards, examiner.marks
        never_seen = [i for i, mark in enumerate(marks) if mark and cards[i].is_never_seen]
        self._training.ledger.examined(never_seen, marks, self.learner.step)
        if not is_full:
            gap_s = examiner.gap_s(memory.nominal_s - memory.chapter_s)
            memory.next_exam_s = memory.nominal_s + gap_s
            note = note_read_progress if isinstance(examiner, TextExaminer) else exams.note_progress
            note(memory, exam)
        self._recorder.emit(exam)
        self.exam = exam
        if isinstance(examiner, TextExaminer) and known is None:
            self._recorder.emit(examiner.write())
        self._mark_deck(is_full or is_marked)
        self.on_exam()
        return exam

    def _asked(self, n_cards: int) -> None:
        self._n_asked += n_cards
        self.on_asked(self._n_asked, self._n_to_ask)

    def save(self, *, is_anew: bool = False, is_kept: bool = False) -> None:
        """Make everything up to this step durable; `is_anew` also when it was before.
        `is_kept`: for good."""
        self.count_time()
        state = self._training.to_bytes
        self._recorder.save(self.learner.step, state, is_anew=is_anew, is_kept=is_kept)

    def save_before(self, wait_s: float) -> None:
        """Save what a lesson that waits so long could lose."""
        if self._recorder.is_save_due(self.learner.step, wait_s):
            self.save()

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
        if isinstance(self.examiner, TextExaminer):
            return  # windows have no marks
        memory = self.memory
        allowed = schedule.MARKS_BYTES_FREE + schedule.MARKS_BYTES_PER_STEP * self.learner.step
        told = events.DeckMarked(step=self.learner.step, marks=pack(bytes(self.examiner.marks)))
        if is_full or (memory.nominal_s >= memory.next_marks_s and memory.marks_bytes <= allowed):
            self.count_marks(told.marks)
            self._recorder.emit(told)
            self._marked_exam = self.exam
        elif len(told.marks) <= schedule.MARKS_BYTES_TOLD:
            self._recorder.tell(told)
