"""Measurements of how much a model knows by how many cards it was taught."""

import msgspec
import pytest

from flashcards.runs.scaling import Kind, ScalingPoint
from flashcards.runs.values import Score
from tests.app.test_scaling import START


def point(n_right: int) -> ScalingPoint:
    return ScalingPoint(share=0.5, n_cards=10, seen=Score(10, 10), unseen=Score(n_right, 20))


@pytest.mark.parametrize("is_by_kind", [False, True])
def test_of_several_models_the_middle_one_stands_for_a_row(is_by_kind: bool) -> None:
    kind = Kind(by="section", value="verbs") if is_by_kind else None
    start = msgspec.structs.replace(START, n_seeds=3, alike=kind)
    points = [point(n) for n in (8, 2, 4, 15, 20, 10, 9)]
    rows = start.measured(points)
    assert [row.unseen.right for row in rows] == [4, 15]  # the third row is not whole yet
    spreads = [row.spread for row in rows]
    assert spreads == ([(0.1, 0.4), (0.5, 1.0)] if is_by_kind else [None, None])
