"""The windows of a text as cards, read from its file when they are wanted.

Passages are what is kept back: whole ones, by a hash of their text. Only where passages begin is
kept of the whole text.
"""

import array
import codecs
import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from io import BufferedReader
from pathlib import Path
from typing import overload

from flashcards.base.system import open_at_once
from flashcards.cards import card, diagnostics, shelf, split
from flashcards.cards.format import utf16_problem
from flashcards.cards.printable import printable

LINE_END = "↵"  # what the end of a line is while a text is read: a sign like any other

WINDOWS_A_PASSAGE = 8
MIN_CHARACTERS = 2_000
N_PASSAGES_KEPT = 4096
BLOCK_BYTES = 1 << 20


class Windows(Sequence[card.Card]):
    """The windows of a text as cards: one has no prompt, and its answer is what stands there.

    Attributes:
        window_characters: Characters of a window; the last ones of a passage may have fewer.
        starts: Where each passage begins in the file, in bytes, and the end.
        characters: Every character in it, in order.
    """

    def __init__(self, path: Path, body_start: int, window_characters: int, share: float) -> None:
        """Goes through the file once.
        Raises DeckUnusable: it can't be read, is no UTF-8 text, or is too short or too long."""
        self.path = path
        self.window_characters = window_characters
        self.starts = array.array("q")
        self._draws = array.array("d")
        self._n_last = 0
        with shelf.opened(path, "text") as file:
            self._scan(file, body_start, WINDOWS_A_PASSAGE * window_characters)
        self._kept_back = self._chosen(share)
        self.passage = lru_cache(N_PASSAGES_KEPT)(self._read_passage)

    def _scan(self, file: BufferedReader, body_start: int, n_passage: int) -> None:
        characters: set[str] = set()
        digest = hashlib.sha256()
        decoder = codecs.getincrementaldecoder("utf-8")()
        digest.update(file.read(body_start))
        at = body_start
        rest = ""
        n_characters = 0
        is_first = True
        while True:
            block = file.read(BLOCK_BYTES)
            digest.update(block)
            if is_first and (problem := utf16_problem(block)):
                raise shelf.DeckUnusable(self.path, (problem,))
            pending = len(decoder.getstate()[0])
            offset = file.tell() - len(block) - pending
            try:
                text = rest + decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise shelf.DeckUnusable(self.path, (_bad_byte(error, offset),)) from None
            if is_first and text.startswith("\ufeff"):
                at = at + 3
                text = text[1:]
            is_first = is_first and not text and bool(block)
            begin = 0
            while len(text) - begin > n_passage or (not block and begin < len(text)):
                end = begin + n_passage
                if text[end - 1 : end] == "\r":  # the line end stays whole
                    end -= 1
                raw = text[begin:end]
                self.starts.append(at)
                at += len(raw.encode())
                passage = as_read(raw)
                characters.update(passage)
                n_characters += len(passage)
                self._draws.append(split.draw(passage))
                self._n_last = len(passage)
                begin = end
            rest = text[begin:]
            if not block:
                break
        self.starts.append(at)
        self.characters = "".join(sorted(characters))
        self.n_characters = n_characters
        self.sha256 = digest.hexdigest()
        if n_characters < MIN_CHARACTERS or len(characters) < 2:
            raise shelf.DeckUnusable(self.path, (_too_little(n_characters),))

    def _chosen(self, share: float) -> bytes:
        """Choose the passages that are kept back, a byte each, 1 for those: at least one is, one
        is not."""
        draws = self._draws
        chosen = bytearray(d < share for d in draws)
        in_order = sorted(range(len(draws)), key=draws.__getitem__)
        if not any(chosen):
            chosen[in_order[0]] = 1
        if all(chosen):
            chosen[in_order[-1]] = 0
        return bytes(chosen)

    def read_from(self, path: Path) -> None:
        """Read this copy from here on.
        Raises DeckUnusable: it can't be read, or is another text."""
        with shelf.opened(path, "text") as file:
            is_same = hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        if not is_same:
            text = "the text was changed while it was opened; try again"
            raise shelf.DeckUnusable(self.path, (diagnostics.diagnostic("unreadable", 1, 1, text),))
        self.path = path

    @overload
    def __getitem__(self, index: int) -> card.Card: ...

    @overload
    def __getitem__(self, index: slice) -> list[card.Card]: ...

    def __getitem__(self, index: int | slice) -> card.Card | list[card.Card]:
        places = range(len(self))[index]
        return self._card(places) if isinstance(places, int) else [self._card(i) for i in places]

    def _card(self, index: int) -> card.Card:
        return card.Card(
            id=f"{index:016x}",
            prompt="",
            answers=(self.window(index),),
            is_never_seen=bool(self._kept_back[index // WINDOWS_A_PASSAGE]),
        )

    def __len__(self) -> int:
        n_passages = len(self._kept_back)
        return (n_passages - 1) * WINDOWS_A_PASSAGE + self._n_windows(self._n_last)

    def _n_windows(self, n_characters: int) -> int:
        return min(WINDOWS_A_PASSAGE, -(-n_characters // self.window_characters))

    @cached_property
    def mask(self) -> bytes:
        return b"".join(bytes((mark,)) * WINDOWS_A_PASSAGE for mark in self._kept_back)[: len(self)]

    @cached_property
    def taught(self) -> tuple[int, ...]:
        return tuple(i for i, mark in enumerate(self.mask) if not mark)

    @cached_property
    def never_seen(self) -> tuple[int, ...]:
        return tuple(i for i, mark in enumerate(self.mask) if mark)

    def window(self, index: int) -> str:
        """Return the text of this window, as it is read.
        Raises OSError: the file can't be read any more."""
        passage, place = divmod(index, WINDOWS_A_PASSAGE)
        text = self.passage(passage)
        n_windows = WINDOWS_A_PASSAGE
        if passage == len(self._kept_back) - 1:
            n_windows = self._n_windows(self._n_last)
        return text[place * len(text) // n_windows : (place + 1) * len(text) // n_windows]

    def read_text(self) -> Iterator[str]:
        """Everything that is read, in order: stretches that stand together in the text."""
        parts: list[str] = []
        for passage, mark in enumerate(self._kept_back):
            if mark or len(parts) >= BLOCK_BYTES // (self.window_characters * WINDOWS_A_PASSAGE):
                yield "".join(parts)
                parts = [] if mark else parts[-1:]  # what crosses the border is in the next one
            if not mark:
                parts.append(self._read_passage(passage))
        yield "".join(parts)

    def _read_passage(self, passage: int) -> str:
        start, end = self.starts[passage], self.starts[passage + 1]
        with open_at_once(self.path) as file:
            file.seek(start)
            return as_read(file.read(end - start).decode("utf-8", "replace"))


def as_read(text: str) -> str:
    """A stretch of text in the form it is read in: normal form C, every character visible."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n", LINE_END).replace("\t", " ").replace("\u2585", " ")
    if text.isprintable():
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return printable(unicodedata.normalize("NFC", text))


def _bad_byte(error: UnicodeDecodeError, offset: int) -> diagnostics.Diagnostic:
    byte = error.object[error.start]
    text = f"byte 0x{byte:02X} at offset {offset + error.start} is not UTF-8; save it as UTF-8"
    return diagnostics.diagnostic("utf8", 1, 1, text)


def _too_little(n_characters: int) -> diagnostics.Diagnostic:
    text = f"the text has {diagnostics.counted(n_characters, 'character')}"
    if n_characters >= MIN_CHARACTERS:
        text += ", all alike"
    elif n_characters:
        text += f"; reading needs {MIN_CHARACTERS:,} at least"
    return diagnostics.diagnostic("empty-deck", 1, 1, text if n_characters else "the text is empty")
