"""A long list of cards: where one is in it, and what is asked for."""

from flashcards.app.cards.table import MAX_ASKED, CardList
from flashcards.runs.commands import ListCards
from tests.app.card_rows import card, reply


def listed(total: int = 100_000, n_visible: int = 20) -> CardList:
    cards = CardList()
    cards.show(n_visible)
    asked = cards.wanted(0.0, 1)
    assert asked is not None
    cards.take(asked, reply(asked, total, step=1))
    return cards


def ask(cards: CardList, now_s: float = 0.0, step: int = 1) -> ListCards:
    asked = cards.wanted(now_s, step)
    assert asked is not None
    return asked


def shown(cards: CardList) -> list[int | None]:
    return [None if r is None else r.card_index for r in cards.shown]


def test_a_reply_fills_the_page_and_a_foreign_one_does_not() -> None:
    cards = CardList()
    cards.show(3)
    asked = ask(cards)
    foreign = ListCards(n_rows=15)
    cards.take(foreign, reply(foreign, 90, step=1))
    assert cards.total is None
    cards.take(asked, reply(asked, 90, step=1))
    assert shown(cards) == [0, 1, 2]
    assert cards.shown[0] == card(0)


def test_leafing_within_what_is_known_shows_it_at_once_and_asks_ahead() -> None:
    cards = listed()
    cards.page(1)
    assert (cards.top, cards.cursor, shown(cards)) == (19, 19, list(range(19, 39)))
    assert cards.wanted(0.0, 1) is None
    for _ in range(2):
        cards.page(1)
    assert shown(cards) == list(range(57, 77))
    assert cards.wanted(0.0, 1) is None
    cards.page(1)
    assert shown(cards) == list(range(76, 96))
    assert ask(cards) == ListCards(offset=36, n_rows=100)


def test_the_cursor_stays_in_the_list_and_in_sight() -> None:
    cards = listed(total=30)
    cards.move(-1)
    assert (cards.cursor, cards.top) == (0, 0)
    cards.move(20)
    assert (cards.cursor, cards.top) == (20, 1)
    cards.page(5)
    assert (cards.cursor, cards.top) == (29, 10)
    cards.move(-19)
    assert (cards.cursor, cards.top) == (10, 10)
    cards.show(5)
    cards.move_to(29)
    cards.show(20)
    assert (cards.cursor, cards.top) == (29, 10)


def test_an_order_of_before_the_last_update_is_asked_for_once_more() -> None:
    cards = listed()
    asked = ask(cards, now_s=1.0, step=2)
    cards.take(asked, reply(asked, 100_000, step=2, sorted_step=1))
    assert cards.is_due(2.0, 2)
    asked = ask(cards, now_s=2.0, step=2)
    cards.take(asked, reply(asked, 100_000, step=2))
    assert not cards.is_due(99.0, 2)


def test_a_list_that_became_shorter_keeps_the_cursor_in_it() -> None:
    cards = listed(total=100, n_visible=10)
    cards.move_to(99)
    asked = ask(cards)
    cards.take(asked, reply(asked, 100, step=1))
    asked = ask(cards, now_s=5.0, step=9)
    cards.take(asked, reply(asked, 40, step=9))
    assert (cards.cursor, cards.top) == (39, 30)
    assert shown(cards) == list(range(30, 40))


def test_a_tall_screen_asks_for_no_more_than_a_trainer_gives() -> None:
    cards = CardList()
    cards.show(400)
    assert ask(cards).n_rows == MAX_ASKED
