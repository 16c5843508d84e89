"""Shuffled answers: which may move where, and what stays."""

from collections import Counter

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from flashcards.cards.card import Card, Deck, DeckMeta, card_id
from flashcards.cards.format import parse
from flashcards.cards.split import shuffled

TEXT = b"""+++
name = "Animals"
+++
[pets]
dog :: chien
cat :: chat | minou
fish :: poisson
[farm]
cow :: vache
? horse :: cheval
? pig :: cochon
"""


def animals() -> Deck:
    deck = parse(TEXT, "animals.deck").deck
    assert deck is not None
    return deck


def deck_of(n_taught: int, n_held_out: int) -> Deck:
    cards = tuple(
        Card(id=card_id(f"p{i}"), prompt=f"p{i}", answers=(f"a{i}",), is_never_seen=i >= n_taught)
        for i in range(n_taught + n_held_out)
    )
    return Deck(slug="test", meta=DeckMeta(), cards=cards, text="p")


def test_prompts_ids_sections_split_and_text_stay() -> None:
    deck = animals()
    other = shuffled(deck, 1)
    for before, after in zip(deck.cards, other.cards, strict=True):
        assert msgspec.structs.replace(after, answers=before.answers) == before
    assert msgspec.structs.replace(other, cards=deck.cards) == deck


@given(st.integers(0, 40), st.integers(0, 40), st.integers())
def test_no_card_keeps_its_answers_and_none_crosses_between_taught_and_never_seen(
    n_taught: int, n_held_out: int, seed: int
) -> None:
    deck = deck_of(n_taught, n_held_out)
    other = shuffled(deck, seed)
    for side in (deck.taught, deck.never_seen):
        before = [deck.cards[i].answers for i in side]
        after = [other.cards[i].answers for i in side]
        assert Counter(before) == Counter(after)
        n_kept = sum(a == b for a, b in zip(before, after, strict=True))
        assert n_kept == (1 if len(side) == 1 else 0)


def test_with_two_answers_the_shuffled_ones_say_nothing_of_the_old() -> None:
    cards = tuple(
        Card(id=card_id(str(i)), prompt=str(i), answers=("yes" if i % 2 else "no",))
        for i in range(2000)
    )
    deck = Deck(slug="test", meta=DeckMeta(), cards=cards, text="")
    n_kept = sum(
        a.answers == b.answers for a, b in zip(deck.cards, shuffled(deck, 1).cards, strict=True)
    )
    assert 900 < n_kept < 1100
