"""When exams are due: often while a lesson is young, and never for much of its time."""

import pytest

from flashcards.trainer.schedule import Cost, exam_gap_s


def test_a_small_deck_is_asked_every_few_updates_at_first() -> None:
    cost = Cost(tokens_per_card=15)
    gap_s = exam_gap_s(cost, 70, now_s=0.0)
    assert gap_s == pytest.approx(3 * cost.exam_s(70))
    assert 1 < gap_s / cost.step_s(16) < 5


def test_exams_come_less_often_until_they_take_a_tenth_of_the_time() -> None:
    cost = Cost(tokens_per_card=15)
    gaps_s = [exam_gap_s(cost, 800, now_s) for now_s in (0.0, 8.0, 10.0, 60.0, 3600.0)]
    exam_s = cost.exam_s(800)
    assert gaps_s == pytest.approx([3 * exam_s, 0.8, 1.0, 10 * exam_s, 10 * exam_s])
