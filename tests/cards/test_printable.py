"""The gate lets nothing through that a terminal would obey, and breaks no spelling."""

import pytest
from hypothesis import given, strategies as st

from flashcards.cards.printable import hidden, printable

CONTROLS = [*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)]
BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]


def test_no_control_character_survives() -> None:
    for code in (*CONTROLS, *BIDI):
        text = printable(f"a{chr(code)}b")
        assert text.isprintable(), hex(code)
        assert text == f"a⟨U+{code:04X}⟩b" or code <= 0x7F


def test_lone_surrogates_and_separators_become_their_number() -> None:
    assert printable("\ud800\u2028\u2029") == "⟨U+D800⟩⟨U+2028⟩⟨U+2029⟩"
    printable("\ud800").encode("utf-8")


def test_a_newline_is_shown_on_one_line_unless_lines_are_kept() -> None:
    assert printable("a\nb") == "a⏎b"
    assert printable("a\nb\x00", newline="\n") == "a\nb␀"


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦",
        "❤️",
        "1️⃣",
        "🏳️‍🌈",
        "👩🏽‍🚀",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",
        "क्‍ष",
        "Ægir naïve 東京 [bold] café",
    ],
)
def test_emoji_and_spelling_stay_as_they_are(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("x\ufe0f", "x⟨U+FE0F⟩"),
        ("😀\ufe0f\ufe0f", "😀\ufe0f⟨U+FE0F⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("\ufeffa", "⟨U+FEFF⟩a"),
        ("so\xadft", "so⟨U+00AD⟩ft"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


ANYTHING = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]),
        st.sampled_from("\u200d\u200c\ufe0f\u180b\U000e0067\U000e007f🏴😀👩🏽aم1\n"),
    ),
    max_size=30,
)


@given(ANYTHING)
def test_the_gate_is_idempotent_and_lets_nothing_dangerous_through(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert not [index for index, _ in hidden(shown)]
    shown.encode("utf-8")
    assert "\n" not in shown
    kept = printable(text, newline="\n")
    assert kept.replace("\n", "⏎") == shown
