"""What stands beside a guess is decided by its letters alone, in runs written before, too."""

import msgspec
import pytest
from hypothesis import given, strategies as st

from flashcards.runs import events as ev, values as val
from flashcards.runs.guesses import taught_guess
from flashcards.runs.marking import mark_of, slip_at
from tests.app.lesson import correction


@pytest.mark.parametrize(
    ("guess", "answer", "mark", "slip"),
    [
        ("sang", "sang", "right", None),
        ("sung", "sang", "nearly", 1),
        ("Bangok", "Bangkok", "nearly", 4),
        ("Bangkokk", "Bangkok", "nearly", 7),
        ("angkok", "Bangkok", "nearly", 0),
        ("bee", "bees", "nearly", 3),
        ("Kyis", "Kyiv", "nearly", 3),
        ("Kis", "Kyiv", "wrong", None),
        ("don't know", "Bangkok", "wrong", None),
        ("8", "7", "wrong", None),
        ("an", "at", "wrong", None),
        ("", "sang", "wrong", None),
        ("Sie sieht den Garten", "Sie sieht den Karten", "nearly", 14),
    ],
)
def test_a_guess_is_nearly_right_when_one_letter_is_off(
    guess: str, answer: str, mark: val.Mark, slip: int | None
) -> None:
    assert (mark_of(guess, [answer]), slip_at(guess, answer)) == (mark, slip)


def test_any_accepted_answer_counts_and_so_does_one_that_goes_on_where_it_was_cut() -> None:
    assert mark_of("minou", ["chat", "minou"]) == "right"
    assert mark_of("minoux", ["chat", "minou"]) == "nearly"
    assert mark_of("Paris. It is", ["Paris"], is_cut=True) == "right"
    assert mark_of("Paris. It is", ["Paris"]) == "wrong"
    assert mark_of("Parisian", ["Paris"], is_cut=True) == "wrong"


@given(st.text("abc", min_size=3, max_size=8), st.integers(0, 8), st.sampled_from(["", "a", "xy"]))
def test_the_slip_is_where_one_letter_was_changed_taken_out_or_put_in(
    answer: str, place: int, instead: str
) -> None:
    place = min(place, len(answer) - 1)
    changes = {"": "", "a": "x", "xy": f"x{answer[place]}"}
    guess = answer[:place] + changes[instead] + answer[place + 1 :]
    slip = slip_at(guess, answer)
    assert slip is not None
    assert mark_of(guess, [answer]) == "nearly"
    assert guess[:slip] == answer[:slip]


def test_a_mark_by_pieces_is_never_beside_a_guess_that_it_does_not_fit() -> None:
    """An exam gives each right piece before the next is guessed, and finds one off of eleven; by
    itself the model said something else altogether."""
    scattered = correction("Thailand", "don't know", guess="Bangkok", mark="nearly")
    assert scattered.piece_mark == "nearly"
    assert (scattered.mark, taught_guess(9, scattered).mark) == ("wrong", "wrong")
    written = ev.encode(ev.CorrectionMeasured(step=9, correction=scattered))
    assert b'"mark":"nearly"' in written, "files stay as they were"
    again = ev.decode(written)
    assert isinstance(again, ev.CorrectionMeasured)
    assert again.correction.mark == "wrong"


def test_a_guess_has_no_mark_before_it_is_compared_with_the_answer() -> None:
    waiting = msgspec.structs.replace(correction(guess="sang"), piece_mark=None)
    assert waiting.mark is None


def test_another_accepted_answer_stays_right_though_a_correction_names_only_the_first() -> None:
    other = correction("cat", "chat", guess="minou", mark="right")
    assert other.mark == other.mark_of(other.guess) == "right"
    assert other.mark_of(tuple(val.GuessPiece(letter, 0.5) for letter in "chot")) == "nearly"


def test_a_pinned_answer_is_marked_by_its_letters_and_one_of_before_is_right_or_not() -> None:
    def pinned(answer: str, piece_mark: val.Mark | None, *answers: str) -> val.Mark | None:
        return ev.PinAnswered(
            step=1,
            prompt="sing",
            answer=answer,
            probability=0.5,
            piece_mark=piece_mark,
            correct_answers=answers,
        ).mark

    assert pinned("singed", "nearly", "sang") == "wrong"
    assert pinned("sung", "wrong", "sang") == "nearly"
    assert pinned("singed", "nearly") == "wrong"
    assert pinned("sang", "right") == "right"
    assert pinned("zork", None) is None
