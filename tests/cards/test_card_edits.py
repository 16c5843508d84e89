"""What is written is read back equal; an edit, or a card taught by hand, touches its own lines."""

import json

import msgspec
import pytest
from hypothesis import assume, given, strategies as st

from flashcards.cards.card import Card, Deck, DeckMeta, LearnerWishes, card_id
from flashcards.cards.card_edits import (
    CannotWrite,
    card_lines,
    taught_by_hand,
    with_answers,
    with_card,
    with_share_kept_back,
)
from flashcards.cards.format import parse, write
from flashcards.cards.front_matter import FENCE
from flashcards.cards.grammar import as_taught
from flashcards.cards.split import draw
from tests.golden import raises_words

ALPHABET = ["::", ":::", "|", "\\", "[", "]", "#", "?", "Q:", "A:", "+++", " ", " ", ":", "a", "é",
            "日", "🍎", "\xa0", "-", "1", '"', "="]  # fmt: skip


def texts(*, with_lines: bool) -> st.SearchStrategy[str]:
    pieces = ALPHABET + (["\n"] if with_lines else [])
    joined = st.lists(st.sampled_from(pieces), min_size=1, max_size=9).map("".join)
    return joined.map(_tidy).filter(bool)


def _tidy(text: str) -> str:
    lines = (line.rstrip(" \xa0") for line in text.split("\n"))
    return as_taught("\n".join(line for line in lines if line))


@st.composite
def decks(draw: st.DrawFn) -> Deck:
    prompts = draw(st.lists(texts(with_lines=True), min_size=1, max_size=6, unique=True))
    section, cards = "", []
    for prompt in prompts:
        section = draw(st.sampled_from([section, "animals", "a :: b", "# x"]))
        answers = draw(st.lists(texts(with_lines=True), min_size=1, max_size=3, unique=True))
        cards.append(
            Card(
                id=card_id(prompt),
                prompt=prompt,
                answers=tuple(answers),
                section=section,
                is_never_seen=draw(st.booleans()),
                group=prompt,
            )
        )
    meta = DeckMeta(name=draw(st.sampled_from(["", 'a "b" \\ c', "日本"])), kind="rule")
    return Deck(slug="x", meta=meta, cards=tuple(cards), wishes=LearnerWishes(width=32))


@given(decks())
def test_a_deck_written_out_is_read_back_equal_without_a_problem(deck: Deck) -> None:
    assume(any(not card.is_never_seen for card in deck.cards))
    parsed = parse(compose(deck).encode(), "x.deck")
    assert [p for p in parsed.diagnostics if p.code != "few-held-out"] == []
    assert parsed.deck is not None
    assert (parsed.deck.meta, parsed.deck.wishes) == (deck.meta, deck.wishes)
    assert [_unplaced(card) for card in parsed.deck.cards] == [_unplaced(c) for c in deck.cards]


@given(texts(with_lines=False), st.lists(texts(with_lines=False), min_size=1, unique=True))
def test_a_tabbed_card_is_read_back_equal(prompt: str, answers: list[str]) -> None:
    line = card_lines(prompt, answers, is_tabbed=True)
    deck = parse(line.encode(), "x.tsv").deck
    assert deck is not None
    assert [(card.prompt, list(card.answers)) for card in deck.cards] == [(prompt, answers)]


def _unplaced(card: Card) -> tuple[object, ...]:
    return card.id, card.prompt, card.answers, card.section, card.is_never_seen, card.group


FILE = (
    "\ufeff# mine\r\n\r\n  dog  ::  chien|x | toutou   \r\n"
    "? \\# x ::: y\r\n\r\nQ: a\r\nb\r\nA: c\r\n"
).encode()


def test_a_card_is_added_at_the_end_and_nothing_else_changes() -> None:
    document = parse(FILE, "x.deck").document
    added = with_card(document, "cat", ["chat", "a | b"])
    assert write(added) == FILE + b"\r\ncat :: chat | a \\| b\r\n"
    more = with_card(added, "two\nlines", ["x"])
    assert write(more) == write(added) + b"\r\nQ: two\r\nlines\r\nA: x\r\n"


