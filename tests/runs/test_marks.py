"""Marks: packing loses nothing, and damage is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.runs.marks import pack, unpack


@given(st.lists(st.integers(0, 3)).map(bytes))
def test_marks_come_back_as_they_were(marks: bytes) -> None:
    assert unpack(pack(marks), len(marks)) == marks


def test_a_uniform_deck_of_a_hundred_thousand_cards_packs_into_a_hundred_bytes() -> None:
    assert len(pack(bytes([3]) * 100_000)) < 100


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA", pack(bytes(9))])
def test_damaged_marks_are_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="packed marks"):
        unpack(text, 4)
