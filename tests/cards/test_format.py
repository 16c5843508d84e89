"""The text format of decks: what each form gives, and that no bytes break the reader."""

import pytest
from hypothesis import example, given, strategies as st

from flashcards.cards.card import LearnerWishes, card_id
from flashcards.cards.format import Document, parse, write
from flashcards.cards.front_matter import FrontMatter
from flashcards.cards.reading import DeckReader, WrittenCard
from tests.decks import deck_of

EXAMPLE = """+++
name = "First French words"
source = "own list"
license = "CC0-1.0"
held_out = 0.0                 # this share, chosen by hash of the card's group
tokenizer = "char"             # char | bpe | unigram | word
+++
# a comment line
[animals]
dog :: chien
cat :: chat | minou
? horse :: cheval
seven ::: sept

Q: Name the two largest cities of Poland,
one per line.
A: Warszawa
Kraków
"""


def cards_of(text: str, name: str = "x.deck") -> list[tuple[str, tuple[str, ...]]]:
    return [(card.prompt, card.answers) for card in deck_of(text, name).cards]


def test_the_example_of_the_design_is_read_whole() -> None:
    deck = deck_of(EXAMPLE, "french.deck")
    cities = "Name the two largest cities of Poland,\none per line."
    assert deck.slug == "french"
    assert deck.name == "First French words"
    assert (deck.meta.source, deck.meta.license) == ("own list", "CC0-1.0")
    assert deck.wishes == LearnerWishes(tokenizer="char")
    assert deck.text == EXAMPLE
    assert [(c.prompt, c.answers, c.is_never_seen, c.group, c.line) for c in deck.cards] == [
        ("dog", ("chien",), False, "dog", 10),
        ("cat", ("chat", "minou"), False, "cat", 11),
        ("horse", ("cheval",), True, "horse", 12),
        ("seven", ("sept",), False, "seven", 13),
        ("sept", ("seven",), False, "seven", 13),
        (cities, ("Warszawa\nKraków",), False, cities, 15),
    ]
    assert {card.section for card in deck.cards} == {"animals"}


@pytest.mark.parametrize(
    "line",
    [
        "std::vector lives in which header? :: <vector>",
        "a|b :: c|d",
        "https://a.b/c::d :: page",
        r"\alpha \nu :: \beta \\ \n",
        "3 | 4 :: 7",
        "[0, 1] is what? :: a list",
        "Q::A :: x",
        "?x :: y",
        "+++ :: three plusses",
        "C++ :: a language",
        "[bold] [x :: [/bold]",
    ],
)
def test_separators_and_marks_inside_text_need_nothing(line: str) -> None:
    prompt, answer = line.split(" :: ")
    assert cards_of(line) == [(prompt, (answer,))]


@pytest.mark.parametrize(
    ("line", "prompt", "answers"),
    [
        (r"\# of EU members :: 27", "# of EU members", ("27",)),
        (r"\? x :: y", "? x", ("y",)),
        (r"\[x] :: y", "[x]", ("y",)),
        (r"\Q: x :: y", "Q: x", ("y",)),
        (r"\A: x :: y", "A: x", ("y",)),
        (r"\+++ :: y", "+++", ("y",)),
        (r"a \:: b :: c", "a :: b", ("c",)),
        (r"a \::: b :: c", "a ::: b", ("c",)),
        (r"a :: b \| c | d", "a", ("b | c", "d")),
        (r"\:: :: \| | x", "::", ("|", "x")),
        (r"a \\:: b :: c", r"a \:: b", ("c",)),
        (r"\\# x :: y", r"\# x", ("y",)),
        (r"\ :: x", "\\", ("x",)),
        (r"\x :: \# y", r"\x", (r"\# y",)),
        (r"? \? :: y", "?", ("y",)),
    ],
)
def test_a_backslash_makes_a_mark_literal(line: str, prompt: str, answers: tuple[str, ...]) -> None:
    parsed = parse((line + "\nz :: z\n").encode(), "x.deck")
    assert parsed.deck is not None
    assert (parsed.deck.cards[0].prompt, parsed.deck.cards[0].answers) == (prompt, answers)
    assert [p for p in parsed.diagnostics if p.code != "few-held-out"] == []


def test_blocks_hold_lines_and_end_at_a_blank_one() -> None:
    text = "Q: one\n  two\nA: a | b\nA: c\n\\A: d\n\nx :: y\n? Q: e\nA:\nf\nQ: g\nA: h"
    assert cards_of(text) == [
        ("one\n  two", ("a | b", "c\nA: d")),
        ("x", ("y",)),
        ("e", ("f",)),
        ("g", ("h",)),
    ]
    assert [card.is_never_seen for card in deck_of(text).cards] == [False, False, True, False]


