"""Every epoch all cards once, in an order that seed and epoch give."""

from __future__ import annotations

import pytest

from flashcards.learner.order import CardOrder

TAUGHT = (0, 2, 3, 5, 7)


def test_every_epoch_holds_every_card_once_in_another_order() -> None:
    cards = CardOrder(TAUGHT, seed=1).next(50)
    epochs = [tuple(cards[i : i + 5]) for i in range(0, 50, 5)]
    assert all(sorted(epoch) == list(TAUGHT) for epoch in epochs)
    assert len(set(epochs)) > 5


def test_batches_straddle_epochs_and_the_position_is_all_the_state() -> None:
    whole = CardOrder(TAUGHT, seed=1).next(40)
    order = CardOrder(TAUGHT, seed=1)
    taken: list[int] = []
    for n in (3, 4, 1, 12, 0, 20):
        taken += order.next(n)
        order = CardOrder(TAUGHT, seed=1, position=order.position)
    assert taken == whole


def test_seeds_differ() -> None:
    assert CardOrder(range(99), seed=1).next(99) != CardOrder(range(99), seed=2).next(99)


def test_one_card_comes_again_and_again() -> None:
    assert CardOrder((4,), seed=1).next(3) == [4, 4, 4]


def test_no_card_at_all_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="no card to teach"):
        CardOrder((), seed=1)


def test_the_first_card_of_the_deck_is_the_first_taught_whatever_the_seed() -> None:
    assert {CardOrder(TAUGHT, seed).next(1)[0] for seed in range(10)} == {TAUGHT[0]}
    assert {CardOrder(TAUGHT, seed, position=5).next(1)[0] for seed in range(20)} != {TAUGHT[0]}
