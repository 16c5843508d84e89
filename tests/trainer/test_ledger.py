from pathlib import Path

import pytest

from flashcards.runs.events import CorrectionMeasured, ExamTaken
from flashcards.runs.goal import Goal
from flashcards.runs.marks import NOT_ASKED, ONE_OFF, RIGHT, WRONG
from flashcards.trainer.ledger import N_HISTORY, CardLedger
from tests.decks import write_capitals
from tests.trainer.lessons import run_lesson

MARKS = {"w": WRONG, "n": ONE_OFF, "r": RIGHT}


def told(letters: str) -> CardLedger:
    """A ledger whose second card was taught once a letter, in updates 1, 2, 3."""
    ledger = CardLedger(3)
    for step, letter in enumerate(letters, 1):
        ledger.studied([1], bytes([MARKS[letter]]), step)
    return ledger


@pytest.mark.parametrize(
    ("letters", "first_right_step", "n_forgotten", "n_relearned"),
    [
        ("", None, 0, 0),
        ("wnw", None, 0, 0),
        ("wwnr", 4, 0, 0),
        ("rrr", 1, 0, 0),
        ("wrw", 2, 1, 0),
        ("wrn", 2, 1, 0),
        ("wrwnwr", 2, 1, 1),
        ("wrwrnrw", 2, 3, 2),
    ],
)
def test_a_card_is_forgotten_when_a_right_mark_is_followed_by_another(
    letters: str, first_right_step: int | None, n_forgotten: int, n_relearned: int
) -> None:
    ledger = told(letters)
    assert ledger.history(1) == letters
    assert ledger.times_seen[1] == len(letters)
    assert ledger.first_right_step(1) == first_right_step
    assert ledger.n_forgotten[1] == n_forgotten
    assert ledger.n_relearned(1) == n_relearned
    assert (ledger.history(0), ledger.times_seen[2]) == ("", 0)


def test_a_card_drawn_twice_in_one_update_is_marked_twice() -> None:
    ledger = CardLedger(2)
    ledger.studied([1, 0, 1], bytes([RIGHT, WRONG, ONE_OFF]), 7)
    assert (ledger.history(1), ledger.times_seen[1], ledger.n_forgotten[1]) == ("rn", 2, 1)
    assert ledger.first_right_step(1) == 7


def test_counts_outlive_the_marks_that_are_kept() -> None:
    ledger = told("wrw" + "n" * N_HISTORY + "r")
    assert ledger.history(1) == "n" * (N_HISTORY - 1) + "r"
    assert ledger.first_right_step(1) == 2
    assert (ledger.n_forgotten[1], ledger.n_relearned(1)) == (1, 1)


def test_an_exam_marks_the_never_seen_cards_it_asked_and_does_not_teach_them() -> None:
    ledger = CardLedger(3)
    ledger.examined([0, 2], bytes([RIGHT, RIGHT, NOT_ASKED]), 0)
    ledger.examined([0, 2], bytes([WRONG, RIGHT, ONE_OFF]), 8)
    assert [ledger.history(i) for i in range(3)] == ["rw", "", "n"]
    assert list(ledger.times_seen) == [0, 0, 0]
    assert [ledger.first_right_step(i) for i in range(3)] == [0, None, None]
    assert list(ledger.n_forgotten) == [1, 0, 0]


def test_a_ledger_of_another_deck_is_refused() -> None:
    with pytest.raises(ValueError, match="not of 4 cards"):
        CardLedger.from_bytes(CardLedger(3).to_bytes(), 4)


def test_a_lesson_marks_cards_as_taught_or_as_examined(tmp_path: Path) -> None:
    opened, watched = run_lesson(write_capitals(tmp_path), goal=Goal(step=6), speed="brisk")
    ledger = opened.training.ledger
    events = watched.of(CorrectionMeasured)
    assert [e.step for e in events] == [1, 2, 3, 4, 5, 6]
    for event in events:
        card = event.correction
        assert card.mark is not None
        assert ledger.history(card.card_index) == card.history + card.mark[0]
    for card_index in opened.training.deck.never_seen:
        exams = watched.of(ExamTaken)
        assert len(ledger.history(card_index)) == len(exams) == 7
        assert ledger.times_seen[card_index] == 0
