"""Part 2, cards into numbers: text to pieces and back.

A sentencepiece model (Kudo & Richardson 2018, arXiv 1808.06226) is trained on the cards that a deck
teaches. By default a piece is a character; byte-pair encoding (Sennrich et al. 2015, arXiv
1508.07909), unigram (Kudo 2018, arXiv 1804.10959) and whole words are there, too. What was never
learned is cut into its bytes, so that anything can be asked. What the model says passes `printable`
before it leaves.

A piece is its number, its id:

    0                 unknown; here it fills prompts and stands for silent letters
    1                 the end of an answer, ⏎
    2                 the answer sign, →
    3 to 258          the 256 bytes
    259 and above     what was learned from the deck

`encoding.py` makes sequences and batches of them.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
import sentencepiece

from flashcards.base.decoding import decode_json
from flashcards.cards.card import Deck
from flashcards.cards.printable import printable
from flashcards.cards.text import TextDeck
from flashcards.learner.filling import LetterSounds, letter_sounds, words_of
from flashcards.learner.settings import LearnerSettings

UNKNOWN_ID = 0
END_ID = 1
ANSWER_ID = 2
LETTER_SOUNDS_TAG = b"\xc2\x0c"  # field 200 of the model, which sentencepiece leaves to others
N_SPECIAL = 3
N_BYTES = 256
FILLER_ID = UNKNOWN_ID  # fills prompts, and stands for silent letters; no text is cut into it

END_TEXT = "⏎"
ASCII = "".join(map(chr, range(0x20, 0x7F)))

LEARNED_CHARACTERS = 1_000_000  # of a long text, from which pieces are learned

# sentencepiece writes a space as U+2581 and skips every line with U+2585, its own unknown sign
_SPACE = "\u2581"
_UNKNOWN_SIGN = "\u2585"
_UNUSED = 5
FILLER_TEXT = "◦"
_SPECIAL_TEXT = {FILLER_ID: "", END_ID: END_TEXT, ANSWER_ID: "→"}


def train_tokenizer(deck: Deck, settings: LearnerSettings) -> bytes:
    """A serialised sentencepiece model of the taught cards' prompts and answers (all answers).
    The same deck and settings give the same bytes."""
    texts = (text.replace(_UNKNOWN_SIGN, " ").strip("\r\n\0") for text in _lines_of(deck))
    lines = [text for text in texts if text]
    lines = lines or ["a"]
    n_characters = len(set("".join(lines))) + 1
    learned = max(settings.vocabulary, n_characters) if settings.tokenizer != "char" else 1 << 20
    if isinstance(deck, TextDeck):  # of a text the pieces wished for come beside the characters
        learned += n_characters
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type=settings.tokenizer,
        vocab_size=N_SPECIAL + N_BYTES + learned,
        hard_vocab_limit=False,  # a small deck may not have so many pieces
        character_coverage=1.0,  # every character of the deck is a piece at least
        byte_fallback=True,
        normalization_rule_name="identity",  # what is asked is read as it was written
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        max_sentence_length=1 << 20,
        unk_id=UNKNOWN_ID,
        eos_id=END_ID,
        bos_id=-1,
        pad_id=-1,
        control_symbols=["<answer>"],  # gets the next id, `ANSWER_ID`
        num_threads=1,  # the same bytes every time
        minloglevel=2,
    )
    # what sentencepiece does not know of stands before and after its model, in its own format
    words = words_of(deck) if settings.filled_to else ()
    first = b""
    if words and settings.is_aligned:
        counts = letter_sounds(deck).counts
        # letters that stand for two sounds: both are one piece
        several = sorted(
            {sounds for by_sounds in counts.values() for sounds in by_sounds if " " in sounds}
        )
        words = (*words, *(f"{sounds}{end}" for sounds in several for end in (" ", "")))
        data = msgspec.json.encode(counts)
        first = LETTER_SOUNDS_TAG + _size(data) + data
    return first + model.getvalue() + b"".join(map(_answer_piece, words))


def _lines_of(deck: Deck) -> list[str]:
    """The texts from which pieces are learned."""
    if isinstance(deck, TextDeck):
        # every character and all of ASCII, so that decks can be taught later; where pieces have
        # several characters, as much of what is read as is needed to find them
        lines = [deck.cards.characters, ASCII]
        if not deck.is_by_character:
            n_windows = LEARNED_CHARACTERS // deck.cards.window_characters
            step = -(-len(deck.taught) // n_windows)
            lines += [deck.cards[i].answer for i in deck.taught[::step]]
        return lines
    prompts = deck.read_prompts(deck.taught)
    answers = (deck.cards[i].answers for i in deck.taught)
    pairs = zip(prompts, answers, strict=True)
    return [text for prompt, accepted in pairs for text in (prompt, *accepted)]


def _letter_sounds_of(model: bytes) -> LetterSounds | None:
    """The letters' sounds, which `train_tokenizer` wrote first; None where it wrote none."""
    if not model.startswith(LETTER_SOUNDS_TAG):
        return None
    n = sum((byte & 0x7F) << (7 * i) for i, byte in enumerate(model[2:7]))
    counts = dict[str, dict[str, Annotated[int, msgspec.Meta(ge=1)]]]
    return LetterSounds(decode_json(model[7 : 7 + n], counts))


