"""A text is cut into windows that give it back whole; what can't be read is said in one line."""

import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from flashcards.cards import passages, text as texts
from flashcards.cards.format import parse
from flashcards.cards.passages import as_read
from flashcards.cards.shelf import DeckUnusable, find, shipped
from flashcards.cards.text import TextDeck, is_text, load_text
from tests.golden import check_words
from tests.reading.texts import HEAD, sentences, write_text


def load(folder: Path, data: bytes) -> TextDeck:
    path = folder / "some.txt"
    path.write_bytes(data)
    return load_text(path)


def test_the_windows_are_the_text(tmp_path: Path) -> None:
    deck = load_text(write_text(tmp_path))
    assert deck.meta.name == "A little text"
    assert "".join(card.answer for card in deck.cards) == as_read(sentences())
    assert {card.prompt for card in deck.cards} == {""}
    assert max(len(card.answer) for card in deck.cards) == 64
    assert sorted((*deck.taught, *deck.never_seen)) == list(range(len(deck.cards)))
    assert deck.cards.characters == "".join(sorted(set(as_read(sentences()))))


@given(
    st.text(alphabet=st.characters(codec="utf-8"), min_size=1),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_texts_come_back(tmp_path_factory: pytest.TempPathFactory, some: str, newline: str) -> None:
    body = newline.join([some, "An ordinary line.", "Another one, ä."] * 80)
    deck = load(tmp_path_factory.mktemp("text"), body.encode())
    text = "".join(card.answer for card in deck.cards)
    assert "\n" not in text
    assert "\r" not in text
    if some.isprintable() and some.isascii():
        assert text == as_read(body)


def test_any_blocks_give_the_same_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_text(tmp_path, "\ufeff" + sentences().replace("\n", "\r\n"), head="")
    whole = load_text(path)
    for n_bytes in (1, 7, 100):
        monkeypatch.setattr(passages, "BLOCK_BYTES", n_bytes)
        deck = load_text(path)
        assert list(deck.cards) == list(whole.cards)
        assert deck.cards.starts == whole.cards.starts
        assert deck.sha256 == whole.sha256
    assert "".join(card.answer for card in whole.cards) == as_read(sentences())


def test_whole_passages_are_kept_back_by_what_they_say(tmp_path: Path) -> None:
    deck = load_text(write_text(tmp_path))
    source = deck.cards
    assert 0 < len(deck.never_seen) < len(deck.taught)
    for passage in range(len(deck.cards) // passages.WINDOWS_A_PASSAGE):
        sides = {source.mask[passage * passages.WINDOWS_A_PASSAGE + i] for i in range(8)}
        assert len(sides) == 1
    assert source.mask == bytes(card.is_never_seen for card in deck.cards)
    # what is put behind the text moves no passage to the other side
    longer = load_text(write_text(tmp_path, sentences() + sentences(40)))
    n_whole = len(deck.cards) // 8 * 8 - 8
    assert longer.cards.mask[:n_whole] == source.mask[:n_whole]


def test_a_text_says_itself_how_much_is_kept_back(tmp_path: Path) -> None:
    shares = []
    for line in ("", "held_out = 0.6\n"):
        deck = load_text(
            write_text(tmp_path, sentences(600), HEAD.replace("+++\n", f"+++\n{line}", 1))
        )
        shares.append(len(deck.never_seen) / len(deck.cards))
    assert 0.03 < shares[0] < 0.25
    assert 0.4 < shares[1] < 0.8


def test_what_is_read_is_everything_but_the_passages_kept_back(tmp_path: Path) -> None:
    deck = load_text(write_text(tmp_path))
    read = "".join(deck.cards[i].answer for i in deck.taught)
    assert "".join(deck.cards.read_text()) == read


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "text: empty"),
        (b"too short", "text: too short"),
        (b"a" * 5000, "text: all alike"),
        (b"some text " * 500 + b"\xfc", "text: a byte of Latin-1"),
        (b"some text " * 500 + "ä".encode()[:1], "text: cut short"),
        (("some text " * 500).encode("utf-16"), "text: UTF-16"),
    ],
)
def test_a_text_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, key: str) -> None:
    with pytest.raises(DeckUnusable) as caught:
        load(tmp_path, data)
    check_words(key, str(caught.value).partition(" error: ")[2])


def test_a_bad_byte_is_named_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ("ä" * 1500).encode() + b"\xff" + ("ä" * 1500).encode()
    for n_bytes in (3, 64, 1 << 20):
        monkeypatch.setattr(passages, "BLOCK_BYTES", n_bytes)
        with pytest.raises(DeckUnusable, match=r"0xFF.*\b3000\b"):
            load(tmp_path, data)


def test_what_is_a_text(tmp_path: Path) -> None:
    cards = tmp_path / "cards.deck"
    cards.write_text("dog :: chien\n", "utf-8")
    named = tmp_path / "name.txt"
    named.write_text("x", "utf-8")
    assert is_text(write_text(tmp_path))
    assert is_text(named)
    assert not is_text(cards)
    assert not is_text(tmp_path / "nothing.deck")


def test_a_long_text_has_larger_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LONG_BYTES", 1000)
    deck = load_text(write_text(tmp_path))
    assert deck.wishes.tokenizer == "bpe"
    assert not deck.is_by_character
    assert load_text(
        write_text(tmp_path, head=HEAD.replace("+++\n", '+++\ntokenizer = "char"\n', 1))
    ).is_by_character


def test_a_text_of_more_than_256_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate((256 << 20) + 1)  # of no bytes on the disk
    with pytest.raises(DeckUnusable) as caught:
        load_text(path)
    check_words("text: too large", str(caught.value).partition(" error: ")[2])


@pytest.mark.parametrize("name", ["valley", "rhymes"])
def test_the_shipped_texts_can_be_read_by_name(name: str) -> None:
    deck = load_text(find(name))
    assert 2_000 < len(deck.cards) < 4_000
    assert all((deck.meta.name, deck.meta.description, deck.meta.source, deck.meta.license))
    assert 20 < len(deck.meta.shows) <= 90
    made = runpy.run_path(str(shipped() / "make_texts.py"))
    assert made["TEXTS"][name]().encode() == find(name).read_bytes()


def test_the_questions_ask_for_what_stands_in_the_text() -> None:
    """Some facts are asked in never-taught cards alone: those were only read."""
    made = runpy.run_path(str(shipped() / "make_texts.py"))
    path = shipped() / "valley-questions.deck"
    assert made["questions"]().encode() == path.read_bytes()
    deck = parse(path.read_bytes(), path.name).deck
    assert deck is not None
    assert (len(deck.taught), len(deck.never_seen)) == (66, 30)
    text = "".join(load_text(find("valley")).cards.read_text())
    of = {person.name: person for person in made["PEOPLE"]}
    for card in deck.cards:
        assert re.search(rf"\b{card.answer}\b", text) or card.answer in made["TRADES"]
        (name,) = (name for name in of if name in card.prompt.replace("'", " ").split("?")[0])
        told = [wording for fact in of[name].facts() for wording in fact]
        assert any(re.search(rf"\b{card.answer}\b", wording) for wording in told), card
