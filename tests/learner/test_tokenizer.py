"""Tokenizers: any deck, any prompt, the same bytes every time."""

import pytest
from hypothesis import given, strategies as st

from flashcards.cards.card import Deck, TokenizerKind
from flashcards.cards.printable import printable
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import END_ID, END_TEXT, N_SPECIAL, Tokenizer, train_tokenizer
from tests.learner.decks import deck_of, fruit, sums

KINDS: tuple[TokenizerKind, ...] = ("char", "bpe", "unigram", "word")
DECKS: dict[str, Deck] = {
    "one card": deck_of([("a", "b")]),
    "one sign": deck_of([("a", "a")]),
    "lines": deck_of([("two cities", "Warszawa\nKraków"), ("a\n", "\nb")]),
    "spaces": deck_of([(" lead", "trail "), ("two  spaces", "a b")]),
    "scripts": deck_of([("日本", "東京"), ("ελ", "Ἀθῆναι"), ("مصر", "القاهرة"), ("ไทย", "👩‍🚀")]),
    "its own signs": deck_of([("<unk> <answer>", "</s> <0x41>"), ("▁x", "▅ y")]),
    "only held out": deck_of([], [("a", "b")]),
    "fruit": fruit(),
    "sums": sums(12),
}


def tokenizer(deck: Deck, kind: TokenizerKind) -> Tokenizer:
    return Tokenizer(train_tokenizer(deck, LearnerSettings(tokenizer=kind)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DECKS)
def test_every_kind_gives_the_text_of_every_deck_back(name: str, kind: TokenizerKind) -> None:
    cut = tokenizer(DECKS[name], kind)
    for card in DECKS[name].cards:
        for text in (card.prompt, card.answer):
            ids = cut.encode(text)
            assert all(i >= N_SPECIAL for i in ids)
            assert cut.text(ids) == printable(text.replace("▁", " "))


@pytest.mark.parametrize("kind", KINDS)
def test_training_twice_gives_the_same_bytes(kind: TokenizerKind) -> None:
    deck = sums(12)
    wanted = LearnerSettings(tokenizer=kind)
    assert train_tokenizer(deck, wanted) == train_tokenizer(deck, wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_at_all_can_be_cut(kind: TokenizerKind) -> None:
    cut = tokenizer(fruit(), kind)

    @given(st.text())
    def check(text: str) -> None:
        ids = cut.encode(text)
        assert all(N_SPECIAL <= i < cut.n_vocabulary for i in ids)
        assert cut.text(ids) == printable(text.replace("▁", " "))

    check()


def test_characters_are_one_piece_each() -> None:
    cut = tokenizer(sums(12), "char")
    assert [cut.piece_text(i) for i in cut.encode("10+7")] == ["1", "0", "+", "7"]


def test_words_are_one_piece_each() -> None:
    cut = tokenizer(deck_of([("17 + 25", "42"), ("42 + 1", "43")]), "word")
    assert [cut.piece_text(i) for i in cut.encode("17 + 25")] == ["17", " +", " 25"]


def test_bpe_learns_as_many_pieces_as_asked() -> None:
    wanted = LearnerSettings(tokenizer="bpe", vocabulary=40)
    cut = Tokenizer(train_tokenizer(deck_of([("banana bandana", "ananas an band")] * 3), wanted))
    assert cut.n_vocabulary <= N_SPECIAL + 256 + 40
    assert len(cut.encode("banana")) < 6


def test_never_seen_cards_do_not_shape_the_pieces() -> None:
    wanted = LearnerSettings()
    alone, with_never_seen = deck_of([("ab", "c")]), deck_of([("ab", "c")], [("xyz", "q")])
    assert train_tokenizer(alone, wanted) == train_tokenizer(with_never_seen, wanted)


def test_half_a_character_shows_as_a_replacement_and_the_end_as_its_sign() -> None:
    cut = tokenizer(fruit(), "char")
    half = cut.encode("é")[:1]
    assert cut.text(half) == "\ufffd"
    assert cut.piece_text(END_ID) == END_TEXT
