"""Decks taught one after another: whose card is whose, and what is in both."""

import io
from pathlib import Path

from flashcards.cards.card import Deck
from flashcards.cards.chapters import difference, in_both, merged, prompts_of
from flashcards.cards.check import check
from flashcards.cards.format import parse
from tests.golden import check_words


def deck(*lines: str, name: str = "a") -> Deck:
    text = "\n".join(["+++", f'name = "{name}"', "+++", *lines])
    found = parse(text.encode(), f"{name}.deck").deck
    assert found is not None
    return found


FIRST = deck("go :: went", "see :: saw", "? hit :: hit", name="past")
SECOND = deck("cat :: cats", "go :: goes", "? hit :: hits", name="many")


def test_a_later_chapter_holds_its_own_cards_first_and_the_earlier_ones_after() -> None:
    both = merged(SECOND, [FIRST])
    assert [card.prompt for card in both.cards] == ["cat", "go", "hit", "go", "see", "hit"]
    assert (both.taught, both.never_seen, both.n_own) == ((0, 1), (2,), 3)
    assert both.own.cards == both.cards[:3]
    assert both.own.earlier == ()
    assert both.chapters == (range(3, 6),)
    assert [both.taught_in(i) for i in (0, 2, 3, 5)] == ["", "", "past", "past"]


def test_a_prompt_of_both_decks_is_two_cards_and_an_earlier_card_stays_the_same_one() -> None:
    both = merged(SECOND, [FIRST])
    assert len({card.id for card in both.cards}) == 6
    changed = difference(FIRST, both)
    assert changed.before == (None, None, None, 0, 1, 2)
    assert (changed.added, changed.changed, changed.n_removed) == ((0, 1, 2), (), 0)


def test_a_third_chapter_keeps_the_cards_of_the_second_in_their_places() -> None:
    two, three = merged(SECOND, [FIRST]), merged(FIRST, [FIRST, SECOND])
    assert [len(cards) for cards in three.chapters] == [3, 3]
    of_two = {card.id for card in two.cards}
    assert of_two.isdisjoint(card.id for card in three.cards[:3])
    assert of_two == {card.id for card in three.cards[3:]}
    assert three.own.never_seen == (2,)


def test_what_another_chapter_teaches_is_never_seen_in_none() -> None:
    later = deck("dog :: dogs", "? see :: saw", name="later")
    both = merged(later, [FIRST])
    assert both.never_seen == ()
    back = merged(deck("hit :: hit", "dog :: dogs", name="later"), [FIRST])
    earlier = [back.cards[i] for i in back.chapters[0]]
    assert not any(card.is_never_seen for card in earlier)


def test_prompts_of_both_decks_with_other_answers_are_named() -> None:
    assert in_both(SECOND, FIRST) == ("go", "hit")
    assert in_both(FIRST, FIRST) == ()


def test_check_names_prompts_of_both_decks_as_warnings(tmp_path: Path) -> None:
    many = tmp_path / "many.deck"
    many.write_text(SECOND.text, encoding="utf-8")
    out, code = io.StringIO(), "in-both"
    assert check([str(many)], out, earlier=[FIRST]) == 0
    warned = [line for line in out.getvalue().splitlines() if f"[{code}]" in line]
    assert [":5:1: warning" in warned[0], ":6:1: warning" in warned[1]] == [True, True]
    check_words("problem: a prompt of both decks", warned[0].partition(" warning: ")[2])
    assert len(warned) == 2


def test_cards_are_followed_by_their_prompt_wherever_they_stand() -> None:
    old = deck("a :: 1", "b :: 2", "c :: 3")
    new = deck("c :: 3", "new :: 4", "a :: one")
    found = difference(old, new)
    assert found.before == (2, None, 0)
    assert (found.added, found.changed, found.n_removed) == ((1,), (2,), 1)
    assert prompts_of(found, new) == ("new", "a")


def test_a_card_that_changes_sides_is_changed_and_an_equal_deck_is_not() -> None:
    old = deck("a :: 1", "? b :: 2")
    assert difference(old, deck("a :: 1", "b :: 2")).changed == (1,)
    same = difference(old, old)
    assert (same.added, same.changed, same.n_removed) == ((), (), 0)


def test_repeated_prompts_are_told_apart_by_their_order() -> None:
    found = difference(deck("a :: 1", "a :: 2"), deck("a :: 1"))
    assert (found.before, found.n_removed) == ((0,), 1)
