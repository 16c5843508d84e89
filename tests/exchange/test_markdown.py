"""Cards among notes in Markdown are found; the rest is counted as what it is."""

from tests.exchange.sources import imported_text, source_of

NOTES = """---
title: French
---
# Animals
- dog::chien
- cat:::chat
* [ ] 7. bird :: oiseau #card

Some prose about `a::b` and more.
std::vector is in which header? :: <vector>

## More animals
Q: What is a cow,
in French?
A: une vache

**Q:** horse
**A:** cheval

Q: nobody knows

sheep
?
mouton
brebis

goat
??
chèvre

```
x::y
```
id:: 6543
"""


def test_every_sign_of_a_card_is_read() -> None:
    source = source_of(NOTES, "x.md")
    assert [(n.prompt, n.answers, n.section, n.is_both_ways) for n in source.notes] == [
        ("dog", ("chien",), "Animals", False),
        ("cat", ("chat",), "Animals", True),
        ("7. bird", ("oiseau #card",), "Animals", False),
        ("std::vector is in which header?", ("<vector>",), "Animals", False),
        ("What is a cow,\nin French?", ("une vache",), "More animals", False),
        ("horse", ("cheval",), "More animals", False),
        ("sheep", ("mouton\nbrebis",), "More animals", False),
        ("goat", ("chèvre",), "More animals", True),
    ]


def test_what_is_no_card_is_counted_with_its_line() -> None:
    said = imported_text(NOTES).said
    assert "9 cards read, 10 cards, in 2 sections" in said
    assert "2 lines are properties of the notes: left out (line 2 “title: French”, line 34" in said
    assert "1 line is no card: left out (line 9 “Some prose about `a::b` and m…”)" in said
    assert "1 card is a question without an answer: left out (line 20 “nobody knows”)" in said
    assert "3 lines are in blocks of code: left out (line 31" in said


def test_questions_and_answers_are_known_without_a_suffix() -> None:
    deck = imported_text("Q: dog\nA: chien\n\nQ: cat\nA: chat\nA: minou\n")
    assert [(card.prompt, card.answers) for card in deck.cards] == [
        ("dog", ("chien",)),
        ("cat", ("chat", "minou")),
    ]
