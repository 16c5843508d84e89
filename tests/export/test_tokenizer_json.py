"""The exported tokenizer cuts any text as the program's own does, checked with `tokenizers`."""

import json
import random
import shutil
import subprocess
import unicodedata

import msgspec
import pytest

from flashcards.cards.card import Deck, TokenizerKind
from flashcards.cards.format import parse
from flashcards.cards.grammar import WHITE, as_taught
from flashcards.cards.shelf import find, load
from flashcards.export import visible
from flashcards.export.tokenizer_json import tokenizer_json
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID, Tokenizer, train_tokenizer
from tests.export.runs import spelled
from tests.learner.decks import deck_of
from tests.waiting import PATIENCE_S

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


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind != "char")) for kind in KINDS]
)
def test_any_text_is_cut_into_the_same_pieces_and_put_together_again(kind: TokenizerKind) -> None:
    family, _ = load(find("family"))
    for deck in (family, short_words()):
        settings = LearnerSettings(tokenizer=kind, vocabulary=8192 if kind == "word" else 256)
        ours = Tokenizer(train_tokenizer(deck, settings))
        written = msgspec.json.encode(tokenizer_json(ours, kind)).decode()
        theirs = tokenizers.Tokenizer.from_str(written)
        theirs.encode_special_tokens = True
        wanted = texts(family, short_words())
        for text, ids in zip(wanted, ours.encode_all([*map(as_taught, wanted)]), strict=True):
            assert theirs.encode(text).ids == [*ids, ANSWER_ID], text
        for text, ids in zip(wanted, ours.encode_all(wanted), strict=True):
            if "▁" not in text:  # sentencepiece writes a space so
                assert theirs.decode(ids) == text


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_cards_of_a_small_deck_are_cut_alike(kind: TokenizerKind) -> None:
    deck = deck_of([("banana", "ananas"), ("bandana", "nan"), ("an ana", "ban")])
    ours = Tokenizer(train_tokenizer(deck, LearnerSettings(tokenizer=kind)))
    written = msgspec.json.encode(tokenizer_json(ours, kind)).decode()
    theirs = tokenizers.Tokenizer.from_str(written)
    wanted = [text for card in deck.cards for text in (card.prompt, card.answer)]
    cut = [theirs.encode(text).ids for text in wanted]
    assert cut == [[*ids, ANSWER_ID] for ids in ours.encode_all(wanted)]
    assert sum(map(len, cut)) < sum(map(len, wanted))  # more than letters


def test_prompts_are_filled_as_the_program_fills_them() -> None:
    deck = parse(spelled().encode(), "spelled.deck").deck
    assert deck is not None
    settings = LearnerSettings.for_deck(deck)
    ours = Tokenizer(train_tokenizer(deck, settings), settings.filled_to)
    theirs = tokenizers.Tokenizer.from_str(
        msgspec.json.encode(tokenizer_json(ours, "char")).decode()
    )
    theirs.encode_special_tokens = True
    wanted = [text for text in map(as_taught, texts(deck)) if text]  # no prompt is empty
    for text, ids in zip(wanted, ours.prompts(wanted), strict=True):
        assert theirs.encode(text).ids == [*ids, ANSWER_ID], text
    for card in deck.cards:
        assert theirs.decode(ours.answers([card.answer], [card.prompt])[0]) == card.answer


INVISIBLE = [
    *("\u200b", "\u200c", "\u200d", "\ufe0e", "\ufe0f", "\xad", "\x1b", "\t", "\x7f", "\x9f"),
    *("\u2028", "\u2066", "\u3164", "\u180b", "\u180e", "\ufeff", "\ufdd0", "\uffff", "\ufffb"),
    *("\U000e0020", "\U000e0067", "\U000e007f", "\U000e0100", "\U000e01ef", "\U000e0fff"),
    *("\U0001fffe", "\U0010ffff"),
]
HIDING = (
    *(
        "France\u200b",
        "Fr\u200bance",
        "a\tb",
        "\x1b[31mred",
        "❤\ufe0f",
        "❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3",
    ),
    *(
        "👩\u200d👩\u200d👧",
        "क\u200dष",
        "葛\U000e0100",
        "a\ufe0f",
        "\x01\u200d👩",
        "\ufe0f\ufe0f",
        "❤\ufe0f\ufe0f",
    ),
    *("🏴\U000e0067\U000e0062\U000e0065\U000e007f", "\U000e0067", "🏴" + 8 * "\U000e0067"),
)


def hiding_texts() -> list[str]:
    rng = random.Random(4)
    signs = [*"ab 1#*👩❤🏴कبé日⟨U+\n\u0301\u20e3\x85\u3000\ufffc", *INVISIBLE]
    drawn = ["".join(rng.choices(signs, k=rng.randrange(1, 9))) for _ in range(2_000)]
    return [*HIDING, *(f"France{char}" for char in INVISIBLE), *INVISIBLE, *drawn]


def test_what_is_invisible_is_read_as_ask_reads_it() -> None:
    found = [*map(tokenizers.normalizers.Replace, *zip(*rust_rules(), strict=True))]
    normalizer = tokenizers.normalizers.Sequence([tokenizers.normalizers.NFC(), *found])
    for text in hiding_texts():
        assert normalizer.normalize_str(text.strip(WHITE)) == as_taught(text), ascii(text)


def rust_rules() -> list[tuple[object, str]]:
    return [(tokenizers.Regex(pattern), by) for pattern, by in visible.rules()]


AS_TRANSFORMERS_JS = """
let { rules, texts } = JSON.parse(require("fs").readFileSync(0, "utf8"));
rules = rules.map(([pattern, by]) => [new RegExp(pattern, "gu"), by]);
const read = (text) => rules.reduce((t, [pattern, by]) => t.replaceAll(pattern, by), text);
console.log(JSON.stringify(texts.map(read)));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_javascript_reads_the_rules_alike() -> None:
    texts = [unicodedata.normalize("NFC", text.strip(WHITE)) for text in hiding_texts()]
    given = json.dumps({"rules": visible.rules(), "texts": texts})
    node = ["node", "-e", AS_TRANSFORMERS_JS]
    done = subprocess.run(node, input=given, capture_output=True, text=True, timeout=PATIENCE_S)
    assert json.loads(done.stdout) == [*map(as_taught, texts)], done.stderr
