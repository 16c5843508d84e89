"""What tools/ measures: fairly, and with an end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from flashcards.runs.recording import Recording
from tests.commands import run_python
from tests.learner.decks import sums
from tests.source import ROOT
from tests.tools.long_run import write_long_run
from tools import peers


class Pupil:
    def __init__(self, n_needed: int) -> None:
        self.n_updates = 0
        self.batch_size = 8
        self.n_needed = n_needed

    def update(self, card_indices: Sequence[int]) -> None:
        assert len(card_indices) == self.batch_size
        self.n_updates += 1

    def share_right(self, card_indices: Sequence[int]) -> float:
        return 1.0 if self.n_updates >= self.n_needed else 0.25


def test_a_course_ends_at_the_goal() -> None:
    course = peers.Course(sums(12, 30), Pupil(n_needed=45))
    assert course.run(60.0)
    assert course.n_cards == 60 * 8
    assert course.best == 1.0


def test_a_peer_that_was_stopped_is_said_to_take_more_and_all_seeds_count() -> None:
    met = []
    for ours_s, theirs_s, is_reached in ((2.0, 8.0, True), (1.0, 10.0, False)):
        ours, theirs = (peers.Course(sums(12, 30), Pupil(n)) for n in (20, 10**9))
        ours.run(60.0)
        theirs.run(0.001)
        ours.seconds, theirs.seconds = ours_s, theirs_s
        met.append(peers.Met(ours, theirs, is_reached))
    figure = peers.time_figure(met)
    assert (figure.value, figure.is_met) == (6.0, False)
    assert figure.unit.endswith(", or more")
    assert "against 8 s" in figure.detail
    assert "more than 10 s" in figure.detail
    assert figure.detail.count("stopped at 25.0%") == 1


def test_cards_a_second_are_those_of_updates_of_one_size_in_turn() -> None:
    ours, theirs = Pupil(1), Pupil(1)
    ours.batch_size = theirs.batch_size = peers.BATCH_SIZE
    peers.step_seconds(sums(12, 30), ours, theirs)
    assert ours.n_updates == theirs.n_updates == (peers.N_ROUNDS + 1) * peers.N_ROUND_STEPS
    figure = peers.rate_figure(0.01, 0.012)
    assert (figure.value, figure.is_met) == (1.2, True)
    assert not peers.rate_figure(0.012, 0.01).is_met


@pytest.mark.slow
@pytest.mark.monkey
@pytest.mark.filterwarnings("ignore")
def test_the_peer_learns_the_same_cards() -> None:
    deck = sums(12, 30)
    theirs = peers.Theirs(deck)
    before = theirs.share_right(deck.taught)
    assert before < 0.2
    for _ in range(600):  # at its rate one processor's rounding needs more updates than another's
        theirs.update(deck.taught[:32])
        if theirs.share_right(deck.taught[:32]) > 0.9:
            return
    pytest.fail("it has not learned them")


def test_a_long_run_is_read_like_any_and_grows_like_one(tmp_path: Path) -> None:
    folder = write_long_run(tmp_path / "long", 3_000)
    recording = Recording.open(folder)
    assert recording.last_step == 3_000
    assert recording.state.exams.last is not None
    assert 50 <= folder.log_path.stat().st_size / 3_000 <= 150


@pytest.mark.slow
@pytest.mark.monkey
def test_a_version_is_timed_against_itself() -> None:
    trees = (str(ROOT), f"{ROOT},newton_schulz_steps=5")
    words = ("-m", "tools.side_by_side", "apple", "2", *trees, "--blocks", "2", "--updates", "1")
    ended = run_python(*words, cwd=ROOT)
    first, second = ended.stdout.splitlines()
    assert first.endswith(str(ROOT))
    assert "of the first 1.000, 1.000 to 1.000" in first
    assert second.endswith(",newton_schulz_steps=5")
    assert float(second.split()[0]) > 0
