import pytest

from flashcards.cards.card import Card, Deck, DeckMeta
from flashcards.runs.commands import ListCards
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG
from flashcards.runs.values import CardSort
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.questions.listing import MAX_ROWS, Listing
from tests.trainer.lessons import Clock

MARKS = {"w": WRONG, "n": ONE_OFF, "r": RIGHT}


def deck_of(*cards: tuple[str, str, str], held_out: tuple[int, ...] = ()) -> Deck:
    return Deck(
        slug="test",
        meta=DeckMeta(),
        cards=tuple(
            Card(
                id=str(i),
                prompt=prompt,
                answers=(answer,),
                section=section,
                is_never_seen=i in held_out,
            )
            for i, (prompt, answer, section) in enumerate(cards)
        ),
    )


def ledger_of(*histories: str) -> CardLedger:
    ledger = CardLedger(len(histories))
    for card_index, letters in enumerate(histories):
        for step, letter in enumerate(letters, 1):
            ledger.studied([card_index], bytes([MARKS[letter]]), step)
    return ledger


def listed(listing: Listing, sort: CardSort, step: int = 9) -> list[int]:
    return [row.card_index for row in listing.page(ListCards(request=1, sort=sort), step).rows]


FIVE = [("go", "went", "b"), ("sing", "sang", "a"), ("walk", "walked", "b"), ("be", "was", "a")]


def test_the_hardest_has_the_largest_share_of_marks_that_are_not_right() -> None:
    long = "rwww" * 7
    histories = ["wwrr", "wnwr", "", "wr", "rrw", "wnw", "w", long]
    deck = deck_of(*[(h or "-", "x", "") for h in histories])
    order = listed(Listing(deck, ledger_of(*histories), Clock()), "hardest")
    # None right by times taught; 3/4 and 2/4 by times taught; 1/3; never marked.
    assert [histories[i] for i in order] == ["wnw", "w", long, "wnwr", "wwrr", "wr", "rrw", ""]


def test_of_two_cards_all_wrong_lately_the_one_that_never_was_right_is_harder() -> None:
    histories = ["r" + "w" * 40, "w" * 31]
    deck = deck_of(("a", "x", ""), ("b", "x", ""))
    assert listed(Listing(deck, ledger_of(*histories), Clock()), "hardest") == [1, 0]


def test_a_card_that_was_never_taught_is_no_harder_than_one_that_was() -> None:
    ledger = ledger_of("", "rrw", "", "r")
    ledger.examined(range(4), [WRONG, RIGHT, WRONG, RIGHT], 9)
    deck = deck_of(*[(str(i), "x", "") for i in range(4)], held_out=(0, 2))
    assert listed(Listing(deck, ledger, Clock()), "hardest") == [1, 3, 0, 2]


def test_the_most_forgotten_comes_first_and_before_its_like_what_is_forgotten_still() -> None:
    histories = ["", "rwr", "rw", "rwrwr", "wwwr", "rwn"]
    deck = deck_of(*[(str(i), "x", "") for i in range(6)])
    order = listed(Listing(deck, ledger_of(*histories), Clock()), "forgotten")
    assert order == [3, 2, 5, 1, 0, 4]


def test_sections_come_in_the_order_of_the_file_and_equals_in_the_order_of_the_deck() -> None:
    listing = Listing(deck_of(*FIVE), ledger_of("", "", "", ""), Clock())
    assert listed(listing, "section") == [0, 2, 1, 3]
    assert listed(listing, "deck") == [0, 1, 2, 3]
    assert listed(listing, "hardest") == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "found"),
    [("WALK", [2]), ("w", [0, 2, 3]), (" went ", [0]), ("", [0, 1, 2, 3]), ("zz", [])],
)
def test_a_filter_looks_in_prompt_answer_and_section(text: str, found: list[int]) -> None:
    listing = Listing(deck_of(*FIVE), ledger_of("", "", "", ""), Clock())
    page = listing.page(ListCards(request=1, filter=text), 0)
    assert [row.card_index for row in page.rows] == found
    assert page.total == len(found)


