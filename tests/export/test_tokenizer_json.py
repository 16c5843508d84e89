"""The exported tokenizer cuts any text as the program's own does, checked with `tokenizers`."""

import random
import unicodedata

import msgspec
import pytest

from flashcards.cards.card import Deck, TokenizerKind
from flashcards.cards.format import parse
from flashcards.cards.grammar import WHITE
from flashcards.cards.shelf import find, load
from flashcards.export.tokenizer_json import tokenizer_json
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID, Tokenizer, train_tokenizer
from tests.export.runs import spelled
from tests.learner.decks import deck_of

tokenizers = pytest.importorskip("tokenizers")

KINDS: tuple[TokenizerKind, ...] = ("char", "bpe", "unigram", "word")
PLAIN = (
    "",
    " ",
    "  a",
    "a  ",
    "▁",
    "a▁b",
    "é",
    "e\u0301",
    "日本",
    "👩‍👩‍👧",
    "\ta",
    "a\nb",
    "\0",
    "▅",
)
NAMES = ("<answer>", "</s>", "<unk>", "<0x41>", "father <0xC3>", "<answer> x", "y<", "x" * 300)
SHORT = ("x", "y", "x1", "x 1", "x  1", "ax", "a x", "[", ".", "[ .", "x ", " x", ". ", "y - x")
ALPHABET = "abcdefghijklmnopqrstuvwxyz ABCDE<>/_-éß日👍▁  \n\t+12▅"


def short_words() -> Deck:
    return deck_of(
        [("x + 1", "y - 2"), ("a", "b c"), ("a  b", "< d"), ("  ", " e "), ("[ ]", ". *")]
    )


def texts(*decks: Deck) -> list[str]:
    rng = random.Random(1)
    drawn = ["".join(rng.choices(ALPHABET, k=rng.randrange(1, 30))) for _ in range(500)]
    cards = [text for deck in decks for card in deck.cards for text in (card.prompt, *card.answers)]
    alone = [*PLAIN, *NAMES, *SHORT, *drawn, *cards]
    return alone + [a + b for a, b in zip(alone, reversed(alone), strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_is_cut_into_the_same_pieces_and_put_together_again(kind: TokenizerKind) -> None:
    family, _ = load(find("family"))
    for deck in (family, short_words()):
        settings = LearnerSettings(tokenizer=kind, vocabulary=8192 if kind == "word" else 256)
        ours = Tokenizer(train_tokenizer(deck, settings))
        written = msgspec.json.encode(tokenizer_json(ours, kind)).decode()
        theirs = tokenizers.Tokenizer.from_str(written)
        theirs.encode_special_tokens = True
        wanted = texts(family, short_words())
        trimmed = [unicodedata.normalize("NFC", text.strip(WHITE)) for text in wanted]
        for text, ids in zip(wanted, ours.encode_all(trimmed), strict=True):
            assert theirs.encode(text).ids == [*ids, ANSWER_ID], text
        for text, ids in zip(wanted, ours.encode_all(wanted), strict=True):
            if "▁" not in text:  # sentencepiece writes a space so
                assert theirs.decode(ids) == text


def test_prompts_are_filled_as_the_program_fills_them() -> None:
    deck = parse(spelled().encode(), "spelled.deck").deck
    assert deck is not None
    settings = LearnerSettings.for_deck(deck)
    ours = Tokenizer(train_tokenizer(deck, settings), settings.filled_to)
    theirs = tokenizers.Tokenizer.from_str(
        msgspec.json.encode(tokenizer_json(ours, "char")).decode()
    )
    theirs.encode_special_tokens = True
    trimmed = (unicodedata.normalize("NFC", text.strip(WHITE)) for text in texts(deck))
    wanted = [text for text in trimmed if text]  # no prompt is empty
    for text, ids in zip(wanted, ours.prompts(wanted), strict=True):
        assert theirs.encode(text).ids == [*ids, ANSWER_ID], text
    for card in deck.cards:
        assert theirs.decode(ours.answers([card.answer], [card.prompt])[0]) == card.answer
