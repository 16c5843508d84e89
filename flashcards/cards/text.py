"""A text to be read: cut into passages and windows, which are read from its file when wanted.

A window is a card without a prompt, whose answer is what stands there. Passages are what is kept
back: whole ones, by a hash of their text. Only where passages begin is kept of the whole text.
"""

from __future__ import annotations

import array
import codecs
import hashlib
import os
import random
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from io import BufferedReader
from pathlib import Path
from typing import Any, overload

import msgspec

from flashcards.cards.card import Card, Deck, DeckMeta, LearnerWishes
from flashcards.cards.diagnostics import Diagnostic, diagnostic
from flashcards.cards.front_matter import read_front_matter
from flashcards.cards.printable import printable
from flashcards.cards.shelf import DeckUnusable, refusal
from flashcards.cards.split import draw
from flashcards.system import open_at_once

KIND = "text"
SUFFIX = ".txt"
ELSEWHERE = ".elsewhere"
"""Of a file that says where a text is which is too large to be copied."""

LINE_END = "↵"
"""What the end of a line is while a text is read: a sign like any other."""

WINDOW_PIECES = 64
"""Pieces that the model reads at a time. Measured: docs/experiments.md, "Reading"."""

LONG_BYTES = 2_000_000
"""A longer text is cut into pieces of several characters, unless its front matter says how."""

BPE_CHARACTERS = 192
"""Characters of a window where pieces have several: some 64 pieces of English."""

WINDOWS_A_PASSAGE = 8
KEPT_BACK = 0.1
N_SAMPLE = 128
"""Windows of each side that exams ask: the mean error is then known to about 0.03 nats."""

MIN_CHARACTERS = 2_000
MAX_BYTES = 256 << 20
N_PASSAGES_KEPT = 4096
BLOCK_BYTES = 1 << 20
MAX_HEAD_BYTES = 64 << 10

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*\+\+\+[ \t]*\r?\n")


