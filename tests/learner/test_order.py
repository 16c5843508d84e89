"""Every epoch all cards once, in an order that seed and epoch give."""

import pytest

from flashcards.learner.order import EXTRA_TURNS, MAX_EXTRA_CARDS, CardOrder

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


def test_no_card_at_all_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="no card to teach"):
        CardOrder((), seed=1)


def test_the_first_card_of_the_deck_is_the_first_taught_whatever_the_seed() -> None:
    assert {CardOrder(TAUGHT, seed).next(1)[0] for seed in range(10)} == {TAUGHT[0]}
    assert {CardOrder(TAUGHT, seed, position=5).next(1)[0] for seed in range(20)} != {TAUGHT[0]}


def test_after_a_change_the_epoch_is_finished_and_new_cards_come_first() -> None:
    order = CardOrder(TAUGHT, seed=1)
    given = order.next(2)
    owed = [card for card in TAUGHT if card not in given]
    # the card 7 is gone, and a new one at the front moves every index by one
    before = (None, 0, 1, 2, 3, 4, 5, 6)
    new = (0, 1, 3, 4, 6)
    order = order.changed(new, before, fresh=[0])
    drawn = [order.next(1)[0] for _ in range(2 * EXTRA_TURNS)]
    assert drawn[0] == 0
    assert drawn[::2] == [0] * EXTRA_TURNS
    others = drawn[1::2]
    kept = [card + 1 for card in owed if card != 7]
    assert sorted(others[: len(kept)]) == sorted(kept)
    epochs = others[len(kept) :]
    assert sorted(epochs[:5]) == list(new)
    assert sorted(epochs[5:10]) == list(new)


def test_a_second_change_keeps_what_the_first_one_owes() -> None:
    order = CardOrder(range(10), seed=1)
    given = order.next(4)
    order = order.changed(range(11), (*range(10), None), fresh=[10])
    assert order.next(2)[0] == 10
    order = order.changed(range(12), (*range(11), None), fresh=[11])
    drawn = order.next(40)
    assert drawn[:2] == [11, 10]
    assert set(range(10)) - set(given) <= set(drawn[2:13])


def test_many_new_cards_come_first_and_only_once() -> None:
    n = MAX_EXTRA_CARDS + 1
    order = CardOrder(range(10), seed=1)
    order.next(10)
    new = range(10, 10 + n)
    order = order.changed(range(10 + n), (*range(10), *[None] * n), fresh=list(new))
    assert order.next(n) == list(new)
    assert sorted(order.next(10 + n)) == list(range(10 + n))
