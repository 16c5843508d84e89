"""What fuzzing found in the deck parser, each as small as it can be said; see `fuzz.py`."""

from __future__ import annotations

import pytest

from flashcards.cards.diagnostics import quoted
from flashcards.cards.printable import printable
from tests.cards.fuzz import HARD, check_deck, fault_of


def test_a_quotation_is_not_cut_between_a_joiner_and_what_it_joins() -> None:
    woman_astronaut = "\U0001f469\u200d\U0001f680"
    cut = quoted("a" * 37 + woman_astronaut + "b")
    assert cut == "“" + "a" * 37 + "\U0001f469…”"
    assert printable(cut) == cut
    check_deck(f"x :: {'a' * 37}{woman_astronaut}b\nx :: y\n".encode(), "x.deck")


@pytest.mark.parametrize("name", ["x.deck", "x.tsv"])
def test_every_hard_line_is_read_alone_and_after_a_card(name: str) -> None:
    for hard in HARD:
        for data in (hard, b"dog :: " + hard + b"\n? " + hard + b" :: cat\n", hard * 40):
            assert fault_of(check_deck, data, name) == "", data


def test_the_fuzzer_notices_a_fault_and_says_where() -> None:
    def broken(data: bytes, name: str) -> None:
        assert b"\0" not in data, "a NUL"

    assert fault_of(broken, b"a :: b", "x.deck") == ""
    assert "AssertionError: a NUL" in fault_of(broken, b"a :: \0", "x.deck")
