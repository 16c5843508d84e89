"""A deck as a program holds it: what pairs become, and what is said of those that are none."""

from pathlib import Path
from typing import Any

import pytest

from flashcards import Deck
from flashcards.base.errors import UserError


def test_pairs_become_the_cards_of_a_deck_that_can_be_saved_and_opened(tmp_path: Path) -> None:
    pairs = [
        ("a :: b", "c | d"),
        ("? what", ["this", "that"]),
        ("# no note", "[no section]"),
        ("two\nlines", "an\nanswer"),
        (" outer ", "spaces"),
    ]
    deck = Deck.of(pairs, name="odd", never_taught=["? what"])
    assert [(card.prompt, card.answers) for card in deck.cards] == [
        ("a :: b", ("c | d",)),
        ("? what", ("this", "that")),
        ("# no note", ("[no section]",)),
        ("two\nlines", ("an\nanswer",)),
        ("outer", ("spaces",)),
    ]
    assert [card.prompt for card in deck.never_seen] == ["? what"]
    assert len(deck.taught) == len(deck) - 1 == 4
    opened = Deck.open(deck.save(tmp_path / "odd.deck"))
    assert (opened.name, opened.cards) == ("odd", deck.cards)
    for each in (deck, opened):
        (problem,) = each.problems
        assert "1 of 5 cards" in problem
    with pytest.raises(UserError):
        deck.save(tmp_path / "odd.deck")
    deck.save(tmp_path / "odd.deck", is_forced=True)


def test_what_stands_twice_is_one_card() -> None:
    deck = Deck.of([("a", "b"), ("a", "b"), ("a", "c")])
    assert [card.answers for card in deck.cards] == [("b", "c")]


def test_a_share_is_kept_back() -> None:
    deck = Deck.of({str(n): str(n + 1) for n in range(200)}, keep_back=0.25)
    assert 20 < len(deck.never_seen) < 80
    assert {*deck.taught, *deck.never_seen} == set(deck.cards)


def test_a_shipped_deck_is_opened_by_its_name() -> None:
    deck = Deck.open("capitals")
    assert deck.name == "capitals"
    assert ("France", "Paris") in {(card.prompt, card.answer) for card in deck.taught}


def test_a_file_s_bad_lines_are_problems_and_its_other_lines_cards(tmp_path: Path) -> None:
    file = tmp_path / "half.deck"
    file.write_text("a :: b\nno card\n", encoding="utf-8")
    deck = Deck.open(file)
    assert len(deck) == 1
    (problem,) = deck.problems
    assert "half.deck:2" in problem


@pytest.mark.parametrize(
    ("cards", "wishes"),
    [
        ([], {}),
        ({"a": ""}, {}),
        ({"": "a"}, {}),
        ({"a": []}, {}),
        ({"a": 5}, {}),
        ({5: "a"}, {}),
        ({"a": None}, {}),
        (["ab"], {}),
        ([("a", "b", "c")], {}),
        ({"a": "x\n\ny"}, {}),
        ({"a": 5_000 * "b"}, {}),
        ({"a": "b"}, {"name": "../up"}),
        ({"a": "b"}, {"keep_back": 1.0}),
        ({"a": "b"}, {"keep_back": float("nan")}),
        ({"a": "b"}, {"never_taught": ["c"]}),
    ],
)
def test_what_is_no_deck_is_a_sentence(cards: Any, wishes: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"\w+ \w+"):
        Deck.of(cards, **wishes)


def test_a_deck_that_is_not_there_and_a_text_are_sentences(tmp_path: Path) -> None:
    text = tmp_path / "story.txt"
    text.write_text("Once upon a time.\n", encoding="utf-8")
    for name in ("no-such-deck", text):
        with pytest.raises(UserError):
            Deck.open(name)
