"""Every epoch all cards once, as seed and epoch give; orders with queues, and what they save."""

from array import array
from itertools import pairwise

import pytest

from flashcards.learner.order import EXTRA_TURNS, MAX_EXTRA_CARDS, CardOrder
from flashcards.learner.queues import N_BOXES, QueueOrder, order_named
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG
from flashcards.runs.values import ORDERS, OrderName

QUEUED: tuple[OrderName, ...] = tuple(name for name in ORDERS if name != "shuffled")


def named(name: OrderName, n_cards: int = 12) -> QueueOrder:
    order = order_named(name, range(n_cards), n_cards, 1)
    assert order is not None
    order.begin([0] * n_cards, [0] * n_cards)
    return order


def teach(order: QueueOrder, n: int, wrong: frozenset[int] = frozenset()) -> list[int]:
    cards = order.draw(n)
    marks = bytes(WRONG if i in wrong else RIGHT for i in cards)
    order.studied(cards, marks, [2.0 + i if i in wrong else 0.01 for i in cards])
    return cards


def test_the_deck_s_order_is_the_deck_s() -> None:
    order = named("deck", 5)
    assert [teach(order, 2) for _ in range(4)] == [[0, 1], [2, 3], [4, 0], [1, 2]]


@pytest.mark.parametrize("name", QUEUED)
def test_every_card_comes_and_none_twice_in_a_batch(name: OrderName) -> None:
    order = named(name)
    drawn = [teach(order, 5, wrong=frozenset({3})) for _ in range(60)]
    assert all(len(set(cards)) == 5 for cards in drawn)
    assert {i for cards in drawn for i in cards} == set(range(12))


def test_a_wrong_card_comes_often_and_one_that_stays_right_seldom() -> None:
    order = named("boxes")
    drawn = [i for _ in range(300) for i in teach(order, 1, wrong=frozenset({7}))]
    others = max(drawn.count(i) for i in range(12) if i != 7)
    assert drawn.count(7) > 3 * others


def box_of(order: QueueOrder) -> float:
    """Of the first card, as it is saved after the queue."""
    saved = order.to_bytes()
    return array("f", saved[24 + 4 * array("Q", saved[:24])[2] :])[0]


def test_a_card_moves_a_box_on_when_right_back_when_wrong_and_stays_when_nearly() -> None:
    order = named("boxes", 1)
    for mark, box in [(RIGHT, 1), (RIGHT, 2), (ONE_OFF, 2), (WRONG, 0)]:
        order.studied([0], bytes([mark]), [1.0])
        assert box_of(order) == box
    for _ in range(10):
        order.studied([0], bytes([RIGHT]), [1.0])
    assert box_of(order) == N_BOXES - 1


def test_the_hardest_come_first_and_the_easy_ones_are_not_forgotten() -> None:
    order = named("hardest")
    wrong = frozenset({2, 9})
    for _ in range(6):
        teach(order, 12, wrong)
    one_by_one = [i for _ in range(100) for i in teach(order, 1, wrong)]
    after_9 = [b for a, b in pairwise(one_by_one) if a == 9]
    assert after_9 == [2] * len(after_9)
    assert len(after_9) > 5
    drawn = [i for _ in range(200) for i in teach(order, 3, wrong)]
    assert min(drawn.count(i) for i in range(12)) > 5
    assert drawn.count(9) > min(drawn.count(i) for i in range(12))


def test_the_hardest_of_a_lesson_under_way_are_known_by_their_last_marks() -> None:
    order = order_named("hardest", range(6), 6, 1)
    assert order is not None
    histories = [RIGHT, RIGHT << 2 | WRONG, WRONG << 2 | ONE_OFF, RIGHT, RIGHT, 0]
    order.begin([1, 2, 2, 1, 1, 0], histories)
    assert order.draw(3) == [5, 1, 2]


@pytest.mark.parametrize("name", QUEUED)
def test_an_order_that_was_saved_goes_on(name: OrderName) -> None:
    order, restored = named(name), named(name)
    wrong = frozenset({1, 5})
    for _ in range(7):
        teach(order, 5, wrong)
    order.draw(5)  # drawn, not taught: due again
    restored.restore(order.to_bytes())
    order.restore(order.to_bytes())
    assert [teach(order, 5, wrong) for _ in range(20)] == [
        teach(restored, 5, wrong) for _ in range(20)
    ]


def test_an_order_of_another_deck_is_refused() -> None:
    with pytest.raises(ValueError, match="12 cards"):
        named("boxes").restore(named("boxes", 11).to_bytes())


@pytest.mark.parametrize("name", QUEUED)
def test_a_new_card_has_its_turns_in_every_order(name: OrderName) -> None:
    order = CardOrder(range(10), 1)
    order.choose(name, [0] * 10, [0] * 10)
    for _ in range(5):
        cards = order.next(4)
        order.studied(cards, bytes([RIGHT] * 4), [0.1] * 4)
    changed = order.changed(range(11), [*range(10), None], [10])
    assert changed.name == name
    drawn = [changed.next(4) for _ in range(20)]
    assert all(10 in cards for cards in drawn)


def test_an_order_left_and_taken_again_before_an_update_is_the_same() -> None:
    order = CardOrder(range(10), 1)
    order.choose("boxes", [0] * 10, [0] * 10)
    cards = order.next(4)
    order.studied(cards, bytes([RIGHT] * 4), [0.1] * 4)
    queue = order.queue
    order.choose("deck", [0] * 10, [0] * 10)
    order.choose("boxes", [0] * 10, [0] * 10)
    assert order.queue is queue
    order.choose("shuffled", [0] * 10, [0] * 10)
    assert order.name == "shuffled"
    assert len(set(order.next(10))) == 10


@pytest.mark.parametrize("name", QUEUED)
@pytest.mark.parametrize("n", [11, 12])
def test_a_batch_may_be_as_large_as_the_deck(name: OrderName, n: int) -> None:
    order = named(name)
    for _ in range(20):
        assert len(set(teach(order, n, wrong=frozenset({3})))) == n


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
    still_owed = [card + 1 for card in owed if card != 7]
    assert sorted(others[: len(still_owed)]) == sorted(still_owed)
    epochs = others[len(still_owed) :]
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
