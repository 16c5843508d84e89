"""What sentences count before they say it: pieces that nothing could foresee, exams by cards."""

from collections.abc import Iterable

from flashcards.runs.state import RunState
from flashcards.runs.values import AnswerPiece
from flashcards.wording.races import share_after
from flashcards.wording.texts import N_BEFORE, n_before
from tests import told


def pieces(texts: Iterable[str]) -> list[AnswerPiece]:
    return [AnswerPiece(text, 0.5, True) for text in texts]


def test_surprise_is_told_from_the_next_word_on_if_one_begins_soon() -> None:
    assert n_before(pieces("abcdefghij klmnopqrstuvwxyz")) == 11
    assert n_before(pieces("abcdefgh ijklmnopqrstuvwxyz")) == 9
    assert n_before(pieces("abcdefghijklmno↵qrstuvwxyz.")) == 16
    assert n_before(pieces("abcdefghijklmnop qrstuvwxyz")) == N_BEFORE  # no end of a word is near
    assert n_before(pieces("abcd fgh.")) == 5
    assert n_before(pieces(["a", "b", "c ", "d", "e", "f"])) == 3
    assert n_before(pieces("ab")) == 0


def test_a_share_is_compared_at_the_last_exam_by_as_many_cards() -> None:
    state = RunState()
    for step, n_right in ((10, 2), (20, 5), (30, 9)):
        state.fold(told.exam(step, (10, 10), (n_right, 10), cards_taught=step * 32))
    rates = state.exams.unseen_rates
    assert share_after(state, rates, 319) is None
    assert share_after(state, rates, 320) == 0.2
    assert share_after(state, rates, 700) == 0.5
    assert share_after(state, rates, 10_000) == 0.9
