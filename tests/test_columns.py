"""Text in columns of a terminal: as wide as it is drawn, and never cut inside a letter."""

import pytest

from flashcards.base.columns import cut, padded, width

ACCENT, KEYCAP, ASTRONAUT = "e\u0301", "1\ufe0f\u20e3", "👩\u200d🚀"


@pytest.mark.parametrize(("text", "n"), [("ab", 2), ("日本", 4), (ACCENT, 1), (KEYCAP, 1)])
def test_a_mark_takes_no_column_and_a_wide_letter_two(text: str, n: int) -> None:
    assert width(text) == n


@pytest.mark.parametrize("letter", [ACCENT, KEYCAP, ASTRONAUT])
def test_a_text_is_cut_behind_a_whole_letter(letter: str) -> None:
    text = letter * 5
    for n_columns in range(1, width(text)):
        start = cut(text, n_columns)
        assert width(start) <= n_columns
        assert start.endswith("…")
        assert start[:-1] == letter * (len(start) // len(letter))
    assert cut(text, 0) == ""
    assert cut(text, width(text)) == text


def test_a_text_is_padded_by_columns() -> None:
    assert [padded(text, 4) for text in ("日", ACCENT, "longer")] == [
        "日  ",
        f"{ACCENT}   ",
        "longer",
    ]
