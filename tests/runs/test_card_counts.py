"""Cards taught by step and steps by cards: exact, of a line with corners, through a resume."""

from hypothesis import given
from hypothesis import strategies as st

from flashcards.runs.recording import CardCounts

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


def test_counts_of_equal_batches_are_the_ends_of_a_line() -> None:
    counts, taught = counted([32] * 5000 + [1] * 70 + [32] * 10, every=10)
    assert [counts.cards_at(step) for step in range(5081)] == taught


@given(BATCHES, st.integers(0, 60))
def test_what_is_cut_did_not_happen(batches: list[int], step: int) -> None:
    counts, taught = counted(batches)
    counts.cut(step)
    last = min(step, len(batches))
    assert counts.last == taught[last]
    assert [counts.cards_at(k) for k in range(last + 1)] == taught[: last + 1]


def test_a_count_that_cannot_be_is_left_out() -> None:
    counts, _ = counted([8, 8, 8])
    counts.count(2, 99)
    counts.count(7, 3)
    assert counts.last == 24
