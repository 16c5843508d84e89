"""Whether a share still rises, by what exams found of late."""

import math
from random import Random

import pytest

from flashcards.runs.trend import Trend, trend


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.0, 0.2, 0.4, 0.6], "rising"),
        ([0.0, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6], "level"),
        ([0.0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.5, 0.3, 0.1], "falling"),
        ([0.5, 0.5, 0.5, 0.52], "level"),
        ([0.2, 0.4, 0.6], None),
        ([math.nan, math.nan, 0.2, 0.4, 0.6], None),
        ([], None),
    ],
)
def test_the_last_third_of_the_steps_says_where_a_share_is_going(
    shares: list[float], expected: Trend | None
) -> None:
    assert trend([(10 * i, share) for i, share in enumerate(shares)]) == expected


def test_what_rose_at_first_is_not_said_to_rise_still() -> None:
    shares = [min(1.0, i / 40) for i in range(400)]
    assert trend(list(enumerate(shares))) == "level"


def test_a_share_that_wavers_by_chance_is_level_and_one_that_rises_through_it_is_not() -> None:
    dice = Random(1)

    def asked(chance: float) -> float:
        return sum(dice.random() < chance for _ in range(34)) / 34

    def found(rise: float) -> list[Trend | None]:
        lessons = [[(i, asked(0.3 + rise * i / 8)) for i in range(8)] for _ in range(100)]
        return [trend(points) for points in lessons]

    assert found(0.0).count("level") >= 85
    assert found(0.4).count("rising") >= 85
