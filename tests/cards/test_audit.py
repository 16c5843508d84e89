"""What cards do to each other, in exact figures."""

import math

import pytest

from flashcards.cards.audit import floor_nats, near
from tests.decks import deck_of


def test_without_conflicts_the_floor_is_nothing() -> None:
    assert floor_nats(deck_of("a :: b\nc :: d\na :: b\n")) == 0.0


def test_two_answers_to_one_prompt_cost_ln_two_on_each_of_their_cards() -> None:
    assert floor_nats(deck_of("a :: b\na :: c\n")) == pytest.approx(math.log(2))
    assert floor_nats(deck_of("a :: b\na :: c\nd :: e\nf :: g\n")) == pytest.approx(math.log(2) / 2)


def test_the_floor_is_the_entropy_of_the_answer_given_the_prompt() -> None:
    floor = floor_nats(deck_of("a :: b\na :: b\na :: c\nd :: e\n"))
    assert floor == pytest.approx((2 * math.log(3 / 2) + math.log(3)) / 4)


def test_never_seen_cards_and_alternatives_set_no_floor() -> None:
    assert floor_nats(deck_of("a :: b | c\n? d :: e\n? d :: f\n")) == 0.0


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
        ("ab c", "a bc", False),
        ("10", "1", False),
        ("🍎", "🍏", False),
    ],
)
def test_texts_a_person_would_call_the_same_are_near(one: str, other: str, is_same: bool) -> None:
    assert (near(one) == near(other)) is is_same
