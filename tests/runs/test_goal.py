"""The one stop condition: what is written, what reaches it."""

import pytest

from flashcards.runs.events import ExamTaken
from flashcards.runs.goal import Goal, WrittenError, goal_of, read_goal, read_part
from tests import told


def exam(seen: int, unseen: int, total: int = 10) -> ExamTaken:
    return told.exam(1, (seen, total), (unseen, total), is_full=False)


def test_whichever_comes_first_reaches_a_goal() -> None:
    goal = read_goal(["seen=0.9", "|", "step=200", "seconds=8"])
    assert goal == Goal(seen=0.9, step=200, seconds=8.0)
    assert not goal.is_reached(199, 7.9, exam(8, 10))
    assert goal.is_reached(200, 0.0, None)
    assert goal.is_reached(0, 8.0, None)
    assert goal.is_reached(0, 0.0, exam(9, 0))


def test_both_shares_are_needed_only_where_that_is_said() -> None:
    parts = [("seen", 0.9), ("unseen", 0.5)]
    either, both = goal_of(parts), goal_of(parts, needs_both=True)
    assert either.is_share_reached(exam(9, 0))
    assert not both.is_share_reached(exam(9, 0))
    assert not both.is_share_reached(exam(0, 9))
    assert both.is_share_reached(exam(9, 5))


def test_a_share_of_an_exam_that_asked_nothing_is_not_reached() -> None:
    assert not Goal(unseen=0.1).is_share_reached(exam(0, 0, total=0))


def test_a_share_is_reached_at_exactly_so_many_cards() -> None:
    assert Goal(seen=0.55).is_share_reached(exam(55, 0, total=100))


def test_a_goal_that_names_nothing_is_reached_at_once_and_limits_nothing() -> None:
    assert Goal().is_reached(0, 0.0, None)
    assert not Goal().is_limit_reached(10**9, 1e9)
    assert not Goal(needs_both=True).is_share_reached(exam(10, 10))


def test_every_part_of_a_goal_is_read() -> None:
    parts = ("step=1", "seen=0.001", "unseen=1", "seconds=0.5")
    assert [read_part(part) for part in parts] == [
        ("step", 1),
        ("seen", 0.001),
        ("unseen", 1.0),
        ("seconds", 0.5),
    ]


@pytest.mark.parametrize(
    "wrong", ["seconds=0", "seen", "seen=", "seen=0", "unseen=1.1", "step=1.5", "luck=1"]
)
def test_what_is_no_goal_is_refused(wrong: str) -> None:
    with pytest.raises(WrittenError):
        read_part(wrong)
