"""Which states are kept: few enough for the budget, dense at the start, never far apart."""

from itertools import pairwise

import pytest

from flashcards.runs.keyframes import BUDGET_BYTES, SPACING_STEPS, is_keyframe, to_drop

STATE_BYTES = 3_000_000
LARGEST_SHIPPED_BYTES = 3_140_000  # of the deck "family", whose prompts have the most characters

WORDS_BYTES = 21_300_000  # of 9,000 words to learn, each a piece of its own


def kept_of(
    n_steps: int, budget_bytes: int = BUDGET_BYTES, size_bytes: int = STATE_BYTES
) -> list[int]:
    """A run of so many steps, thinned after each keyframe as its keeper does."""
    kept: list[int] = []
    for step in range(n_steps + 1):
        if is_keyframe(step):
            kept.append(step)
            dropped = to_drop([(k, size_bytes) for k in kept], budget_bytes)
            kept = [k for k in kept if k not in dropped]
            assert len(kept) <= max(2, budget_bytes // size_bytes)
    return kept


@pytest.mark.parametrize("size_bytes", [STATE_BYTES, LARGEST_SHIPPED_BYTES])
def test_ten_thousand_steps_are_nowhere_further_than_192_from_a_keyframe(size_bytes: int) -> None:
    kept = kept_of(10_000, size_bytes=size_bytes)
    assert max(b - a for a, b in pairwise([*kept, 10_000])) == SPACING_STEPS == 192
    assert kept == [step for step in range(10_001) if is_keyframe(step)]


@pytest.mark.parametrize("n_steps", [30_000, 300_000])
def test_a_longer_run_stays_in_the_budget_with_wider_gaps_and_a_dense_start(n_steps: int) -> None:
    kept = kept_of(n_steps)
    assert [k for k in kept if k <= 128] == [0, 1, 2, 4, 8, 16, 32, 64, 128]
    assert max(b - a for a, b in pairwise([*kept, n_steps])) <= n_steps / 10


@pytest.mark.parametrize("n_steps", [10_000, 100_000])
def test_states_of_many_words_stay_in_the_budget(n_steps: int) -> None:
    kept = kept_of(n_steps, size_bytes=WORDS_BYTES)
    assert len(kept) == BUDGET_BYTES // WORDS_BYTES
    assert kept[0] == 0
    assert n_steps - kept[-1] < SPACING_STEPS


def test_no_more_is_dropped_than_must_and_the_oldest_first() -> None:
    kept = [step for step in range(2_100) if is_keyframe(step)]
    total = len(kept) * 10
    assert to_drop([(step, 10) for step in kept], total) == []
    assert to_drop([(step, 10) for step in kept], total - 1) == [256 + 192]
    assert to_drop([(step, 10) for step in kept], total - 30) == [448, 512 + 192, 1024 + 192]


def test_what_is_kept_with_a_spacing_is_with_half_of_it() -> None:
    wide = [step for step in range(20_000) if is_keyframe(step, 2 * SPACING_STEPS)]
    assert all(is_keyframe(step) for step in wide)
    assert all(is_keyframe(step, spacing) for step in (0, 1, 256, 8192) for spacing in (192, 6144))


def test_large_states_leave_the_first_and_the_newest_at_least() -> None:
    kept = kept_of(3_000, 50_000_000, size_bytes=20_000_000)
    assert kept == [0, 2048 + 4 * 192]
    assert kept_of(3_000, 120_000_000, size_bytes=20_000_000)[0] == 0
    assert kept_of(3_000, 10_000_000, size_bytes=20_000_000) == kept