def test_tabs_part_columns_in_a_tsv_file_or_where_every_line_has_one() -> None:
    cards = [("dog :: x", ("chien",)), ("cat", ("chat", "minou"))]
    assert cards_of("# c\n[s]\ndog :: x\tchien\ncat\tchat | minou\n", "x.tsv") == cards
    assert cards_of("# c\n[s]\ndog\tchien\n? cat\tchat\n", "x.txt") == [
        ("dog", ("chien",)),
        ("cat", ("chat",)),
    ]
    assert cards_of("dog\t::\tchien\n") == [("dog", ("chien",))]
    assert cards_of("?\tquestion mark\n", "x.TSV") == [("?", ("question mark",))]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_byte_order_mark_and_any_line_end_are_accepted(bom: str, newline: str) -> None:
    text = bom + EXAMPLE.replace("\n", newline)
    parsed = parse(text.encode(), "x.deck")
    assert parsed.deck is not None
    assert parsed.deck.cards == deck_of(EXAMPLE).cards
    assert [p.code for p in parsed.diagnostics] == ["few-held-out"]
    assert write(parsed.document) == text.encode()


def test_unicode_line_separators_end_no_line() -> None:
    assert cards_of("a\u2028b :: c\x0bd\n") == [("a⟨U+2028⟩b", ("c␋d",))]


def test_card_text_is_visible_and_in_normal_form() -> None:
    assert cards_of("\x1b[31m :: cafe\u0301\n") == [("␛[31m", ("café",))]
    assert cards_of("日本\u3000::\u3000にほん\n") == [("日本", ("にほん",))]


def test_reverse_in_the_front_matter_teaches_both_directions() -> None:
    text = "+++\nreverse = true\n+++\ndog :: chien | toutou\nput :: put\n"
    assert cards_of(text) == [("dog", ("chien", "toutou")), ("chien", ("dog",)), ("put", ("put",))]


def test_ids_depend_on_prompt_and_occurrence_alone() -> None:
    cards = deck_of("dog :: chien\ncat :: chat\ndog :: clebs\n").cards
    assert [c.id for c in cards] == [card_id("dog"), card_id("cat"), card_id("dog", 1)]
    assert deck_of("bird :: oiseau\ndog :: toutou\n").cards[1].id == card_id("dog")


def test_every_learner_wish_reaches_the_deck() -> None:
    wishes = (
        'tokenizer = "word"\nvocabulary = 500\nbatch_size = 512\nweight_decay = 0.5\n'
        "learning_rate = 0.01\nn_layers = 3\nwidth = 96\n"
    )
    assert deck_of(f"+++\n{wishes}+++\na :: b\n").wishes == LearnerWishes(
        tokenizer="word",
        vocabulary=500,
        batch_size=512,
        weight_decay=0.5,
        learning_rate=0.01,
        n_layers=3,
        width=96,
    )


def test_a_group_table_holds_its_prompts_together() -> None:
    text = (
        '+++\nheld_out = 0.0\n[group]\npair = ["dog", "cat"]\n+++\n? dog :: a\ncat :: b\nx :: y\n'
    )
    cards = deck_of(text).cards
    assert [(card.group, card.is_never_seen) for card in cards] == [
        ("pair", True),
        ("pair", True),
        ("x", False),
    ]


def test_the_text_of_a_deck_is_read_to_the_same_deck_again() -> None:
    deck = deck_of("\ufeff" + EXAMPLE.replace("\n", "\r\n"))
    again = parse(deck.text.encode(), "x.deck").deck
    assert again == deck


NEARLY_PLAIN = st.lists(
    st.text(alphabet="ab1 :|\\\\?#[]QA+\té", max_size=6), min_size=2, max_size=2
).map(" :: ".join)


@given(st.lists(NEARLY_PLAIN, max_size=4), st.booleans())
@example(["dog :: chien", "  dog  ::  chien  ", "? dog :: chien", "Q: dog :: chien"], False)
@example(["a" * 128 + " :: " + "b" * 128, "a" * 128 + " :: " + "b" * 129], True)
def test_a_quick_look_gives_what_reading_gives(lines: list[str], is_both_ways: bool) -> None:
    class Whole(DeckReader):
        def _read_plain(self, raw: str, line: int) -> bool:
            return False

    found = []
    for kind in (DeckReader, Whole):
        cards: list[WrittenCard] = []
        front = FrontMatter(is_both_ways=is_both_ways)
        reader = kind(front, cards.append, is_tabbed=False)
        for line, raw in enumerate(lines, 1):
            reader.read(raw, line)
        reader.finish()
        found.append((cards, reader.problems))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "n_lines"),
    [("a :: b\n", 0), ("+++\n+++\na :: b\n", 2), ("+++\nnever = closed\na :: b\n", 0)],
)
def test_front_matter_is_counted_with_its_fences_and_none_where_it_cannot_be_read(
    text: str, n_lines: int
) -> None:
    assert Document(name="x.deck", text=text).n_front_lines == n_lines
