"""The rivals' scores on a deck's own split."""

import time

from flashcards.cards.card import Deck
from flashcards.cards.format import parse
from flashcards.rivals import grading
from flashcards.rivals.grading import Rivals, grade, graded
from flashcards.runs.values import Rival, RivalAnswer, Score
from tests.learner.decks import deck_of, fruit


def test_each_rival_is_graded_on_both_sides_of_the_split() -> None:
    deck = deck_of(
        [("walk", "walked"), ("talk", "talked"), ("sing", "sang")],
        [("stalk", "talked"), ("bring", "sang"), ("go", "went")],
    )
    assert grade(deck) == (
        Rival("lookup", Score(3, 3), Score(0, 3)),
        Rival("ngram", Score(3, 3), Score(2, 3)),
        Rival("nearest", Score(3, 3), Score(2, 3)),
    )


def test_any_accepted_answer_is_right_and_a_side_may_be_empty() -> None:
    assert {(r.seen, r.unseen) for r in grade(fruit())} == {(Score(6, 6), Score(0, 0))}
    only_asked = grade(deck_of([], [("a", "b")]))
    assert {(r.seen, r.unseen) for r in only_asked} == {(Score(0, 0), Score(0, 1))}


def test_a_prompt_with_two_answers_is_right_once() -> None:
    assert {r.seen for r in grade(deck_of([("a", "1"), ("a", "2")]))} == {Score(1, 2)}


def test_all_answer_a_typed_prompt() -> None:
    rivals = Rivals(deck_of([("walk", "walked"), ("talk", "talked")]))
    assert rivals.answers("stalk") == (
        RivalAnswer("lookup", None),
        RivalAnswer("ngram", "talked"),
        RivalAnswer("nearest", "talked"),
    )


def big_deck(n_cards: int) -> Deck:
    lines = ["+++", "held_out = 0.3", "+++", *(f"{i * 7919} :: {i % 100}" for i in range(n_cards))]
    deck = parse("\n".join(lines).encode(), "big.deck").deck
    assert deck is not None
    return deck


def test_a_large_deck_is_graded_on_a_sample_that_is_always_the_same() -> None:
    deck = big_deck(8_000)
    started = time.process_time()
    rivals = grade(deck)
    # measured: 0.7 s; generous, so that only a search of another order fails
    assert time.process_time() - started < 12
    assert {(r.seen.total, r.unseen.total) for r in rivals} == {(grading.N_SAMPLE,) * 2}
    assert rivals == grade(deck)


def test_grading_gives_way_now_and_then() -> None:
    deck = big_deck(1_000)
    parts = list(graded(Rivals(deck), deck))
    assert [part.name for part in parts if part is not None] == ["lookup", "ngram", "nearest"]
    assert parts.count(None) >= 3 * (1_000 // grading.N_AT_A_TIME - 1)
