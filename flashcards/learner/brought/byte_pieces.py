"""Text to pieces and back as a brought model does: byte-level BPE, by the package `tokenizers`.

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


class PieceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A brought tokenizer, as a run saves it."""

    tokenizer: dict[str, Any]  # the content of tokenizer.json
    end_id: int  # the piece that ends an answer
    n_rows: int  # rows of the embedding: there may be more than pieces
    chat_template: str = ""  # as the model has it, in Jinja; "" for none


@functools.cache
def _bytes_of_letters() -> dict[str, int]:
    """The byte that each letter of byte-level BPE stands for (gpt-2/src/encoder.py)."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {chr(byte): byte for byte in plain}
    return letters | {chr(256 + place): byte for place, byte in enumerate(others)}


class BytePieces(Tokenizer):
    """The tokenizer of a brought model. Each piece is some bytes, and shown as text.
    `space`: what stands between a prompt and its answer as they are written. `chat_template`: as
    the model has it; "" for none."""

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
        texts = self._inner.get_vocab(with_added_tokens=True)
        letters = _bytes_of_letters()
        added = self._inner.get_added_tokens_decoder()
        self._pieces = [""] * file.n_rows
        raw = [b""] * file.n_rows
        for text, i in texts.items():
            if not 0 <= i < file.n_rows:
                raise TokenizerError("the tokenizer has more pieces than the model has rows")
            self._pieces[i] = text
            is_spelled = i not in added and all(letter in letters for letter in text)
            raw[i] = bytes(letters[letter] for letter in text) if is_spelled else text.encode()
        self._raw = raw
        if any(i >= file.n_rows for i in self.prompts([""])[0]):
            raise TokenizerError("the tokenizer begins texts with a piece that isn't there")
        # an answer is over where what comes next goes on with no word: a space, a comma, a line
        first_letters = [content.decode("utf-8", "replace")[:1] for content in raw]
        self.ends = [not first.isalnum() and first != "\ufffd" for first in first_letters]
        self.ends[file.end_id] = True

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
        encodings = self._inner.encode_batch_fast([text.rstrip(" ") for text in texts])
        return [list(encoding.ids) for encoding in encodings]

    def answers(self, texts: Sequence[str], prompts: Iterable[str]) -> list[list[int]]:
        """The ids of answers, after a space; a line of its own begins with none."""
        pairs = zip(texts, prompts, strict=True)
        return self.encode_all(
            [text if prompt.endswith("\n") else self.space + text for text, prompt in pairs]
        )

    def unlearned(self, texts: Iterable[str]) -> tuple[str, ...]:
        return ()  # every text has been seen, at least as bytes

    def text(self, ids: Iterable[int]) -> str:
        raw = b"".join(b"" if i == self.end_id else self._raw[i] for i in ids)
        return printable(raw.decode("utf-8", "replace")).strip(" ")

    def printable_piece(self, i: int) -> str:
        """One piece, printable: bytes that are no text of their own as numbers, <0xC3>."""
        text = self.piece_text(i)
        return "".join(f"<0x{byte:02X}>" for byte in self._raw[i]) if "\ufffd" in text else text

    def answer_pieces(self, ids: Sequence[int]) -> list[str]:
        """The space that an answer begins with is none of it."""
        texts = [self.piece_text(i) for i in ids]
        return [text.lstrip(" ") if place == 0 else text for place, text in enumerate(texts)]

    def piece_text(self, i: int) -> str:
        if i == self.end_id:
            return END_TEXT
        return printable(self._raw[i].decode("utf-8", "replace"))


def pieces_of(model: bytes, filled_to: int = 0) -> Tokenizer:
    """The tokenizer of these bytes, sentencepiece's or a brought model's.
    Raises TokenizerError: they are neither. Raises PretrainedError: a package is missing."""
    return BytePieces(model) if model[:1] == b"{" else Tokenizer(model, filled_to)