class TextSource:
    """A text's file, and where in it what stands.

    Attributes:
        window_characters: Characters of a window; the last ones of a passage may have fewer.
        starts: Where each passage begins in the file, in bytes, and the end.
        characters: Every character in it, in order.
        sha256: Of the file.
    """

    def __init__(self, path: Path, body_start: int, window_characters: int, share: float) -> None:
        """Goes through the file once.

        Raises:
            DeckUnusable: it can't be read, is no UTF-8 text, or is too short or too long.
        """
        self.path = path
        self.window_characters = window_characters
        self.starts = array.array("q")
        self._draws = array.array("d")
        self._n_last = 0
        with _opened(path) as file:
            self._scan(file, body_start, WINDOWS_A_PASSAGE * window_characters)
        self._kept_back = self._chosen(share)
        self.passage = lru_cache(N_PASSAGES_KEPT)(self._read_passage)

    def _scan(self, file: BufferedReader, body_start: int, n_passage: int) -> None:
        found: set[str] = set()
        digest = hashlib.sha256()
        decoder = codecs.getincrementaldecoder("utf-8")()
        digest.update(file.read(body_start))
        at, rest, n_characters, is_first = body_start, "", 0, True
        while True:
            block = file.read(BLOCK_BYTES)
            digest.update(block)
            if is_first and (problem := _not_utf8(block)):
                raise DeckUnusable(self.path, (diagnostic("utf16", 1, 1, problem),))
            pending = len(decoder.getstate()[0])
            offset = file.tell() - len(block) - pending
            try:
                text = rest + decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise DeckUnusable(self.path, (_bad_byte(error, offset),)) from None
            if is_first and text.startswith("\ufeff"):
                at, text = at + 3, text[1:]
            is_first = is_first and not text and bool(block)
            begin = 0
            while len(text) - begin > n_passage or (not block and begin < len(text)):
                end = begin + n_passage
                if text[end - 1 : end] == "\r":  # the line end stays whole
                    end -= 1
                raw = text[begin:end]
                self.starts.append(at)
                at += len(raw.encode())
                shown = as_read(raw)
                found.update(shown)
                n_characters += len(shown)
                self._draws.append(draw(shown))
                self._n_last = len(shown)
                begin = end
            rest = text[begin:]
            if not block:
                break
        self.starts.append(at)
        self.characters = "".join(sorted(found))
        self.n_characters = n_characters
        self.sha256 = digest.hexdigest()
        if n_characters < MIN_CHARACTERS or len(found) < 2:
            raise DeckUnusable(self.path, (_too_little(n_characters),))

    def _chosen(self, share: float) -> bytes:
        """For each passage, 1 when it is kept back: at least one is, and one is not."""
        draws = self._draws
        chosen = bytearray(d < share for d in draws)
        in_order = sorted(range(len(draws)), key=draws.__getitem__)
        if share > 0 and not any(chosen):
            chosen[in_order[0]] = 1
        if all(chosen):
            chosen[in_order[-1]] = 0
        return bytes(chosen)

    def read_from(self, path: Path) -> None:
        """Read this copy from here on.

        Raises:
            DeckUnusable: it can't be read, or is another text.
        """
        with _opened(path) as file:
            is_same = hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        if not is_same:
            text = "the text was changed while it was opened; try again"
            raise DeckUnusable(self.path, (diagnostic("unreadable", 1, 1, text),))
        self.path = path

    def __len__(self) -> int:
        """How many windows there are."""
        n_passages = len(self._kept_back)
        return (n_passages - 1) * WINDOWS_A_PASSAGE + self._n_windows(self._n_last)

    def _n_windows(self, n_characters: int) -> int:
        return min(WINDOWS_A_PASSAGE, -(-n_characters // self.window_characters))

    def is_kept_back(self, window: int) -> bool:
        """Whether it stands in a passage that is kept back."""
        return bool(self._kept_back[window // WINDOWS_A_PASSAGE])

    @cached_property
    def mask(self) -> bytes:
        """For each window, 1 when it is kept back."""
        return b"".join(bytes((mark,)) * WINDOWS_A_PASSAGE for mark in self._kept_back)[: len(self)]

    @cached_property
    def taught(self) -> tuple[int, ...]:
        """The windows that are read."""
        return tuple(i for i, mark in enumerate(self.mask) if not mark)

    @cached_property
    def held_out(self) -> tuple[int, ...]:
        """The windows that are kept back."""
        return tuple(i for i, mark in enumerate(self.mask) if mark)

    @property
    def n_bytes(self) -> int:
        """Of the text, its front matter apart."""
        return self.starts[-1] - self.starts[0]

    def window(self, index: int) -> str:
        """What stands in this window, as it is read.

        Raises:
            OSError: the file can't be read any more.
        """
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


class Windows(Sequence[Card]):
    """The windows of a text as cards."""

    def __init__(self, source: TextSource) -> None:
        self._source = source

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, index: int) -> Card: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Card]: ...

    def __getitem__(self, index: int | slice) -> Card | Sequence[Card]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index += len(self) if index < 0 else 0
        if not 0 <= index < len(self):
            raise IndexError(index)
        return Card(
            id=f"{index:016x}",
            prompt="",
            answers=(self._source.window(index),),
            is_held_out=self._source.is_kept_back(index),
        )


class TextDeck(Deck, frozen=True, kw_only=True):
    """A deck whose cards are the windows of a text."""

    cards: Any
    """`Windows`: a sequence of cards that is none in memory."""

    source: Any
    """A `TextSource`."""

    @property
    def taught(self) -> tuple[int, ...]:
        """The windows that are read."""
        windows: tuple[int, ...] = self.source.taught
        return windows

    @property
    def held_out(self) -> tuple[int, ...]:
        """The windows that are kept back."""
        windows: tuple[int, ...] = self.source.held_out
        return windows

    @property
    def sha256(self) -> str:
        """Hash of the file, 64 hex digits."""
        return str(self.source.sha256)

    @property
    def is_by_character(self) -> bool:
        """Whether a piece is a character."""
        return self.wishes.tokenizer == "char"


class ReadBefore(Deck, frozen=True, kw_only=True):
    """A text that an earlier chapter read: it has no cards among those of the run."""

    windows: Any
    """The `TextDeck`."""

    @classmethod
    def of(cls, deck: TextDeck) -> ReadBefore:
        """This text as an earlier chapter."""
        return cls(slug=deck.slug, meta=deck.meta, cards=(), windows=deck)


def sample(windows: tuple[int, ...], n_windows: int = N_SAMPLE) -> tuple[int, ...]:
    """At most so many of these windows, the same ones in every run and every process."""
    if len(windows) <= n_windows:
        return windows
    return tuple(sorted(random.Random(len(windows)).sample(windows, n_windows)))


def is_text(path: Path) -> bool:
    """Whether this file is to be read, not taught as cards: by its name, or its front matter."""
    if path.suffix.lower() in (SUFFIX, ELSEWHERE):
        return True
    try:
        with open_at_once(path) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return False
            return _head(file.read(MAX_HEAD_BYTES))[0].kind == KIND
    except (OSError, ValueError):
        return False


def load_text(path: Path, slug: str = "") -> TextDeck:
    """The text of a file.

    Raises:
        DeckUnusable: it can't be read, is no UTF-8 text, or is too short or too long.
    """
    if path.suffix == ELSEWHERE:
        return _load_elsewhere(path, slug)
    with _opened(path) as file:
        meta, wishes, body_start = _head(file.read(MAX_HEAD_BYTES))
        n_bytes = os.fstat(file.fileno()).st_size
    if n_bytes > MAX_BYTES:
        text = f"larger than {MAX_BYTES >> 20} MB; read a part of it"
        raise DeckUnusable(path, (diagnostic("too-big", 1, 1, text),))
    if wishes.tokenizer is None:
        kind = "bpe" if n_bytes > LONG_BYTES else "char"
        wishes = msgspec.structs.replace(wishes, tokenizer=kind)
    n_characters = WINDOW_PIECES if wishes.tokenizer == "char" else BPE_CHARACTERS
    source = TextSource(path, body_start, n_characters, meta.held_out or KEPT_BACK)
    return TextDeck(
        slug=slug or path.stem,
        meta=msgspec.structs.replace(meta, kind=KIND),
        cards=Windows(source),
        wishes=wishes,
        source=source,
    )


class Elsewhere(msgspec.Struct, frozen=True):
    """Where a text is, and what it was when it was read."""

    path: str
    sha256: str


def _load_elsewhere(path: Path, slug: str) -> TextDeck:
    try:
        with _opened(path) as file:
            where = msgspec.json.decode(file.read(MAX_HEAD_BYTES), type=Elsewhere)
    except msgspec.DecodeError as error:
        text = printable(str(error))
        raise DeckUnusable(path, (diagnostic("unreadable", 1, 1, text),)) from None
    deck = load_text(Path(where.path), slug)
    if deck.sha256 != where.sha256:
        text = "the text was changed since the run began, and is too large for a copy in the run"
        raise DeckUnusable(deck.source.path, (diagnostic("unreadable", 1, 1, text),))
    return deck


def as_read(text: str) -> str:
    """A stretch of text in the form it is read in: normal form C, every character visible."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n", LINE_END).replace("\t", " ").replace("\u2585", " ")
    if text.isprintable():
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return printable(unicodedata.normalize("NFC", text))


def _head(data: bytes) -> tuple[DeckMeta, LearnerWishes, int]:
    """What the front matter says, and where the text begins, in bytes."""
    begin = _HEAD.match(data)
    if begin is None:
        return DeckMeta(), LearnerWishes(), 0
    end = re.compile(rb"^\+\+\+[ \t]*(?:\r?\n|\Z)", re.MULTILINE).search(data, begin.end())
    if end is None:
        return DeckMeta(), LearnerWishes(), 0
    lines = data[begin.end() : end.start()].decode("utf-8", "replace").splitlines()
    front = read_front_matter(lines, 2)
    return front.meta, front.wishes, end.end()


def _opened(path: Path) -> BufferedReader:
    try:
        file = open_at_once(path)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            text = "a pipe, socket or device; a text is a file"
            raise DeckUnusable(path, (diagnostic("not-a-file", 1, 1, text),))
    except (OSError, ValueError) as error:
        raise DeckUnusable(path, (refusal(error, path),)) from None
    return file


def _not_utf8(block: bytes) -> str:
    zeros = block[:4096:2].count(0), block[1:4096:2].count(0)
    if block[:2] in (b"\xff\xfe", b"\xfe\xff") or max(zeros) > max(1, len(block[:4096]) // 5):
        return "UTF-16 text; save the file as UTF-8"
    return ""


def _bad_byte(error: UnicodeDecodeError, offset: int) -> Diagnostic:
    byte = error.object[error.start]
    text = f"byte 0x{byte:02X} at offset {offset + error.start} is not UTF-8; save it as UTF-8"
    return diagnostic("utf8", 1, 1, text)


def _too_little(n_characters: int) -> Diagnostic:
    if not n_characters:
        return diagnostic("empty-deck", 1, 1, "the text is empty")
    if n_characters >= MIN_CHARACTERS:
        return diagnostic(
            "empty-deck", 1, 1, f"the text has {n_characters:,} characters, all alike"
        )
    text = f"the text has {n_characters:,} characters; reading needs {MIN_CHARACTERS:,} at least"
    return diagnostic("empty-deck", 1, 1, text)
