"""HTML becomes plain text, gaps become questions, and any text becomes one that a card holds."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from flashcards.cards.card_edits import card_lines
from flashcards.cards.grammar import as_taught, joined
from flashcards.cards.printable import as_cell, from_cell
from flashcards.exchange import cloze, notes
from flashcards.exchange.gathering import clean, parted
from flashcards.exchange.html_text import as_text, has_text
from flashcards.exchange.notes import Losses
from tests.golden import check_words

LOSSES = tomllib.loads(Path(notes.__file__).with_name("losses.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Capital of <b>France</b>", "Capital of France"),
        ("a<br>b<div>c</div><div><br></div>d", "a\nb\nc\nd"),
        ("a &amp; b &lt;c&gt; &eacute;&#233;&nbsp;x", "a & b <c> éé x"),
        ("a  \n b", "a b"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<vector> holds <int>", "<vector> holds <int>"),
        ("m<sup>2</sup> H<sub>2</sub>O 1<sup>st</sup>", "m² H₂O 1st"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt></ruby>字", "漢(かん)字"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        (r"\(a^2\) [$]x[/$] [latex]y[/latex]", r"\(a^2\) [$]x[/$] [latex]y[/latex]"),
        ("<!-- hidden -->shown", "shown"),
        ("<!-- <b>hidden</b> -->shown<!-- on and on", "shown<!-- on and on"),
        ('<!DOCTYPE html><?xml:namespace prefix = "o" />a', "a"),
        ("a <b c", "a <b c"),
        ("<a <i>b</i> </a", "<a b </a"),
        ("<b>a</b>" * 600, "a" * 600),
        ("<![endif]>x", "<![endif]>x"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert as_text(html).text == text
    assert as_text(html).kinds == ()


@pytest.mark.parametrize(
    ("html", "text", "kinds"),
    [
        ("a<img src=x>", "a", ("picture",)),
        ("a[sound:x.mp3][sound:y.mp3]", "a", ("sound",)),
        ("<script>alert(1)</script>a", "a", ("embedded",)),
        ("<style>.a{}</style>a<svg><text>b</text></svg>", "a", ("embedded",)),
        ('<img src="data:image/png;base64,' + "A" * 900_000 + '">a', "a", ("picture",)),
    ],
)
def test_what_is_no_text_is_named(html: str, text: str, kinds: tuple[str, ...]) -> None:
    assert as_text(html).text == text
    assert as_text(html).kinds == kinds


@pytest.mark.parametrize("kept", ["", "dog", "3 < 4", "a & b", "[1]", "a" * 20_001])
def test_tags_spaces_and_sounds_are_no_text(kept: str) -> None:
    assert has_text(kept) == bool(kept)
    assert has_text(f"<b>&nbsp;{kept} [sound:dog.mp3]<br></b>\n") == bool(kept)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("{{c1::Rome}} is in Italy", [("[...] is in Italy", "Rome")]),
        (
            "{{c2::Rome::city}} in {{c1::Italy}}",
            [("Rome in [...]", "Italy"), ("[city] in Italy", "Rome")],
        ),
        ("{{c1::a}}, {{c1::b}}", [("[...], [...]", "a, b")]),
        ("{{c1::a {{c2::b}} c}}", [("[...]", "a b c"), ("a [...] c", "b")]),
        ("{{c1,2::a}} b", [("[...] b", "a"), ("[...] b", "a")]),
        ("std::x {{c1::std::vector}}", [("std::x [vector]", "std")]),
        ("{{c1::never closed", [("[...]", "never closed")]),
        ("no gap }} here :: there", []),
    ],
)
def test_each_number_is_a_question(text: str, questions: list[tuple[str, str]]) -> None:
    assert list(cloze.questions(text)) == questions


@pytest.mark.parametrize("kind", LOSSES)
def test_a_loss_is_a_sentence(kind: str) -> None:
    losses = Losses()
    losses.add(kind, "row", "")
    (alone,) = losses.lines()
    losses.add(kind, "row", "")
    (both,) = losses.lines()
    check_words(f"loss: {kind}", f"{alone} | {both}")


@given(st.text(min_size=1, max_size=30))
def test_clean_text_can_always_stand_in_a_deck(text: str) -> None:
    cleaned, changes = clean(text)
    assert clean(cleaned) == (cleaned, ())
    assert changes or cleaned == re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text)
    if cleaned:
        assert cleaned == as_taught(cleaned)
        assert card_lines(cleaned, [cleaned])


@pytest.mark.parametrize(
    ("text", "cleaned", "changes"),
    [
        ("a b", "a b", ()),
        ("é\r\nb", "é\nb", ()),
        (" a", "a", ("spaces",)),
        ("a\xa0", "a", ("spaces",)),
        ("é ", "é", ("spaces",)),
        ("a\n\nb\n", "a\nb", ("spaces",)),
        ("a\tb", "a b", ("tab",)),
        ("e\u0301", "é", ("composed",)),
        ("\u212b", "Å", ("composed",)),
        ("a\x1bb", "a␛b", ("hidden",)),
        ("\te\u0301\tb\x1b ", "é b␛", ("spaces", "tab", "composed", "hidden")),
    ],
)
def test_what_a_text_loses_is_named(text: str, cleaned: str, changes: tuple[str, ...]) -> None:
    assert clean(text) == (cleaned, changes)


PIECES = st.lists(st.sampled_from(["|", " | ", "\\", " ", "a", "\n", "é", "\\|"]), max_size=6)


@given(st.lists(PIECES.map(lambda parts: clean("".join(parts))[0]).filter(bool), max_size=4))
def test_answers_that_are_joined_are_parted_again(answers: list[str]) -> None:
    assert parted(joined(answers)) == tuple(answers)


@pytest.mark.parametrize("text", ["=1+1", "@x", "-ed", "+", "'=x", "''-y", "'tis"])
def test_a_spreadsheet_computes_no_cell_and_the_text_comes_back(text: str) -> None:
    assert as_cell(text)[0] not in "=+-@"
    assert from_cell(as_cell(text)) == text


@pytest.mark.parametrize("text", ["-12", "+1.5", "-1,000", "a=b", ""])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert as_cell(text) == from_cell(text) == text
