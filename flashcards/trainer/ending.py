"""The end of a lesson: when it is reached, and what is said of it then.

A sample only suggests an end; it is confirmed on every card.
"""

from flashcards.runs.events import ExamTaken, LessonEnded, RunDiverged
from flashcards.runs.goal import Goal, has_share
from flashcards.runs.values import EndReason
from flashcards.trainer import exams, lesson_kinds
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.questions.rival_table import RivalTable
from flashcards.trainer.teaching import Teaching

SAMPLE_ERROR = 0.02  # What a share of `exams.N_SAMPLE` cards may differ by from that of all

QUICK_EXAM_S = 3.0  # Nominal; when interrupted, every card is asked only if that is no slower


class LessonEnding:
    def __init__(
        self,
        teaching: Teaching,
        keeper: Keeper,
        table: RivalTable,
        goal: Goal | None,
        *,
        is_pausing_there: bool,
    ) -> None:
        """Without a goal the lesson ends where lessons do.
        `is_pausing_there`: at its goal it only pauses, once, and may be played beyond it."""
        self._teaching = teaching
        self._keeper = keeper
        self._table = table
        self._goal = Goal() if goal is None else goal
        self._is_pausing_there = goal is not None and is_pausing_there
        self._judged_exam: ExamTaken | None = None

    def go_back(self) -> None:
        self._judged_exam = None

    def find(self) -> EndReason | None:
        teaching, goal = self._teaching, self._goal
        if not teaching.learner.is_finite:
            return "diverged"
        if self._is_pausing_there and teaching.memory.has_ended:
            return None
        train_seconds = teaching.memory.train_seconds
        if goal.is_limit_reached(teaching.learner.step, train_seconds):
            self._save_first()  # a wanted score is checked on every card
            return "until" if goal.has_share and self._holds(self._full_exam()) else "limit"
        if self._is_look_due and self._look():
            return "until"
        exam = teaching.exam
        if exam is None or exam is self._judged_exam:
            return None
        self._judged_exam = exam
        if goal.has_share:
            if self._is_reached(exam):
                return "until"
            return None if goal.has_limit else self._no_progress()
        if goal.has_limit or teaching.memory.has_ended:
            return None
        if self._are_all_right(exam):
            return "all_right"
        return self._no_progress()

    def end(self, reason: EndReason) -> LessonEnded:
        """The lesson ends here: confirm the scores, judge them, save."""
        teaching = self._teaching
        step = teaching.learner.step
        if reason in ("limit", "stopped"):
            self._save_first()
        teaching.report_steps()
        if reason == "diverged":
            self._keeper.emit(RunDiverged(step=step))
        exam = teaching.exam
        is_quick = teaching.examiner.full_exam_s <= QUICK_EXAM_S
        if exam is None or (not self._is_graded and (reason != "stopped" or is_quick)):
            exam = self._full_exam()
        teaching.mark_last_exam()
        rivals = self._table.wait_for_scores()
        judged = lesson_kinds.lesson_about(teaching.deck).verdict(exam, rivals)
        ended = LessonEnded(
            step=step,
            reason=reason,
            verdict_kind=judged.kind,
            seen=exam.seen,
            unseen=exam.unseen,
        )
        teaching.memory.has_ended = True
        self._keeper.emit(ended)
        teaching.save()
        self._keeper.save_summary()
        return ended

    def grade(self) -> None:
        """Ask every card, unless the last exam did and the model is still the same."""
        if not self._is_graded:
            self._save_first()
            self._full_exam()

    @property
    def _is_graded(self) -> bool:
        teaching = self._teaching
        exam = teaching.exam
        if exam is None or exam.step != teaching.learner.step:
            return False
        return teaching.examiner.is_final(exam)

    def _save_first(self) -> None:
        """Save before an exam that only this stop brings: a resumed lesson must not know of it."""
        self._teaching.report_steps()
        self._teaching.save()

    def _no_progress(self) -> EndReason | None:
        return "no_progress" if exams.has_stopped_improving(self._teaching.memory) else None

    def _full_exam(self) -> ExamTaken:
        exam = self._judged_exam = self._teaching.take_exam(is_full=True)
        return exam

    @property
    def _may_confirm(self) -> bool:
        memory = self._teaching.memory
        return memory.nominal_s >= memory.next_confirmation_s

    def _confirming_exam(self) -> ExamTaken:
        """An exam on every card; the next confirmation may only follow after a while."""
        self._wait_for_next(exams.CONFIRMATION_SHARE * self._teaching.examiner.full_exam_s)
        return self._full_exam()

    def _wait_for_next(self, wait_s: float) -> None:
        memory = self._teaching.memory
        memory.next_confirmation_s = memory.nominal_s + wait_s

    @property
    def _is_look_due(self) -> bool:
        memory, goal = self._teaching.memory, self._goal
        has_looked = memory.next_confirmation_s > memory.chapter_s
        return goal.unseen is not None and has_looked and self._may_confirm

    def _look(self) -> bool:
        """Tell whether the goal is reached, by all never-taught cards first, then by every card."""
        goal, examiner = self._goal, self._teaching.examiner
        assert goal.unseen is not None
        self._wait_for_next(exams.NEAR_SHARE * examiner.unseen_exam_s)
        return examiner.has_unseen_share(goal.unseen) and self._holds(self._confirming_exam())

    def _are_all_right(self, exam: ExamTaken) -> bool:
        n_taught = len(self._teaching.examiner.taught)
        if not exams.are_all_right(exam, n_taught):
            return False
        if exam.is_full:
            return True
        return self._may_confirm and exams.are_all_right(self._confirming_exam(), n_taught)

    def _holds(self, exam: ExamTaken) -> bool:
        n_taught = len(self._teaching.examiner.taught)
        if exam.is_full and self._goal.seen is not None and exam.seen.total < n_taught:
            return False
        return self._goal.is_share_reached(exam)

    def _is_near(self, exam: ExamTaken) -> bool:
        """Tell whether all never-taught cards may reach the goal though this sample does not."""
        unseen = self._goal.unseen
        is_sample = exam.unseen.total < len(self._teaching.examiner.never_seen)
        return unseen is not None and is_sample and has_share(exam.unseen, unseen - SAMPLE_ERROR)

    def _is_reached(self, exam: ExamTaken) -> bool:
        if exam.is_full:
            return self._holds(exam)
        goal = self._goal
        if not self._may_confirm:
            return False
        if not self._is_near(exam):
            return self._holds(exam) and self._holds(self._confirming_exam())
        if self._look():
            return True
        is_seen = goal.seen is not None and has_share(exam.seen, goal.seen)
        return is_seen and not goal.needs_both and self._holds(self._confirming_exam())