def test_a_file_without_a_last_line_end_gets_one_before_the_new_card() -> None:
    document = parse(b"dog :: chien", "x.deck").document
    assert write(with_card(document, "cat", ["chat"])) == b"dog :: chien\ncat :: chat\n"
    assert write(with_card(parse(b"", "x.deck").document, "a", ["b"])) == b"a :: b\n"
    tabbed = parse(b"dog\tchien", "x.deck").document
    assert write(with_card(tabbed, "cat", ["chat"])) == b"dog\tchien\ncat\tchat\n"


def test_an_answer_is_changed_on_its_own_line() -> None:
    document = parse(FILE, "x.deck").document
    first = with_answers(document, 0, ["clebs", "a | b"])
    assert write(first) == FILE.replace(b"chien|x | toutou   ", b"clebs | a \\| b")
    block = with_answers(first, 3, ["d\ne", "f"])
    assert write(block) == write(first).replace(b"A: c", b"A: d\r\ne\r\nA: f")
    tabbed = parse(b"? dog \t chien\n", "x.tsv").document
    with pytest.raises(CannotWrite):
        with_answers(tabbed, 0, ["x"])
    tabbed = parse(b"cat\tchat\n? dog \t chien\n", "x.tsv").document
    assert write(with_answers(tabbed, 1, ["x"])) == b"cat\tchat\n? dog \t x\n"


def test_the_other_direction_of_a_card_is_not_edited() -> None:
    document = parse(b"dog ::: chien\n", "x.deck").document
    with pytest.raises(IndexError):
        with_answers(document, 1, ["cat"])


@pytest.mark.parametrize(
    ("prompt", "answers"),
    [("", ["x"]), ("a", [""]), ("a\n\nb", ["x"]), ("a", []), ("a \nb", ["x"]), ("[\x1b", ["\n"])],
)
def test_a_card_that_has_no_form_is_refused(prompt: str, answers: list[str]) -> None:
    document = parse(b"dog :: chien\n", "x.deck").document
    with pytest.raises(CannotWrite):
        with_card(document, prompt, answers)


def test_a_card_that_would_change_how_the_file_is_read_is_refused() -> None:
    document = parse(b"dog\tchien\n", "x.txt").document
    with pytest.raises(CannotWrite, match="change how"):
        with_card(document, "a :: b", ["c"])


def compose(deck: Deck) -> str:
    """The deck as a new file: front matter, sections, a card a line. Held-out cards are marked."""
    front = msgspec.to_builtins(deck.meta) | msgspec.to_builtins(deck.wishes)
    front.pop("held_out", None)
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    if lines:
        lines = [FENCE, *lines, FENCE]
    section, was_block = "", False
    for card in deck.cards:
        if card.section != section:
            section = card.section
            lines += ["", f"[{section}]"]
        text = card_lines(card.prompt, card.answers, is_never_seen=card.is_never_seen)
        is_block = "\n" in text
        if was_block or is_block:
            lines.append("")
        lines.append(text)
        was_block = is_block
    return "\n".join(lines) + "\n"


DECK = b"""# my capitals
France ::  Paris
Poland :: Warsaw | Warszawa
? Egypt :: Cairo
"""


def test_a_new_prompt_is_added_and_no_other_line_changes() -> None:
    taught = taught_by_hand(DECK, "x.deck", " Atlantis ", "Poseidonia")
    assert taught.data == DECK + b"Atlantis :: Poseidonia\n"
    assert not taught.was_never_seen


def test_a_card_gets_the_new_answer_and_an_accepted_one_comes_first() -> None:
    taught = taught_by_hand(DECK, "x.deck", "France", "Lyon")
    assert taught.data == DECK.replace(b"Paris", b"Lyon")
    deck = parse(taught_by_hand(DECK, "x.deck", "Poland", "Warszawa").data, "x.deck").deck
    assert deck is not None
    assert deck.cards[1].answers == ("Warszawa", "Warsaw")


@pytest.mark.parametrize("answer", ["Cairo", "Memphis"])
def test_a_marked_card_is_taught_from_then_on_and_that_is_said(answer: str) -> None:
    taught = taught_by_hand(DECK, "x.deck", "Egypt", answer)
    assert taught.data == DECK.replace(b"? Egypt :: Cairo", f"Egypt :: {answer}".encode())
    assert taught.was_never_seen


