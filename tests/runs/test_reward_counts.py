"""Counts of tries: shares of what there is, none where nothing was tried, and what was added."""

import pytest

from flashcards.runs.reward_state import N_GROUPS_TO_TELL, RewardState
from flashcards.runs.rewards import JudgeFacts, RewardCounts

COUNTS = RewardCounts(
    n_updates=4,
    n_groups=10,
    n_all_rewarded=1,
    n_none_rewarded=2,
    n_alike=4,
    n_tries=80,
    reward=20.0,
    n_right=8,
)


def state() -> RewardState:
    return RewardState(JudgeFacts(kind="rule", text="sorted"))


def test_shares_are_of_tries_and_there_is_none_without_a_try() -> None:
    assert (COUNTS.mean_reward, COUNTS.right_rate, COUNTS.n_told_nothing) == (0.25, 0.1, 7)
    assert (RewardCounts().mean_reward, RewardCounts().right_rate) == (None, None)


def test_what_was_added_since_an_earlier_count_is_never_less_than_nothing() -> None:
    twice = COUNTS + COUNTS
    assert (twice.n_tries, twice.reward, twice.n_right) == (160, 40.0, 16)
    assert twice - COUNTS == COUNTS
    assert COUNTS - twice == RewardCounts()


def test_a_report_gives_the_shares_since_the_report_before() -> None:
    reward = state()
    reward.report(4, COUNTS)
    reward.report(6, COUNTS + RewardCounts(n_updates=2, n_tries=40, reward=40.0, n_right=30))
    reward.report(8, reward.total or COUNTS)  # nothing was tried
    assert reward.rewards.points == [(4, 0.25), (6, 1.0)]
    assert reward.rights.points == [(4, 0.1), (6, 0.75)]


@pytest.mark.parametrize(
    ("n_groups", "reward", "is_nothing"),
    [
        (N_GROUPS_TO_TELL, 0.0, True),
        (N_GROUPS_TO_TELL - 1, 0.0, False),  # too early to tell
        (N_GROUPS_TO_TELL, 20.0, False),  # one in a hundred is something
        (N_GROUPS_TO_TELL, 19.9, True),
    ],
)
def test_nothing_is_found_where_many_groups_earned_less_than_one_in_a_hundred(
    n_groups: int, reward: float, is_nothing: bool
) -> None:
    found = state()
    found.report(9, RewardCounts(n_groups=n_groups, n_tries=2000, reward=reward))
    assert found.found_nothing == is_nothing
    found.cut(9)
    assert not found.found_nothing
