"""What became of each card between two versions of a deck."""

from __future__ import annotations

from flashcards.cards.card import Deck
from flashcards.cards.chapters import difference, prompts_of
from flashcards.cards.format import parse


def deck(text: str) -> Deck:
    parsed = parse(text.encode(), "x.deck").deck
    assert parsed is not None
    return parsed


def test_cards_are_followed_by_their_prompt_wherever_they_stand() -> None:
    old = deck("a :: 1\nb :: 2\nc :: 3\n")
    new = deck("c :: 3\nnew :: 4\na :: one\n")
    found = difference(old, new)
    assert found.before == (2, None, 0)
    assert (found.added, found.changed, found.n_removed) == ((1,), (2,), 1)
    assert prompts_of(found, new) == ("new", "a")


def test_a_card_that_changes_sides_is_changed_and_an_equal_deck_is_not() -> None:
    old = deck("a :: 1\n? b :: 2\n")
    assert difference(old, deck("a :: 1\nb :: 2\n")).changed == (1,)
    same = difference(old, old)
    assert (same.added, same.changed, same.n_removed) == ((), (), 0)


def test_repeated_prompts_are_told_apart_by_their_order() -> None:
    found = difference(deck("a :: 1\na :: 2\n"), deck("a :: 1\n"))
    assert (found.before, found.n_removed) == ((0,), 1)
