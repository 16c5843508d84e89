"""What cards do to each other, in exact figures."""

import math

import pytest

from flashcards.cards.audit import Commonest, commonest, floor_nats, near
from tests.decks import deck_of


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("a :: b\nc :: d\na :: b\n", 0.0),
        ("a :: b | c\n? d :: e\n? d :: f\n", 0.0),  # alternatives, and cards never taught
        ("a :: b\na :: c\n", math.log(2)),
        ("a :: b\na :: c\nd :: e\nf :: g\n", math.log(2) / 2),
        ("a :: b\na :: b\na :: c\nd :: e\n", (2 * math.log(3 / 2) + math.log(3)) / 4),
    ],
)
def test_the_floor_is_the_entropy_of_the_answer_given_the_prompt(text: str, floor: float) -> None:
    assert floor_nats(deck_of(text)) == pytest.approx(floor)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a :: x\nb :: y\nc :: x\n? d :: x | z\n? e :: z\n", Commonest("x", 2, 1)),
        ("a :: y\nb :: x\nc :: x | y\nd :: y\n", Commonest("y", 3, 0)),
        ("a :: x\nb :: y\n? c :: y\n? d :: y\n", None),
    ],
)
def test_the_commonest_answer_is_that_of_most_taught_cards(
    text: str, expected: Commonest | None
) -> None:
    assert commonest(deck_of(text)) == expected


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Côte d'Ivoire", "cote  d’ivoire", True),
        ("3 + 4", "3+4", True),
        ("007", "7", True),
        ("0", "00", True),
        ("Straße", "STRASSE", True),
        ("Really?!", "really", True),
        ("?", "!", False),
        ("1+23", "12+3", False),
        ("1-23", "12-3", False),
        ("a 1-23 b", "a 1 23 b", False),
        ("-12", "12", True),
        ("2-x", "2 x", True),
        ("ab c", "a bc", False),
        ("10", "1", False),
        ("🍎", "🍏", False),
    ],
)
def test_texts_a_person_would_call_the_same_are_near(one: str, other: str, is_same: bool) -> None:
    assert (near(one) == near(other)) is is_same
