"""Text to pieces and back as a brought model does, by the package `tokenizers`.

Serves where `tokenizer.Tokenizer` does; `pieces_of` gives the one that saved bytes are of. The
package is loaded where such a model is used, and only there.
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from flashcards.cards.printable import printable
from flashcards.learner.brought.model_folder import package
from flashcards.learner.brought.pretrained_settings import MAX_PIECES
from flashcards.learner.tokenizer import END_TEXT, Tokenizer, TokenizerError

ANCHORS = ("x", "a", "0", ".")
"""Texts after which others are cut and read, as many tokenizers change how a text begins."""


class PieceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A brought tokenizer, as a run saves it."""

    tokenizer: dict[str, Any]  # the content of tokenizer.json
    end_id: int  # the piece that ends an answer
    n_rows: int  # rows of the embedding: there may be more than pieces
    chat_template: str = ""  # as the model has it, in Jinja; "" for none
    other_ends: tuple[int, ...] = ()  # further pieces that end what the model says
    special: dict[str, str] = msgspec.field(
        default_factory=dict
    )  # the texts of its special pieces: bos_token, …


class BroughtPieces(Tokenizer):
    """The tokenizer of a brought model. `space`: what stands between a prompt and its answer as
    they are written. `chat_template`: as the model has it; "" for none."""

    sign = ()
    chooses_from_all = True
    space = " "

    def _load(self, model: bytes) -> None:
        tokenizers = package("tokenizers")
        try:
            file = msgspec.json.decode(model, type=PieceFile)
            text = msgspec.json.encode(file.tokenizer).decode()
            self._inner = tokenizers.Tokenizer.from_str(text)
        except Exception as error:  # the package raises Exception itself
            raise TokenizerError("the tokenizer is damaged") from error
        if not 0 <= file.end_id < file.n_rows <= MAX_PIECES:
            raise TokenizerError(f"the tokenizer says {file.n_rows:,} pieces, end {file.end_id:,}")
        self._inner.no_truncation()
        self._inner.no_padding()
        self.n_vocabulary = file.n_rows
        self.end_id = self.start_id = file.end_id
        self.chat_template = file.chat_template
        ids = self._inner.get_vocab(with_added_tokens=True).values()
        if max(ids, default=0) >= file.n_rows:
            raise TokenizerError("the tokenizer has more pieces than the model has rows")
        self._names = [self._inner.id_to_token(i) or "" for i in range(file.n_rows)]
        added = self._inner.get_added_tokens_decoder()
        self.special = frozenset(i for i in added if added[i].special) - {file.end_id}
        self._anchor = next((text for text in ANCHORS if self._inner.encode(text).ids), ANCHORS[0])
        plain = self._inner.encode(self._anchor, add_special_tokens=False).ids
        whole = self._inner.encode(self._anchor).ids
        n_before = next(i for i in range(len(whole) + 1) if whole[i : i + len(plain)] == plain)
        self._anchor_ids, self._first = plain, whole[:n_before]
        if any(i >= file.n_rows for i in self._first):
            raise TokenizerError("the tokenizer begins texts with a piece that isn't there")
        # an answer is over where what comes next goes on with no word: a space, a comma, a line
        self._texts = self._after_anchor([[i] for i in range(file.n_rows)])
        self.ends = [not text[:1].isalnum() and text[:1] != "\ufffd" for text in self._texts]
        for end in (file.end_id, *(i for i in file.other_ends if 0 <= i < file.n_rows)):
            self.ends[end] = True

    def _after_anchor(self, sequences: Sequence[Sequence[int]]) -> list[str]:
        """The texts of these pieces, in the middle of a text: there a space stays a space."""
        start = len(self._inner.decode(self._anchor_ids, skip_special_tokens=False))
        whole = [[*self._anchor_ids, *ids] for ids in sequences]
        texts = self._inner.decode_batch(whole, skip_special_tokens=False)
        return [text[start:] for text in texts]

    def encode(self, text: str) -> list[int]:
        (ids,) = self.encode_all([text])
        return ids

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        self._inner.encode_special_tokens = True
        encodings = self._inner.encode_batch_fast(list(texts), add_special_tokens=False)
        return [list(encoding.ids) for encoding in encodings]

    def prompts(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of prompts, with what the model wants at the beginning of a text. The
        space that an answer begins with doesn't end a prompt."""
        self._inner.encode_special_tokens = False
        stripped = [text.rstrip(" ") for text in texts]
        encodings = self._inner.encode_batch_fast(stripped, add_special_tokens=False)
        return [[*self._first, *encoding.ids] for encoding in encodings]

    def answers(self, texts: Sequence[str], prompts: Iterable[str]) -> list[list[int]]:
        """The ids of answers, after a space; a line of its own begins with none. Each is cut as it
        is in the middle of a text."""
        before = ["\n" if prompt.endswith("\n") else self._anchor for prompt in prompts]
        spaces = ["" if text == "\n" else self.space for text in before]
        parts = list(zip(before, spaces, texts, strict=True))
        starts = {text: self.encode(text) for text in set(before)}
        wholes = self.encode_all(["".join(part) for part in parts])
        answers = []
        for (text, space, answer), whole in zip(parts, wholes, strict=True):
            start = starts[text]
            is_apart = whole[: len(start)] == start
            answers.append(whole[len(start) :] if is_apart else self.encode(space + answer))
        return answers

    def unlearned(self, texts: Iterable[str]) -> tuple[str, ...]:
        return ()  # every text has been seen, at least as bytes

    def text(self, ids: Iterable[int]) -> str:
        (text,) = self._after_anchor([[i for i in ids if i != self.end_id]])
        return printable(text).strip(" ")

    def printable_piece(self, i: int) -> str:
        """One piece, printable: bytes that are no text of their own as numbers, <0xC3>."""
        text = self.piece_text(i)
        if "\ufffd" not in text:
            return text
        name = self._names[i]
        if name.startswith("<0x"):  # sentencepiece's name of a byte
            return name
        letters = _bytes_of_letters()
        is_spelled = all(letter in letters for letter in name)
        return "".join(f"<0x{letters[letter]:02X}>" for letter in name) if is_spelled else name

    def answer_pieces(self, ids: Sequence[int]) -> list[str]:
        """The space that an answer begins with is none of it."""
        texts = [self.piece_text(i) for i in ids]
        return [text.lstrip(" ") if place == 0 else text for place, text in enumerate(texts)]

    def piece_text(self, i: int) -> str:
        return END_TEXT if i == self.end_id else printable(self._texts[i])


@functools.cache
def _bytes_of_letters() -> dict[str, int]:
    """The byte that each letter of byte-level BPE stands for."""
    letters = package("transformers.convert_slow_tokenizer").bytes_to_unicode()
    return {letter: byte for byte, letter in letters.items()}


def pieces_of(model: bytes, filled_to: int = 0) -> Tokenizer:
    """The tokenizer of these bytes, sentencepiece's or a brought model's.
    Raises TokenizerError: they are neither. Raises PretrainedError: a package is missing."""
    return _brought_pieces(model) if model[:1] == b"{" else Tokenizer(model, filled_to)


_brought_pieces = functools.lru_cache(1)(BroughtPieces)  # half a second, and wanted twice
