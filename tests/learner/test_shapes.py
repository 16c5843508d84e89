"""Cards of a rare shape come more often, and each shape evenly over an epoch."""

from collections import Counter

import pytest

from flashcards.cards.card import Deck
from flashcards.cards.format import parse
from flashcards.cards.shelf import find, load
from flashcards.learner.order import MOST_TURNS, NO_SHAPES, CardOrder, shapes_of
from flashcards.learner.settings import LearnerSettings

SUMS = [f"{a}+{b} :: {a + b}" for a in range(5, 15) for b in range(5, 75)]
EVEN = LearnerSettings(evenness=0.5)


def deck_of(*lines: str, head: str = "") -> Deck:
    deck = parse(("\n".join((head, *lines)) + "\n").encode(), "sums.deck").deck
    assert deck is not None
    return deck


DECK = deck_of(*SUMS)


def test_a_card_of_a_rare_shape_comes_up_to_six_times_as_often() -> None:
    deck = deck_of(*SUMS, "7*7 :: 49")
    shapes = shapes_of(deck, EVEN)
    most = len(shapes[0].cards)
    assert sum(len(shape.cards) for shape in shapes) == len(deck.taught)
    for cards, n_turns in shapes:
        assert n_turns == round(len(cards) * min(MOST_TURNS, (most / len(cards)) ** 0.5))
    assert shapes[0].n_turns == most
    assert shapes[-1] == ((len(SUMS),), MOST_TURNS)


def test_an_epoch_has_the_turns_of_each_shape_evenly_and_every_card() -> None:
    shapes = shapes_of(DECK, EVEN)
    length = sum(shape.n_turns for shape in shapes)
    order = CardOrder(DECK.taught, seed=1, shapes=shapes)
    first, second = order.next(length), order.next(length)
    assert first != second
    for epoch in (first, second):
        turns = Counter(epoch)
        for cards, n_turns in shapes:
            times = [turns[card] for card in cards]
            assert sum(times) == n_turns
            assert max(times) - min(times) <= 1
            assert min(times) >= 1
        of_shape = set(shapes[1].cards)
        quarters = [epoch[i : i + length // 4] for i in range(0, length - 3, length // 4)]
        counts = [sum(card in of_shape for card in quarter) for quarter in quarters]
        assert max(counts) - min(counts) <= 1
    assert first[0] == DECK.taught[0]


def test_the_position_is_all_the_state_and_a_change_keeps_what_is_owed() -> None:
    shapes = shapes_of(DECK, EVEN)
    order = CardOrder(DECK.taught, seed=1, shapes=shapes)
    drawn = order.next(500)
    again = CardOrder(DECK.taught, seed=1, position=500, shapes=shapes)
    rest = order.next(1000)
    assert again.next(1000) == rest
    length = sum(shape.n_turns for shape in shapes)
    changed = deck_of(*SUMS, "1+1 :: 2")
    order = CardOrder(DECK.taught, seed=1, position=500, shapes=shapes).changed(
        changed.taught, range(len(SUMS)), (), shapes_of(changed, EVEN)
    )
    assert Counter(drawn + order.next(length - 500)) == Counter(
        CardOrder(DECK.taught, seed=1, shapes=shapes).next(length)
    )
    assert len(SUMS) in order.next(length)


@pytest.mark.parametrize(
    ("lines", "head", "evenness"),
    [
        (SUMS, "", 0.0),  # not asked for
        (["ab :: x", "cd :: y"], "", 0.5),  # one shape
        (["1 + 20 :: 21", "5 + 6 :: 11"], '+++\ntokenizer = "word"\n+++', 0.5),  # in words, one
    ],
)
def test_alike_every_card_has_one_turn(lines: list[str], head: str, evenness: float) -> None:
    deck = deck_of(*lines, head=head)
    settings = LearnerSettings.for_deck(deck, {"evenness": evenness})
    assert shapes_of(deck, settings) == NO_SHAPES


def test_words_of_many_lengths_have_no_shapes() -> None:
    lines = [f"{'a' * n}{i} :: {'b' * m}" for n in range(1, 5) for m in range(1, 5) for i in "01"]
    assert len(shapes_of(deck_of(*lines), EVEN)) == 16
    assert shapes_of(deck_of(*lines, "aaaaa0 :: b"), EVEN) == NO_SHAPES


def test_decks_above_four_thousand_cards_have_even_shapes() -> None:
    assert LearnerSettings.for_deck(load(find("addition"))[0]).evenness == 0.5
    assert LearnerSettings.for_deck(load(find("past-tense"))[0]).evenness == 0.0