def test_a_filter_does_not_find_text_across_two_cards_or_two_columns() -> None:
    listing = Listing(deck_of(("ab", "cd", "s"), ("ef", "gh", "s")), ledger_of("", ""), Clock())
    for across in ("bc", "b cd", "se", "\0", "ds"):
        assert listing.page(ListCards(request=1, filter=across), 0).total == 0


def test_a_section_can_be_filtered_for_and_stays_sorted() -> None:
    listing = Listing(deck_of(*FIVE), ledger_of("rr", "r", "w", "w"), Clock())
    page = listing.page(ListCards(request=1, filter="A", sort="hardest"), 3)
    assert [row.prompt for row in page.rows] == ["walk", "be", "sing"]


def test_a_page_beyond_the_end_is_the_last_one() -> None:
    deck = deck_of(*[(str(i), "x", "") for i in range(30)])
    listing = Listing(deck, CardLedger(30), Clock())
    page = listing.page(ListCards(request=7, offset=99, n_rows=8), 0)
    assert (page.request, page.offset, page.total) == (7, 22, 30)
    assert [row.card_index for row in page.rows] == list(range(22, 30))
    page = listing.page(ListCards(request=8, offset=-5, n_rows=4), 0)
    assert [row.card_index for row in page.rows] == [0, 1, 2, 3]
    assert listing.page(ListCards(request=9, n_rows=-1), 0).rows == ()


def test_a_page_is_never_longer_than_its_limit() -> None:
    listing = Listing(deck_of(*[("a", "b", "")] * 600), CardLedger(600), Clock())
    assert len(listing.page(ListCards(request=1, n_rows=10**9), 0).rows) == MAX_ROWS


def test_a_row_says_all_that_is_known_of_its_card() -> None:
    deck = deck_of(("go", "went", "irregular"), ("be", "was", ""), held_out=(1,))
    listing = Listing(deck, ledger_of("wrwrw", ""), Clock())
    first, second = listing.page(ListCards(request=1), 5).rows
    assert (first.prompt, first.answer, first.section) == ("go", "went", "irregular")
    assert (first.times_seen, first.history, first.is_never_seen) == (5, "wrwrw", False)
    assert (first.first_right_step, first.n_forgotten, first.n_relearned) == (2, 2, 1)
    assert (second.is_never_seen, second.history, second.first_right_step) == (True, "", None)


def test_an_order_is_that_of_the_marks_beside_it() -> None:
    ledger = ledger_of("wr", "ww")
    listing = Listing(deck_of(("a", "x", ""), ("b", "x", "")), ledger, Clock())
    assert listed(listing, "hardest", 2) == [1, 0]
    ledger.studied([1, 1, 0], bytes([RIGHT, RIGHT, WRONG]), 3)
    assert listed(listing, "hardest", 3) == [0, 1]


def test_the_order_of_many_cards_is_kept_for_a_second_while_its_rows_are_of_the_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flashcards.trainer.questions.listing.MANY", 2)
    clock = Clock()
    ledger = ledger_of("wr", "ww")
    listing = Listing(deck_of(("a", "x", ""), ("b", "x", "")), ledger, clock)
    assert listed(listing, "hardest", 2) == [1, 0]
    ledger.studied([1, 0], bytes([RIGHT, WRONG]), 3)
    page = listing.page(ListCards(request=1, sort="hardest"), 3)
    assert [row.history for row in page.rows] == ["wwr", "wrw"]
    assert (page.step, page.sorted_step) == (3, 2)
    ledger.studied([1, 1], bytes([RIGHT, RIGHT]), 4)
    clock.now_s += 1.0
    page = listing.page(ListCards(request=1, sort="hardest"), 4)
    assert [row.history for row in page.rows] == ["wrw", "wwrrr"]
    assert page.sorted_step == 4
