"""Which states are kept: few enough for the budget, dense at the start, never far apart."""

from __future__ import annotations

from itertools import pairwise

import pytest

from flashcards.runs.keyframes import is_keyframe, is_landmark, to_drop

STATE_BYTES = 3_000_000


def kept_of(n_steps: int, budget_bytes: int, size_bytes: int = STATE_BYTES) -> list[int]:
    """A run of so many steps, thinned after each keyframe as its keeper does."""
    kept: list[int] = []
    for step in range(n_steps + 1):
        if is_keyframe(step):
            kept.append(step)
            dropped = to_drop([(k, size_bytes) for k in kept], budget_bytes)
            kept = [k for k in kept if k not in dropped]
    return kept


def test_ten_thousand_steps_are_nowhere_further_than_256_from_a_keyframe() -> None:
    kept = kept_of(10_000, 200_000_000)
    assert len(kept) * STATE_BYTES <= 200_000_000
    assert max(b - a for a, b in pairwise([*kept, 10_000])) <= 256


@pytest.mark.parametrize("n_steps", [30_000, 300_000])
def test_a_longer_run_stays_in_the_budget_with_wider_gaps_and_a_dense_start(n_steps: int) -> None:
    kept = kept_of(n_steps, 200_000_000)
    assert len(kept) * STATE_BYTES <= 200_000_000
    assert [k for k in kept if k <= 128] == [0, 1, 2, 4, 8, 16, 32, 64, 128]
    assert max(b - a for a, b in pairwise([*kept, n_steps])) <= n_steps / 10


def test_large_states_leave_the_first_and_the_newest_at_least() -> None:
    kept = kept_of(3_000, 50_000_000, size_bytes=20_000_000)
    assert kept[0] == 0
    assert kept[-1] == 2816
    assert len(kept) == 2
    assert kept_of(3_000, 120_000_000, size_bytes=20_000_000)[0] == 0


def test_landmarks_are_step_zero_and_the_powers_of_two() -> None:
    assert [step for step in range(20) if is_landmark(step)] == [0, 1, 2, 4, 8, 16]