def _answer_piece(text: str) -> bytes:
    """One more piece of a sentencepiece model, into which it cuts no text by itself."""
    name = text.replace(" ", _SPACE).encode()
    piece = b"\x0a%b%b\x18%c" % (_size(name), name, _UNUSED)
    return b"\x0a%b%b" % (_size(piece), piece)


def _size(data: bytes) -> bytes:
    """The length of the data, as protobuf writes numbers, in five bytes."""
    return bytes(len(data) >> (7 * i) & 0x7F | 0x80 * (i < 4) for i in range(5))


def learned_ids(tokenizer: Tokenizer) -> range:
    """The pieces that were learned: neither signs nor bytes."""
    return range(N_SPECIAL + N_BYTES, tokenizer.n_vocabulary)


class TokenizerError(ValueError):
    """A saved tokenizer that cannot be used."""


class Piece(NamedTuple):
    """A piece as sentencepiece has it: a space is U+2581, a byte <0xC3>."""

    text: str
    score: float
    kind: Literal["normal", "unknown", "control", "byte"]


class Tokenizer:
    """Cuts text into pieces: ids from 0 to `n_vocabulary` - 1.

    Attributes:
        filled_to: Characters up to which `prompts` are filled.
        start_id, end_id: Pieces that stand before what is written, and after an answer.
        chooses_from_all: An answer can have any piece, not only those of the deck's answers.
        letter_sounds: By which answers are aligned with their prompts; None where they are not.
        ends: By piece, whether an answer ends where it is said; None where only `end_id` ends it.
        special: Pieces besides `end_id` that no answer has, such as `<|im_start|>`.
    """

    sign: tuple[int, ...] = (ANSWER_ID,)  # what stands between a prompt and its answer
    start_id, end_id = ANSWER_ID, END_ID
    chooses_from_all = False
    chat_template = ""
    ends: list[bool] | None = None
    special: frozenset[int] = frozenset()
    letter_sounds: LetterSounds | None = None

    def __init__(self, model: bytes, filled_to: int = 0) -> None:
        """Raises TokenizerError where these bytes are none that `train_tokenizer` gave."""
        self.model, self.filled_to = model, filled_to
        try:
            self._load(model)
        except (RuntimeError, ValueError, IndexError, TypeError, msgspec.DecodeError) as error:
            raise TokenizerError("the tokenizer is damaged") from error

    def _load(self, model: bytes) -> None:
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.n_vocabulary: int = len(self._processor)
        self._pieces: list[str] = [self._processor.id_to_piece(i) for i in range(self.n_vocabulary)]
        self._bytes = {
            i: int(self._pieces[i][3:5], 16)
            for i in range(self.n_vocabulary)
            if self._processor.is_byte(i)
        }
        self.letter_sounds = _letter_sounds_of(model)
        self._words = {
            self.plain(i): i for i in range(self.n_vocabulary) if self._processor.is_unused(i)
        }
        if self.n_vocabulary < N_SPECIAL + N_BYTES or len(self._bytes) != N_BYTES:
            raise ValueError("pieces are missing")

    def vocabulary(self) -> tuple[Piece, ...]:
        return tuple(map(self._piece, range(self.n_vocabulary)))

    def _piece(self, i: int) -> Piece:
        if i in self._bytes:
            kind: Literal["normal", "unknown", "control", "byte"] = "byte"
        elif self._processor.is_unknown(i):
            kind = "unknown"
        else:
            kind = "control" if self._processor.is_control(i) else "normal"
        return Piece(self._pieces[i], self._processor.get_score(i), kind)

    def encode(self, text: str) -> list[int]:
        """The ids of any text; specials never come out."""
        ids: list[int] = self._processor.encode(text)
        return ids

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        ids: list[list[int]] = self._processor.encode(list(texts), num_threads=1)
        return ids

    def prompts(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of prompts, those of short ones filled up on their right."""
        pairs = zip(texts, self.encode_all(texts), strict=True)
        return [ids + [FILLER_ID] * (self.filled_to - len(text)) for text, ids in pairs]

    def answers(self, texts: Sequence[str], prompts: Iterable[str]) -> list[list[int]]:
        """The ids of answers to prompts, those with the template around them. A short word may be
        one piece together with its space; or each letter of the prompt has one piece."""
        if not self._words:
            return self.encode_all(texts)
        return [list(self._cut(*pair)) for pair in zip(texts, prompts, strict=True)]

    def _cut(self, text: str, prompt: str) -> Iterator[int]:
        sounds = self.letter_sounds.cut(prompt, text) if self.letter_sounds else []
        if not sounds:
            yield from self._in_words(text)
        last = max((place for place, of_letter in enumerate(sounds) if of_letter), default=0)
        for place, of_letter in enumerate(sounds):
            if not of_letter:
                yield FILLER_ID  # a silent letter
            else:
                yield from self._in_words(f"{of_letter} " if place < last else of_letter)

    def _in_words(self, text: str) -> Iterable[int]:
        if text in self._words:
            return (self._words[text],)
        words = re.split("(?<= )", text)
        return itertools.chain.from_iterable(
            (self._words[word],) if word in self._words else self.encode(word) for word in words
        )

    def answer_pieces(self, ids: Sequence[int]) -> list[str]:
        """The text of each piece of an answer; that of a silent letter is empty."""
        return [self.text((i,)) for i in ids]

    def plain(self, i: int) -> str:
        """The text that a learned piece stands for."""
        return self._pieces[i].replace(_SPACE, " ")

    def unlearned(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The parts of the texts that bytes stand for, since no learned piece does, in order of
        appearance: characters, or whole words where words are the pieces."""
        in_bytes: dict[str, None] = {}
        for ids in self.encode_all(list(texts)):
            for is_bytes, group in itertools.groupby(ids, self._bytes.__contains__):
                if is_bytes:
                    in_bytes[self.text(group).strip()] = None
        return tuple(in_bytes)

    def text(self, ids: Iterable[int]) -> str:
        """The text of `ids`, printable; bytes that are no UTF-8 show as U+FFFD, fillers not."""
        raw = bytearray()
        for i in ids:
            if i in self._bytes:
                raw.append(self._bytes[i])
            else:
                raw += _SPECIAL_TEXT.get(i, self._pieces[i]).encode("utf-8", "replace")
        return printable(raw.decode("utf-8", "replace").replace(_SPACE, " "))

    def printable_pieces(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """The pieces of a prompt, which comes first, and of answers, by `printable_piece`."""
        answers = self.answers(texts[1:], [texts[0]] * (len(texts) - 1)) if texts else ()
        cuts = (*self.prompts(texts[:1]), *answers)
        return tuple(tuple(map(self.printable_piece, ids)) for ids in cuts)

    def printable_piece(self, i: int) -> str:
        """One piece, printable: a byte that is no character of its own as its number, <0xC3>."""
        text = self.piece_text(i)
        return self._pieces[i] if i in self._bytes and "\ufffd" in text else text

    def piece_text(self, i: int) -> str:
        """The text of one piece: the end as ⏎, a byte that is no character of its own as U+FFFD."""
        return FILLER_TEXT if i == FILLER_ID else self.text((i,))
