"""Teaching one card by hand: how the deck's text changes, and what is refused."""

import pytest

from flashcards.cards.format import parse
from flashcards.cards.split import draw
from flashcards.cards.writing import CannotWrite, taught_by_hand

DECK = b"""# my capitals
France ::  Paris
Poland :: Warsaw | Warszawa
? Egypt :: Cairo
"""


def test_a_new_prompt_is_added_and_no_other_line_changes() -> None:
    taught = taught_by_hand(DECK, "x.deck", " Atlantis ", "Poseidonia")
    assert taught.data == DECK + b"Atlantis :: Poseidonia\n"
    assert not taught.was_never_seen


def test_a_card_gets_the_new_answer_and_an_accepted_one_comes_first() -> None:
    taught = taught_by_hand(DECK, "x.deck", "France", "Lyon")
    assert taught.data == DECK.replace(b"Paris", b"Lyon")
    deck = parse(taught_by_hand(DECK, "x.deck", "Poland", "Warszawa").data, "x.deck").deck
    assert deck is not None
    assert deck.cards[1].answers == ("Warszawa", "Warsaw")


@pytest.mark.parametrize("answer", ["Cairo", "Memphis"])
def test_a_marked_card_is_taught_from_then_on_and_that_is_said(answer: str) -> None:
    taught = taught_by_hand(DECK, "x.deck", "Egypt", answer)
    assert taught.data == DECK.replace(b"? Egypt :: Cairo", f"Egypt :: {answer}".encode())
    assert taught.was_never_seen


def test_a_marked_block_loses_its_mark_alone() -> None:
    deck = b"a :: b\n\n? Q: one\ntwo\nA: three\n"
    taught = taught_by_hand(deck, "x.deck", "one\ntwo", "three")
    assert taught.data == deck.replace(b"? Q:", b"Q:")


@pytest.mark.parametrize(
    ("prompt", "answer", "why"),
    [
        (" ", "x", "The prompt is empty."),
        ("x", "\t", "The answer is empty."),
        ("x" * 600, "y" * 41, "That is 641 characters; prompt and answer together can be 640."),
        ("France", "Paris", "The deck teaches that already: “France” is Paris."),
        ("egypt", "cairo", "That gives “Egypt” away, which is asked and never taught"),
        ("Cairo", "Egypt", "That gives “Egypt” away, which is asked and never taught"),
    ],
)
def test_what_cannot_be_taught_is_refused_in_a_sentence(prompt: str, answer: str, why: str) -> None:
    with pytest.raises(CannotWrite) as refused:
        taught_by_hand(DECK, "x.deck", prompt, answer)
    assert str(refused.value).startswith(why)


def test_what_the_share_holds_out_is_refused_and_the_rest_can_be_taught() -> None:
    deck = b"+++\nheld_out = 0.5\n+++\n" + b"".join(b"%d :: x\n" % i for i in range(40))
    held_out = next(text for text in map(str, range(100, 200)) if draw(text) < 0.5)
    taught = next(text for text in map(str, range(100, 200)) if draw(text) >= 0.5)
    with pytest.raises(CannotWrite, match="belongs to the share that the deck holds out"):
        taught_by_hand(deck, "x.deck", held_out, "y")
    assert taught_by_hand(deck, "x.deck", taught, "y").data.endswith(f"{taught} :: y\n".encode())


def test_half_of_a_card_of_both_ways_is_refused() -> None:
    with pytest.raises(CannotWrite, match="half of a ::: card"):
        taught_by_hand(b"seven ::: sept\n", "x.deck", "sept", "eight")


def test_a_control_character_is_shown_and_never_written() -> None:
    taught = taught_by_hand(DECK, "x.deck", "a\x1b[31m", "b")
    assert b"\x1b" not in taught.data
    assert "a␛[31m :: b".encode() in taught.data
