"""Held out by hash: even, stable, and group by group. Shuffled answers: which may move where."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, strategies as st

from flashcards.cards.card import Card, Deck, DeckMeta, card_id
from flashcards.cards.format import parse
from flashcards.cards.split import commuted, draw, never_seen, shuffled, to_keep_back
from tests.decks import deck_of


def test_the_draw_of_a_group_never_changes() -> None:
    assert draw("dog") == 0.4138796258835078
    assert draw("") == 0.8135560887353523


def test_draws_are_spread_evenly() -> None:
    draws = [draw(str(number)) for number in range(10_000)]
    for tenth in range(10):
        n_in = sum(tenth / 10 <= value < (tenth + 1) / 10 for value in draws)
        assert 900 < n_in < 1100


def test_a_mark_holds_out_its_whole_group_and_a_share_the_rest_by_hash() -> None:
    groups = ["a", "b", "a", "c"]
    assert never_seen(groups, {"a"}, 0.0) == {"a"}
    assert never_seen(groups, set(), 1.0) == {"a", "b", "c"}
    assert never_seen(groups, set(), 0.0) == set()


MANY = pytest.param(20_000, marks=pytest.mark.slow)


@pytest.mark.parametrize("n", [1, 2, 4, 5, 12, 39, 40, 60, 100, 1_000, MANY])
def test_of_a_deck_that_teaches_all_enough_is_offered_to_be_kept_back_and_no_more(n: int) -> None:
    text = "".join(f"word {number} :: {number}\n" for number in range(n))
    deck = parse(text.encode(), "x.deck").deck
    assert deck is not None
    share, n_offered = to_keep_back(deck.groups)
    if share == 0:
        assert n < 5
        return
    n_wanted = 20 if n >= 40 else max(1, n // 5)
    assert n_wanted <= n_offered < n
    with_less = sum(draw(card.group) < share - 0.05 for card in deck.cards)
    assert share == 0.1 or with_less < n_wanted
    kept_back = parse(f"+++\nheld_out = {share}\n+++\n{text}".encode(), "x.deck").deck
    assert kept_back is not None
    assert len(kept_back.never_seen) == n_offered


WORDS = st.text(alphabet="abcdefgh", min_size=1, max_size=5)


@given(
    st.lists(WORDS, min_size=1, max_size=12, unique=True),
    WORDS,
    st.integers(min_value=0),
    st.sampled_from([0.05, 0.2, 0.5, 0.9]),
)
def test_adding_a_card_moves_none(prompts: list[str], new: str, place: int, share: float) -> None:
    before = _split([*prompts, "anchor"], share)
    place %= len(prompts) + 1
    after = _split([*prompts[:place], new, *prompts[place:], "anchor"], share)
    assert {prompt: after[prompt] for prompt in before} == before


def _split(prompts: list[str], share: float) -> dict[str, bool]:
    held = never_seen(prompts, set(), share)
    return {prompt: prompt in held for prompt in prompts}


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12, unique_by=lambda pair: pair[0]))
def test_both_directions_are_taught_or_never_seen_together(pairs: list[tuple[str, str]]) -> None:
    body = "".join(f"{a} ::: 1{b}{i}\n" for i, (a, b) in enumerate(pairs))
    parsed = parse(f"+++\nheld_out = 0.5\n+++\n{body}".encode(), "x.deck")
    if parsed.deck is not None:
        cards = parsed.deck.cards
        for forward, back in zip(cards[::2], cards[1::2], strict=True):
            assert (back.prompt, back.answer) == (forward.answer, forward.prompt)
            assert forward.group == back.group
            assert forward.is_never_seen == back.is_never_seen


@pytest.mark.parametrize(
    ("prompt", "same"),
    [
        ("17+25", "17+25"),
        ("25+17", "17+25"),
        ("25 + 17", "17+25"),
        ("what is 4 × 3?", "what is 3×4?"),
        ("c+a+b", "a+b+c"),
        ("1.5*1.25", "1.25*1.5"),
        ("4-3", "4-3"),
        ("C++", "C++"),
        ("dog", "dog"),
    ],
)
def test_operands_of_a_commuting_sign_are_put_in_order(prompt: str, same: str) -> None:
    assert commuted(prompt) == same


def test_swapped_sums_share_a_group_when_the_deck_says_so() -> None:
    sums = "".join(f"{a}+{b} :: {a + b}\n" for a in range(20) for b in range(20))
    deck = deck_of(f'+++\nheld_out = 0.3\ngroup = "commutes"\n+++\n{sums}')
    out = {card.prompt: card.is_never_seen for card in deck.cards}
    assert all(out[f"{a}+{b}"] == out[f"{b}+{a}"] for a in range(20) for b in range(20))
    assert 60 < sum(out.values()) < 180


def test_a_section_is_a_group_when_the_deck_says_so() -> None:
    deck = deck_of('+++\ngroup = "section"\n+++\nx :: y\n[a]\nb :: c\n? d :: e\n[f]\ng :: h\n')
    assert [card.is_never_seen for card in deck.cards] == [False, True, True, False]


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


def numbered(n_taught: int, n_held_out: int) -> Deck:
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
def test_no_card_crosses_to_the_never_seen(n_taught: int, n_held_out: int, seed: int) -> None:
    deck = numbered(n_taught, n_held_out)
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
