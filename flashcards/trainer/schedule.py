"""When things are due, in nominal seconds: what the work so far would take on one known machine.

Nominal time depends on steps and shapes alone, never on a clock, so that the same seed takes the
same exams and stops at the same step on a slow machine and on a fast one.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_OVERHEAD_S = 0.008
TAUGHT_TOKENS_PER_S = 30_000
GRADED_TOKENS_PER_S = 90_000
"""Measured once on two cores of an AMD EPYC at one thread, default size; only ratios matter."""

EXAM_SHARE, EARLY_EXAM_SHARE = 0.1, 1 / 3
"""Exams of a fixed sample take at most this share of the time; at the start, the larger one."""

EXAM_GROWTH = 0.1
"""At the start an exam is due when the lesson has gone on for this share of its time."""

STEPS_EVERY_S = 0.1
CORRECTION_FIRST_S = 0.2
CORRECTION_EVERY_S = 1.0
MARKS_EVERY_S = 0.5
MARKS_BYTES_PER_STEP = 60
MARKS_BYTES_FREE = 64 * 1024


@dataclass(frozen=True)
class Cost:
    tokens_per_card: float

    def step_s(self, n_cards: int, n_more_tokens: int = 0) -> float:
        """One update on this many cards, and so many tokens of something else."""
        n_tokens = n_cards * self.tokens_per_card + n_more_tokens
        return STEP_OVERHEAD_S + n_tokens / TAUGHT_TOKENS_PER_S

    def exam_s(self, n_cards: int) -> float:
        return 0.002 + n_cards * self.tokens_per_card / GRADED_TOKENS_PER_S


def correction_gap_s(now_s: float) -> float:
    """Nominal time to the next shown correction: dense at the start, then one a second."""
    return min(CORRECTION_EVERY_S, CORRECTION_FIRST_S + 0.1 * now_s)


def exam_gap_s(cost: Cost, n_cards: int, now_s: float) -> float:
    """Nominal time from one sample exam to the next: the sooner, the younger the lesson.

    What a small deck can teach is learned within a second, and is to be noticed then.
    """
    exam_s = cost.exam_s(n_cards)
    return min(exam_s / EXAM_SHARE, max(exam_s / EARLY_EXAM_SHARE, EXAM_GROWTH * now_s))
