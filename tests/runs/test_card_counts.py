"""Cards taught by step and steps by cards: exact, of a line with corners, through a resume."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.runs.card_counts import CardCounts

BATCHES = st.lists(st.integers(1, 64), min_size=1, max_size=60)


def counted(batches: list[int], every: int = 1) -> tuple[CardCounts, list[int]]:
    """Each update's cards, counted after every so many; and how many there were at each step."""
    counts, taught = CardCounts(), [0]
    for step, n_cards in enumerate(batches, 1):
        taught.append(taught[-1] + n_cards)
        if step % every == 0:
            counts.count(step, taught[-1])
    return counts, taught


@given(BATCHES)
def test_counted_after_every_update_each_step_is_exact_both_ways(batches: list[int]) -> None:
    counts, taught = counted(batches)
    for step, n_cards in enumerate(taught):
        assert counts.cards_at(step) == n_cards
        wanted = step if step < len(batches) else None
        assert counts.step_at(n_cards) == wanted
        assert counts.step_at(n_cards + batches[min(step, len(batches) - 1)] - 1) == wanted


def test_counts_of_equal_batches_are_two_numbers() -> None:
    counts, taught = counted([32] * 5000 + [1] * 70 + [32] * 10, every=10)
    assert [counts.cards_at(step) for step in range(5081)] == taught
    assert len(counts.packed(5080)) == 4 * 2 * 8


@given(
    st.lists(st.tuples(st.sampled_from([1, 3, 9, 32]), st.integers(21, 90)), min_size=1, max_size=6)
)
def test_where_the_batches_changed_their_size_between_two_counts_is_found(
    stretches: list[tuple[int, int]],
) -> None:
    every = 7  # divides no difference of those sizes, so that a mixture is never taken for one size
    batches = [n_cards for n_cards, n_steps in stretches for _ in range(n_steps)]
    counts, taught = counted(batches, every)
    last = len(batches) // every * every
    settled = last - 2 * every
    assert [counts.cards_at(step) for step in range(settled + 1)] == taught[: settled + 1]


@given(BATCHES, st.integers(0, 60))
def test_what_is_cut_did_not_happen(batches: list[int], step: int) -> None:
    counts, taught = counted(batches)
    counts.cut(step)
    last = min(step, len(batches))
    assert counts.last == taught[last]
    assert [counts.cards_at(k) for k in range(last + 1)] == taught[: last + 1]


@given(BATCHES, st.integers(0, 60))
def test_packed_counts_come_back_up_to_a_step(batches: list[int], step: int) -> None:
    counts, taught = counted(batches)
    back = CardCounts.unpacked(counts.packed(step))
    assert back.last == taught[min(step, len(batches))]
    counts.cut(step)
    assert back.packed(step) == counts.packed(step)


@pytest.mark.parametrize("data", [b"", b"\0" * 8, b"\0" * 7])
def test_bytes_that_are_no_counts_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"pairs|multiple|size|length"):
        CardCounts.unpacked(data)


def test_a_count_that_cannot_be_is_left_out() -> None:
    counts, _ = counted([8, 8, 8])
    counts.count(2, 99)
    counts.count(7, 3)
    counts.count(8, 1 << 70)
    assert counts.last == 24
