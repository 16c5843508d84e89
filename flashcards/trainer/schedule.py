"""Due times in nominal seconds: the time the work so far would take on one known machine.

Nominal time depends on steps and shapes alone, never on a clock, so that the same seed takes the
same exams and stops at the same step on a slow machine and on a fast one.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_OVERHEAD_S = 0.008
TAUGHT_TOKENS_PER_S = 30_000
GRADED_TOKENS_PER_S = 90_000
"""Measured once on two cores of an AMD EPYC at one thread, default size; only ratios matter."""

EXAM_SHARE = 0.1
EARLY_EXAM_SHARE = 1 / 3
"""Exams of a fixed sample take at most this share of the time; at the start, the larger one."""

EXAM_GROWTH = 0.1  # At the start an exam is due after this share of the lesson's time

STEPS_EVERY_S = 0.1
CORRECTION_FIRST_S = 0.2
CORRECTION_EVERY_S = 1.0
MARKS_EVERY_S = 0.5
MARKS_BYTES_PER_STEP = 60
MARKS_BYTES_FREE = 64 * 1024
MARKS_BYTES_TOLD = 512  # Marks of so few cards are told with every exam, to agree with its scores


NOMINAL_FLOPS = 20e9
"""Of a brought model, whose products are large; measured on one core of a Skylake-type Xeon."""

SLOW_CORRECTION_EVERY_S = 10.0


@dataclass(frozen=True)
class Cost:
    tokens_per_card: float
    taught_tokens_per_s: float = TAUGHT_TOKENS_PER_S
    graded_tokens_per_s: float = GRADED_TOKENS_PER_S

    @classmethod
    def of_numbers(cls, tokens_per_card: float, n_numbers: int) -> Cost:
        """Of a brought model: each number is multiplied once to read a piece. To teach one takes
        three times as long: batches are small, and there is the derivative by what was read."""
        graded = min(GRADED_TOKENS_PER_S, NOMINAL_FLOPS / (2 * n_numbers))
        return cls(tokens_per_card, min(TAUGHT_TOKENS_PER_S, graded / 3), graded)

    @property
    def is_slow(self) -> bool:
        """True where it takes seconds to ask a few cards."""
        return self.graded_tokens_per_s < GRADED_TOKENS_PER_S / 10

    def n_graded_in(self, seconds: float) -> int:
        return int(seconds * self.graded_tokens_per_s / self.tokens_per_card)

    def correction_gap_s(self, now_s: float) -> float:
        """Nominal time to the next shown correction: dense at the start, then one a second."""
        every_s = SLOW_CORRECTION_EVERY_S if self.is_slow else CORRECTION_EVERY_S
        return min(every_s, CORRECTION_FIRST_S + 0.1 * now_s)

    def step_s(self, n_cards: int, n_more_tokens: int = 0) -> float:
        """One update on this many cards, and so many tokens of something else."""
        n_tokens = n_cards * self.tokens_per_card + n_more_tokens
        return STEP_OVERHEAD_S + n_tokens / self.taught_tokens_per_s

    def exam_s(self, n_cards: int) -> float:
        return 0.002 + n_cards * self.tokens_per_card / self.graded_tokens_per_s


def exam_gap_s(cost: Cost, n_cards: int, now_s: float) -> float:
    """Nominal time from one sample exam to the next: the sooner, the younger the lesson.
    What a small deck can teach is learned within a second, and is to be noticed then."""
    exam_s = cost.exam_s(n_cards)
    return min(exam_s / EXAM_SHARE, max(exam_s / EARLY_EXAM_SHARE, EXAM_GROWTH * now_s))
