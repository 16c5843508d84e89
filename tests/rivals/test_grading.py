"""What each rival says, exactly, and its scores on the split of a deck."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings, strategies as st

from flashcards.cards.card import Card, Deck
from flashcards.cards.format import parse
from flashcards.rivals import grading, letter_counts, lookup
from flashcards.rivals.grading import Rivals, grade
from flashcards.rivals.letter_counts import LetterCounts
from flashcards.rivals.lookup import LookupTable, NearestCard, NGramModel
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


@pytest.mark.slow
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
    parts = list(Rivals(deck).graded())
    assert [part.name for part in parts if part is not None] == ["lookup", "ngram", "nearest"]
    assert parts.count(None) >= 3 * (1_000 // grading.N_AT_A_TIME - 1)


def plain_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


def cards(*pairs: tuple[str, str]) -> Sequence[Card]:
    return deck_of(pairs).cards


letters = st.text("abc", max_size=8)
anything = st.text(max_size=12)


@settings(deadline=None)  # the first search of many imports numpy
@given(st.lists(letters, min_size=1, max_size=6), st.lists(letters, min_size=1, max_size=12))
def test_the_nearest_card_is_that_of_a_full_search(asked: list[str], prompts: list[str]) -> None:
    taught = cards(*((p, str(i)) for i, p in enumerate(prompts)))
    found = [
        str(min(range(len(prompts)), key=lambda i: (plain_distance(prompt, prompts[i]), i)))
        for prompt in asked
    ]
    rival = NearestCard(LookupTable(taught))
    assert [rival.answer(prompt) for prompt in asked] == found
    assert list(rival.answers(asked)) == found


def test_the_lookup_table_says_the_commonest_answer_to_the_very_same_prompt() -> None:
    taught = cards(("a", "1"), ("a", "2"), ("a", "2"), ("b", "3"))
    table = LookupTable(taught)
    assert (table.answer("a"), table.answer("b"), table.answer("c")) == ("2", "3", None)
    assert table.n_right(taught) == 3


def test_the_lookup_table_is_right_by_any_accepted_answer() -> None:
    assert LookupTable(deck_of([("🍒", "cherries")]).cards).n_right(fruit().cards) == 1


def test_on_a_taught_prompt_the_nearest_card_is_the_lookup_table() -> None:
    table = LookupTable(cards(("a", "1"), ("a", "2"), ("a", "2"), ("b", "3")))
    assert NearestCard(table).answer("a") == "2"


def test_the_ngram_model_says_what_followed_the_longest_known_context() -> None:
    model = NGramModel(cards(("walk", "walked"), ("talk", "talked"), ("sing", "sang")))
    assert model.answer("walk") == "walked"
    # after "lk" and the sign both "w" and "t" came once: the first in the deck is said
    assert model.answer("milk") == "walked"
    assert model.answer("bring") == "sang"


def test_a_longer_context_goes_before_a_commoner_shorter_one() -> None:
    model = NGramModel(cards(("xa", "1"), ("ya", "2"), ("za", "2")))
    assert (model.answer("xa"), model.answer("a"), model.answer("q")) == ("1", "2", "2")


def test_a_short_order_forgets_the_start_of_the_prompt() -> None:
    taught = cards(("1+1", "2"), ("2+1", "3"), ("3+1", "3"))
    assert NGramModel(taught, order=5).answer("1+1") == "2"
    # three characters before: "+1" and the sign
    assert NGramModel(taught, order=4).answer("1+1") == "3"
    assert NGramModel(taught, order=1).answer("1+1") == ""


def test_the_ngram_model_never_says_more_than_the_longest_answer() -> None:
    # with two characters the model can't count: after "a" comes "a" most often
    assert NGramModel(cards(("x", "aaaa")), order=2).answer("x") == "aaaa"
    assert NGramModel(cards(("x", "ababab"), ("y", "b")), order=2).answer("y") == "ababab"


def test_of_too_much_text_the_first_cards_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MAX_CHARACTERS", 4)
    model = NGramModel(cards(("a", "12"), ("b", "34"), ("c", "56")))
    assert (model.answer("b"), model.answer("c")) == ("34", "12")


def test_without_a_taught_card_nobody_says_anything() -> None:
    table = LookupTable(())
    assert (table.answer("a"), NGramModel(()).answer("a")) == (None, None)
    assert NearestCard(table).answer("a") is None
    assert list(NearestCard(table).answers(["a", "b"])) == [None, None]


def test_an_empty_prompt_and_an_empty_answer_are_texts_like_others() -> None:
    taught = cards(("a", ""), ("b", ""))
    table = LookupTable(taught)
    assert (table.answer("a"), NGramModel(taught).answer("a")) == ("", "")
    assert NearestCard(table).answer("") == ""


@pytest.mark.parametrize("text", ["e\u0301", "👩🏽‍🚀", "שלום", "中文", "a" * 256])
def test_any_script_is_remembered_as_it_is(text: str) -> None:
    taught = cards((text, text[::-1]), ("other", "x"))
    assert NGramModel(taught, order=300).answer(text) == text[::-1]
    assert NearestCard(LookupTable(taught)).answer(text + "!") == text[::-1]


@given(st.lists(st.tuples(anything, anything), max_size=6), anything)
def test_no_text_makes_a_rival_fail(pairs: list[tuple[str, str]], prompt: str) -> None:
    taught = cards(*pairs)
    table, longest = LookupTable(taught), max((len(answer) for _, answer in pairs), default=0)
    taught_answers = {answer for _, answer in pairs} | {None}
    assert NearestCard(table).answer(prompt) in taught_answers
    assert len(NGramModel(taught).answer(prompt) or "") <= longest


@pytest.mark.parametrize(
    ("stretches", "n_counted"), [(["abc", "abd"], 3), (["ab", "cdef", "gh"], 3), (["ab"], 2)]
)
def test_of_a_text_that_is_too_long_the_first_characters_are_counted(
    stretches: list[str], n_counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letter_counts, "MAX_CHARACTERS", 3)
    letters = "abcdefgh"
    counts = LetterCounts(stretches, len(letters))
    chances = {letter: counts.probabilities("", letter)[0] for letter in letters}
    rarest = min(chances.values())
    assert [letter for letter in letters if chances[letter] > rarest] == list(letters[:n_counted])
