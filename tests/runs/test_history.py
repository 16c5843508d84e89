"""Histories stay bounded, keep the whole run, and keep the newest point."""

import math

import pytest

from flashcards.runs.history import History, Thinned


def test_up_to_its_capacity_a_history_keeps_every_point() -> None:
    history = History(Thinned(4))
    for step in range(4):
        history.append(step, step / 2)
    assert history.points == [(0, 0.0), (1, 0.5), (2, 1.0), (3, 1.5)]


def test_beyond_its_capacity_every_second_point_goes_and_the_spacing_doubles() -> None:
    history = History(Thinned(4))
    for step in range(9):
        history.append(step, float(step))
    assert history.points == [(0, 0.0), (4, 4.0), (8, 8.0)]


def test_a_million_points_stay_within_the_capacity_and_cover_the_run() -> None:
    history = History(Thinned(100))
    for step in range(1_000_000):
        history.append(step, 1.0)
    assert len(history) <= 101
    assert history.points[0][0] == 0
    assert history.points[-1][0] == 999_999


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_no_number_is_a_gap(value: float | None) -> None:
    history = History(Thinned(4))
    history.append(0, value)
    assert math.isnan(history.points[0][1])
    assert history.last is None


def test_zero_is_a_number() -> None:
    history = History(Thinned(4))
    history.append(0, 0.0)
    assert history.last == 0.0
