"""The lookup table, and the nearest taught prompts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flashcards.learner.rivals import LookupTable, edit_distance, nearest
from tests.learner.decks import deck_of, fruit


def plain_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


letters = st.text("abc", max_size=12)


@given(letters, letters, st.integers(0, 12))
def test_the_edit_distance_is_that_of_the_textbook(a: str, b: str, limit: int) -> None:
    right = plain_distance(a, b)
    found = edit_distance(a, b, limit)
    assert found == right if right <= limit else found > limit


@given(letters, st.lists(letters, min_size=1, max_size=12, unique=True))
def test_the_nearest_are_those_of_a_full_search(prompt: str, prompts: list[str]) -> None:
    cards = deck_of([(p, "x") for p in prompts]).cards
    order = sorted(range(len(prompts)), key=lambda i: (plain_distance(prompt, prompts[i]), i))
    assert [card.prompt for card in nearest(prompt, cards)] == [prompts[i] for i in order[:3]]


def test_the_lookup_table_says_the_commonest_answer_to_the_very_same_prompt() -> None:
    cards = deck_of([("a", "1"), ("a", "2"), ("a", "2"), ("b", "3")]).cards
    table = LookupTable(cards)
    assert (table.answer("a"), table.answer("b"), table.answer("c")) == ("2", "3", None)
    assert table.n_right(cards) == 3


def test_the_lookup_table_is_right_by_any_accepted_answer() -> None:
    taught = deck_of([("🍒", "cherries")]).cards
    assert LookupTable(taught).n_right(fruit().cards) == 1
