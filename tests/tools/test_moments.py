"""Stills at random moments: decks that can be taught, and answers that the events give."""

from pathlib import Path
from random import Random

import pytest

from flashcards.cards.format import parse
from tools import made_decks, moments
from tools.made_decks import KINDS, Kind, make_deck


@pytest.mark.parametrize("kind", KINDS)
def test_a_made_deck_is_read_without_an_error_and_the_same_every_time(kind: Kind) -> None:
    for seed in range(6):
        deck = make_deck(Random(seed), kind)
        assert deck == make_deck(Random(seed), kind)
        read = parse(deck.text.encode(), "made.deck")
        assert read.deck is not None
        assert all(each.level == "warning" for each in read.diagnostics), read.diagnostics
        assert len(read.deck.cards) == len(deck.cards) >= 25
        assert bool(read.deck.never_seen) == bool(deck.held_out)
        assert made_decks.new_prompts(Random(seed), deck)


def test_about_half_of_the_cards_have_the_common_answer() -> None:
    deck = make_deck(Random(1), "common")
    n_common = sum(answer == deck.common for _, answer in deck.cards)
    assert 0.35 < n_common / len(deck.cards) < 0.65


@pytest.mark.parametrize(("number", "text"), [(4, "IV"), (1994, "MCMXCIV"), (2000, "MM")])
def test_roman_numbers(number: int, text: str) -> None:
    assert made_decks.roman(number) == text


@pytest.mark.slow
def test_a_still_of_the_real_program_comes_with_a_question_and_its_answer(tmp_path: Path) -> None:
    for seed in range(20):
        try:
            still = moments.take(Random(seed), tmp_path / str(seed))
        except moments.DrawnAgainError:
            continue
        moments.write(tmp_path, [still], [])
        assert still.picture.size in ((1440, 864), (2160, 1440))
        assert len(set(still.picture.convert("L").resize((60, 30)).tobytes())) > 5
        assert still.question.text in (tmp_path / "questions.md").read_text(encoding="utf-8")
        assert still.question.answer not in (tmp_path / "questions.md").read_text(encoding="utf-8")
        return
    pytest.fail("no draw gave a still")
