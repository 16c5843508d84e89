"""The comparison with a plain loop over transformers is fair, and stops."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flashcards.bench import peers
from flashcards.bench.peers import Course, figures
from tests.learner.decks import sums


class Pupil:
    """Knows everything after so many updates."""

    def __init__(self, n_needed: int) -> None:
        self.n_updates = 0
        self.batch_size = 8
        self._n_needed = n_needed

    def update(self, card_indices: Sequence[int]) -> None:
        assert len(card_indices) == self.batch_size
        self.n_updates += 1

    def share_right(self, card_indices: Sequence[int]) -> float:
        return 1.0 if self.n_updates >= self._n_needed else 0.25


def test_a_course_ends_at_the_goal() -> None:
    course = Course(sums(12, 30), Pupil(n_needed=45))
    assert course.run(60.0)
    assert course.n_cards == 60 * 8
    assert course.best == 1.0


def test_a_course_without_time_teaches_nothing() -> None:
    course = Course(sums(12, 30), Pupil(n_needed=45))
    assert not course.run(0.0)
    assert course.n_cards == 0


def test_a_peer_that_was_stopped_is_said_to_take_more() -> None:
    ours, theirs = (Course(sums(12, 30), Pupil(n)) for n in (20, 10**9))
    ours.run(60.0)
    theirs.run(0.001)
    ours.seconds, theirs.seconds = 2.0, 20.0
    time, _ = figures(ours, theirs, is_reached=False)
    assert (time.value, time.is_met) == (10.0, True)
    assert "against more than 20 s" in time.detail
    assert "stopped at 25.0%" in time.detail


@pytest.mark.filterwarnings("ignore")
def test_the_peer_learns_the_same_cards() -> None:
    pytest.importorskip("transformers")
    deck = sums(12, 30)
    theirs = peers.Theirs(deck)
    before = theirs.share_right(deck.taught)
    for _ in range(120):
        theirs.update(deck.taught[:32])
    assert before < 0.2
    assert theirs.share_right(deck.taught[:32]) > 0.9
