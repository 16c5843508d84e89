"""A text to be read, as a deck: a window is a card without a prompt, whose answer stands there.

`passages.py` reads its file.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import ClassVar

import msgspec

from flashcards.cards.card import Deck, DeckMeta, LearnerWishes
from flashcards.cards.diagnostics import diagnostic
from flashcards.cards.front_matter import read_front_matter
from flashcards.cards.passages import Windows
from flashcards.cards.printable import printable
from flashcards.cards.shelf import DeckUnusable, opened

KIND = "text"
SUFFIX = ".txt"
ELSEWHERE = ".elsewhere"
"""Of a file that says where a text is which is too large to be copied."""

WINDOW_PIECES = 64
"""Pieces that the model reads at a time. Measured: docs/experiments.md, "Reading"."""

LONG_BYTES = 2_000_000
"""A longer text is cut into pieces of several characters, unless its front matter says how."""

BPE_CHARACTERS = 192
"""Characters of a window where pieces have several: some 64 pieces of English."""

KEPT_BACK = 0.1
N_SAMPLE = 128
"""Windows of each side that exams ask: the mean error is then known to about 0.03 nats."""

MAX_BYTES = 256 << 20
MAX_HEAD_BYTES = 64 << 10

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*\+\+\+[ \t]*\r?\n")


class TextDeck(Deck, frozen=True, kw_only=True):
    """A deck whose cards are the windows of a text."""

    is_text: ClassVar[bool] = True
    cards: Windows

    @property
    def taught(self) -> tuple[int, ...]:
        return self.cards.taught

    @property
    def never_seen(self) -> tuple[int, ...]:
        return self.cards.never_seen

    @property
    def never_seen_mask(self) -> bytes:
        return self.cards.mask

    @property
    def n_characters(self) -> int:
        return self.cards.n_characters

    @property
    def sha256(self) -> str:
        """Hash of the file, 64 hex digits."""
        return self.cards.sha256

    @property
    def is_by_character(self) -> bool:
        return self.wishes.tokenizer == "char"


class ReadBefore(Deck, frozen=True, kw_only=True):
    """A text that an earlier chapter read: it has no cards among those of the run."""

    windows: TextDeck

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
        with opened(path, "text") as file:
            return _head(file.read(MAX_HEAD_BYTES))[0].kind == KIND
    except (DeckUnusable, OSError):
        return False


def load_text(path: Path, slug: str = "") -> TextDeck:
    """The text of a file.
    Raises DeckUnusable: it can't be read, is no UTF-8 text, or is too short or too long."""
    if path.suffix == ELSEWHERE:
        return _load_elsewhere(path, slug)
    with opened(path, "text") as file:
        meta, wishes, body_start = _head(file.read(MAX_HEAD_BYTES))
        n_bytes = os.fstat(file.fileno()).st_size
    if n_bytes > MAX_BYTES:
        text = f"larger than {MAX_BYTES >> 20} MB; read a part of it"
        raise DeckUnusable(path, (diagnostic("too-big", 1, 1, text),))
    if wishes.tokenizer is None:
        kind = "bpe" if n_bytes > LONG_BYTES else "char"
        wishes = msgspec.structs.replace(wishes, tokenizer=kind)
    n_characters = WINDOW_PIECES if wishes.tokenizer == "char" else BPE_CHARACTERS
    return TextDeck(
        slug=slug or path.stem,
        meta=msgspec.structs.replace(meta, kind=KIND),
        cards=Windows(path, body_start, n_characters, meta.held_out or KEPT_BACK),
        wishes=wishes,
    )


class Elsewhere(msgspec.Struct, frozen=True):
    """Where a text is, and what it was when it was read."""

    path: str
    sha256: str


def _load_elsewhere(path: Path, slug: str) -> TextDeck:
    try:
        with opened(path, "text") as file:
            where = msgspec.json.decode(file.read(MAX_HEAD_BYTES), type=Elsewhere)
    except msgspec.DecodeError as error:
        text = printable(str(error))
        raise DeckUnusable(path, (diagnostic("unreadable", 1, 1, text),)) from None
    deck = load_text(Path(where.path), slug)
    if deck.sha256 != where.sha256:
        text = "the text was changed since the run began, and is too large for a copy in the run"
        raise DeckUnusable(deck.cards.path, (diagnostic("unreadable", 1, 1, text),))
    return deck


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
