"""Which states of a run stay when it was left."""

import itertools

from flashcards.runs.pruning import chosen


def test_the_first_the_last_and_the_needed_stay_and_the_rest_evenly() -> None:
    steps = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 403, 431]
    assert chosen(steps, 3, set(), set()) == {0, 256, 431}
    assert chosen(steps, 3, {16, 17}, set()) == {0, 16, 256, 431}
    assert chosen(steps, 4, set(), set()) == {0, 128, 256, 431}
    assert chosen(steps, 99, set(), set()) == {*steps}
    assert chosen([5], 3, {0}, set()) == {5}
    assert chosen([], 3, {0}, set()) == set()


def test_a_marked_moment_near_the_middle_is_preferred() -> None:
    steps = [0, 100, 200, 300, 400]
    assert chosen(steps, 3, set(), {300}) == {0, 300, 400}
    assert chosen(steps, 3, set(), {1, 400}) == {0, 200, 400}


def test_every_gap_is_about_as_wide() -> None:
    steps = [*range(0, 10_000, 192), 10_000]
    kept = sorted(chosen(steps, 20, set(), set()))
    assert max(b - a for a, b in itertools.pairwise(kept)) <= 4 * 192
    assert len(kept) == 20
