"""The tokenizer as the `tokenizers` library reads it: tokenizer.json, made from sentencepiece.

Values only; neither library is needed. Format: huggingface/tokenizers, tokenizers/src/models and
tokenizers/src/tokenizer/serialization.rs.
"""

import re
from collections.abc import Iterator, Sequence

from flashcards.cards.card import TokenizerKind
from flashcards.cards.grammar import WHITE
from flashcards.export import visible
from flashcards.learner.tokenizer import ANSWER_ID, FILLER_ID, UNKNOWN_ID, Piece, Tokenizer

SPACE = "\u2581"

ALONE = "\ue000"
"""Stands before a word of one character, in the vocabulary and in what is looked up there.
Without it such a word would be found inside a word that is not known, which is cut into bytes."""

FILLER = "\ue001"  # the piece that fills prompts: no text is cut into the one for what is unknown

ANSWER = "\ue002"
"""The sign after a prompt. Cards never hold this character, so a chat template can write the sign
where `<answer>` is text."""

START, END = r"(?<![\s\S])", r"(?![\s\S])"  # of the text; Rust and JavaScript read these alike

NAME = r"<(?=(?:0x[0-9A-F]{2}|answer|/s|unk)>"
WORD = rf"{ALONE}?{SPACE}(?:(?!{ALONE}?{SPACE})[\s\S])*"
"""With the space before it, which the first word has none of."""

_SIGN = re.compile(r"[\^$.*+?()\[\]{}|/\\]")

LIKE_NAMES = {"unigram": rf"{NAME})", "word": rf"{START}{NAME}{END})"}
"""The `<` of a text that reads like the name of a byte or a sign, where such names are found."""


def tokenizer_json(tokenizer: Tokenizer, kind: TokenizerKind) -> dict[str, object]:
    """Any text is read as a card is (`grammar.as_taught`): trimmed, in normal form C, every
    character visible. It then gives `Tokenizer.prompts` and <answer>."""
    pieces = tokenizer.vocabulary()
    own = {ANSWER_ID: ANSWER} | ({FILLER_ID: FILLER} if tokenizer.filled_to else {})
    pieces = tuple(piece._replace(text=own.get(i, piece.text)) for i, piece in enumerate(pieces))
    first = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": i,
                "content": piece.text,
                "special": i != ANSWER_ID,
                **dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False),
            }
            for i, piece in enumerate(pieces)
            if piece.kind in ("unknown", "control")
        ],
        "normalizer": _sequence(
            "normalizers",
            {"type": "NFC"},
            _replace_regex(rf"{START}[{WHITE}]+|[{WHITE}]+{END}", ""),
            *(_replace_regex(pattern, by) for pattern, by in visible.rules()),
            _replace(" ", SPACE),
            *_filled(tokenizer.filled_to),
            *(_marks_of_short_words(pieces) if kind == "word" else ()),
        ),
        "pre_tokenizer": _sequence(
            "pretokenizers",
            *((_split(WORD),) if kind == "word" else ()),
            *(_split(like) for of, like in LIKE_NAMES.items() if of == kind),
        ),
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [first, {"SpecialToken": {"id": ANSWER, "type_id": 0}}],
            "pair": [first, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {ANSWER: {"id": ANSWER, "ids": [ANSWER_ID], "tokens": [ANSWER]}},
        },
        "decoder": _sequence(
            "decoders",
            *((_replace(ALONE, ""),) if kind == "word" else ()),
            _replace(ANSWER, ""),
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            _replace(SPACE, " "),
        ),
        "model": _unigram(pieces) if kind == "unigram" else _merging(pieces, kind),
    }


def _sequence(key: str, *parts: dict[str, object]) -> dict[str, object] | None:
    return {"type": "Sequence", key: parts} if parts else None


def _replace(text: str, by: str) -> dict[str, object]:
    return {"type": "Replace", "pattern": {"String": text}, "content": by}


def _replace_regex(pattern: str, by: str) -> dict[str, object]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": by}


def _split(pattern: str) -> dict[str, object]:
    regex = {"Regex": pattern}
    return {"type": "Split", "pattern": regex, "behavior": "Isolated", "invert": False}


def _filled(n: int) -> Iterator[dict[str, object]]:
    """Yield the rules that fill a text of fewer than `n` characters up to `n`: one more, `n`
    times."""
    for _ in range(n):
        yield _replace_regex(rf"(?<![\s\S]{{{n}}}){END}", FILLER)


def _marks_of_short_words(pieces: Sequence[Piece]) -> Iterator[dict[str, object]]:
    """Words are parted by a space before each, and only the first has none: it may be one letter.
    So may a space before another."""
    for word in (piece.text for piece in pieces if _is_short_word(piece)):
        first = "" if word == SPACE else START
        literal = _SIGN.sub(r"\\\g<0>", word)
        yield _replace_regex(rf"{first}{literal}(?={ALONE}?{SPACE}|{END})", f"{ALONE}{word}")


def _is_short_word(piece: Piece) -> bool:
    return piece.kind == "normal" and len(piece.text) == 1


def _unigram(pieces: Sequence[Piece]) -> dict[str, object]:
    return {
        "type": "Unigram",
        "unk_id": UNKNOWN_ID,
        "vocab": [(piece.text, piece.score) for piece in pieces],
        "byte_fallback": True,
    }


def _merging(pieces: Sequence[Piece], kind: TokenizerKind) -> dict[str, object]:
    """Byte pair encoding; of characters without a merge, of words with whole words looked up."""
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": pieces[UNKNOWN_ID].text,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,  # the filler may have the number of what is unknown
        "byte_fallback": True,
        "ignore_merges": kind == "word",
        "vocab": {
            f"{ALONE}{piece.text}" if kind == "word" and _is_short_word(piece) else piece.text: i
            for i, piece in enumerate(pieces)
        },
        "merges": _merges(pieces) if kind == "bpe" else [],
    }


def _merges(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """Every way in which two pieces make a third, that with the best score first."""
    ids = {piece.text: i for i, piece in enumerate(pieces) if piece.kind == "normal"}
    merges = []
    for text in ids:
        for cut in range(1, len(text)):
            left, right = text[:cut], text[cut:]
            if left in ids and right in ids:
                score = pieces[ids[text]].score
                merges.append((-score, ids[left], ids[right], (left, right)))
    return [merge for *_, merge in sorted(merges)]