def test_a_marked_block_loses_its_mark_alone() -> None:
    deck = b"a :: b\n\n? Q: one\ntwo\nA: three\n"
    taught = taught_by_hand(deck, "x.deck", "one\ntwo", "three")
    assert taught.data == deck.replace(b"? Q:", b"Q:")


@pytest.mark.parametrize(
    ("prompt", "answer", "key"),
    [
        (" ", "x", "teach: no prompt"),
        ("x", "\t", "teach: no answer"),
        ("x" * 600, "y" * 41, "teach: a long card"),
        ("France", "Paris", "teach: a taught card"),
        ("egypt", "cairo", "teach: a card given away"),
        ("Cairo", "Egypt", "teach: a card given away"),
    ],
)
def test_what_cannot_be_taught_is_refused_in_a_sentence(prompt: str, answer: str, key: str) -> None:
    with raises_words(CannotWrite, key):
        taught_by_hand(DECK, "x.deck", prompt, answer)


def test_what_the_share_holds_out_is_refused_and_the_rest_can_be_taught() -> None:
    deck = b"+++\nheld_out = 0.5\n+++\n" + b"".join(b"%d :: x\n" % i for i in range(40))
    held_out = next(text for text in map(str, range(100, 200)) if draw(text) < 0.5)
    taught = next(text for text in map(str, range(100, 200)) if draw(text) >= 0.5)
    with raises_words(CannotWrite, "teach: a card kept back", prompt=held_out):
        taught_by_hand(deck, "x.deck", held_out, "y")
    assert taught_by_hand(deck, "x.deck", taught, "y").data.endswith(f"{taught} :: y\n".encode())


def test_half_of_a_card_of_both_ways_is_refused() -> None:
    with raises_words(CannotWrite, "teach: half of a card"):
        taught_by_hand(b"seven ::: sept\n", "x.deck", "sept", "eight")


def test_a_control_character_is_shown_and_never_written() -> None:
    taught = taught_by_hand(DECK, "x.deck", "a\x1b[31m", "b")
    assert b"\x1b" not in taught.data
    assert "a␛[31m :: b".encode() in taught.data


def kept_back(text: str, share: float, name: str = "a.deck") -> str:
    return with_share_kept_back(parse(text.encode("utf-8"), name).document, share).document.text


TWENTY = "".join(f"q{n} :: a{n}\n" for n in range(20))


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("", "+++\nheld_out = 0.5\n+++\n"),
        ("\ufeff", "\ufeff+++\nheld_out = 0.5\n+++\n"),
        ('\n+++\nname = "A"\n+++\n', '\n+++\nname = "A"\nheld_out = 0.5\n+++\n'),
        ('+++\nheld_out=0.1 # few\nname = "A"\n+++\n', '+++\nname = "A"\nheld_out = 0.5\n+++\n'),
        ('+++\n[group]\na = ["q1"]\n+++\n', '+++\nheld_out = 0.5\n[group]\na = ["q1"]\n+++\n'),
        ('+++\r\nname = "A"\r\n+++\r\n', '+++\r\nname = "A"\r\nheld_out = 0.5\r\n+++\r\n'),
    ],
)
def test_a_share_is_written_into_the_front_matter_and_no_other_line_changes(
    front: str, expected: str
) -> None:
    text = kept_back(front + TWENTY, 0.5)
    assert text == expected + TWENTY
    deck = parse(text.encode("utf-8"), "a.deck").deck
    assert deck is not None
    assert 0 < len(deck.never_seen) < 20
    assert "held_out" not in kept_back(text, 0)


def test_a_share_by_which_nothing_is_taught_and_a_damaged_deck_are_refused() -> None:
    for text, share in ((TWENTY, 1.0), ("no card in it", 0.5), ("+++\nname =\n", 0.5)):
        with pytest.raises(CannotWrite):
            kept_back(text, share)


@pytest.mark.slow
@given(decks(), st.sampled_from([0.1, 0.3, 0.5]))
def test_a_share_changes_no_card_of_any_deck(deck: Deck, share: float) -> None:
    document = parse(compose(deck).encode("utf-8"), "a.deck").document
    try:
        after = with_share_kept_back(document, share)
    except CannotWrite:  # all of few cards may be in the share
        return
    assert after.deck is not None
    assert after.deck.meta.held_out == share
    assert [card.id for card in after.deck.cards] == [card.id for card in deck.cards]
    assert with_share_kept_back(after.document, 0).deck is not None
