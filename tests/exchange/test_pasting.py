"""What is pasted is read as cards where it is a list of words, else as a text."""

import contextlib
from pathlib import Path

import pytest

from flashcards.base.files import Refused
from flashcards.cards.text import load_text
from flashcards.exchange.pasting import read_pasted

PROSE = "It rained, and the road was wet. Nobody came, so the dog slept, as dogs do, all day.\n"


def cards(typed: str) -> list[tuple[str, ...]]:
    deck = read_pasted(typed).deck
    return [] if deck is None else [(card.prompt, *card.answers) for card in deck.cards]


@pytest.mark.parametrize("sign", ["\t", ",", ";", " - ", " – ", " = ", " :: "])
def test_a_list_is_read_as_cards_whatever_parts_it(sign: str) -> None:
    typed = f"cat{sign}Katze\r\ndog{sign}Hund\r\n\r\nold friend{sign}alter Freund\r\n"
    assert cards(typed) == [("cat", "Katze"), ("dog", "Hund"), ("old friend", "alter Freund")]


def test_of_a_list_lines_that_are_no_card_are_counted() -> None:
    pasted = read_pasted("cat = Katze\nUnit 3\ndog = Hund\ncow = Kuh\npig = Schwein\n")
    assert pasted.deck is not None
    assert len(pasted.deck.cards) == 4
    assert pasted.n_left_out == 1


def test_of_three_columns_the_third_is_left_out_and_prose_is_made_cards_when_told_so() -> None:
    assert cards("cat\tKatze\tThe cat sleeps on the roof.\n") == [("cat", "Katze")]
    assert read_pasted(PROSE, is_read=False).deck is not None


def test_a_deck_is_taken_as_it_is() -> None:
    text = '+++\nname = "Mine"\n+++\ncat :: chat\n'
    pasted = read_pasted(text)
    assert pasted.text == text
    assert pasted.deck is not None
    assert pasted.deck.meta.name == "Mine"


@pytest.mark.parametrize("typed", [PROSE, PROSE * 40, "No list at all, I think, or so."])
def test_prose_is_a_text_to_read_in_spite_of_its_commas(typed: str) -> None:
    pasted = read_pasted(typed)
    assert pasted.deck is None
    assert pasted.n_characters == len(typed)


def test_a_list_can_be_read_as_a_text(tmp_path: Path) -> None:
    typed = "cat = Katze\n" * 400
    pasted = read_pasted(typed, is_read=True)
    assert pasted.deck is None
    (tmp_path / "list.deck").write_text(pasted.text, "utf-8")
    assert load_text(tmp_path / "list.deck").n_characters > 2_000


def test_a_path_is_the_file_it_names(tmp_path: Path) -> None:
    path = tmp_path / "unit 3.csv"
    path.write_text("cat,Katze\ndog,Hund\n", "utf-8")
    for typed in (f"{path}\n", f"'{path}' ", str(path).replace(" ", "\\ ")):
        pasted = read_pasted(typed)
        assert pasted.stem == "unit 3"
        assert pasted.deck is not None
        assert len(pasted.deck.cards) == 2
    path.write_text("verbs = 3\n\0", "utf-8")
    with pytest.raises(Refused, match="NUL"):
        read_pasted(str(path))


@pytest.mark.parametrize("typed", ["", " \n", "\0", "x" * 5000, "/", "\ud800"])
def test_whatever_is_pasted_is_read_or_refused(typed: str) -> None:
    with contextlib.suppress(Refused):
        assert read_pasted(typed).deck is None
