"""A text to be read, as a deck; `passages.py` reads its file."""

import os
import random
from pathlib import Path
from typing import ClassVar

import msgspec

from flashcards.cards import card, diagnostics, front_matter, passages, shelf

KIND = "text"
SUFFIX = ".txt"

WINDOW_PIECES = 64  # that the model reads at a time: docs/experiments.md, "Reading"

LONG_BYTES = 2_000_000  # a longer text has pieces of several characters, unless it says otherwise

BPE_CHARACTERS = 192  # characters of a window where pieces have several: some 64 pieces of English

KEPT_BACK = 0.1
N_SAMPLE = 128  # windows of each side in an exam: the mean error is known to about 0.03 nats

MAX_BYTES = 256 << 20
MAX_HEAD_BYTES = 64 << 10


class TextDeck(card.Deck, frozen=True, kw_only=True):
    is_text: ClassVar[bool] = True
    cards: passages.Windows

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
        return self.cards.sha256

    @property
    def is_by_character(self) -> bool:
        return self.wishes.tokenizer == "char"


class ReadBefore(card.Deck, frozen=True, kw_only=True):
    """A text that an earlier chapter read: it has no cards among those of the run."""

    windows: TextDeck


def sample(windows: tuple[int, ...], n_windows: int = N_SAMPLE) -> tuple[int, ...]:
    """Choose at most so many of these windows, the same ones in every run and every process."""
    if len(windows) <= n_windows:
        return windows
    return tuple(sorted(random.Random(len(windows)).sample(windows, n_windows)))


def is_text(path: Path) -> bool:
    """Tell whether a file is to be read, not taught as cards: by its name, or its front matter."""
    if path.suffix.lower() == SUFFIX:
        return True
    try:
        with shelf.opened(path, "text") as file:
            return front_matter.head_of(file.read(MAX_HEAD_BYTES))[0].meta.kind == KIND
    except (shelf.DeckUnusable, OSError):
        return False


def load_text(path: Path, slug: str = "") -> TextDeck:
    """The text of a file.
    Raises DeckUnusable: it can't be read, is no UTF-8 text, or is too short or too long."""
    with shelf.opened(path, "text") as file:
        front, body_start = front_matter.head_of(file.read(MAX_HEAD_BYTES))
        n_bytes = os.fstat(file.fileno()).st_size
    if n_bytes > MAX_BYTES:
        text = f"larger than {MAX_BYTES >> 20} MB; read a part of it"
        raise shelf.DeckUnusable(path, (diagnostics.diagnostic("too-big", 1, 1, text),))
    wishes = front.wishes
    meta = front.meta
    if wishes.tokenizer is None:
        kind = "bpe" if n_bytes > LONG_BYTES else "char"
        wishes = msgspec.structs.replace(wishes, tokenizer=kind)
    n_characters = WINDOW_PIECES if wishes.tokenizer == "char" else BPE_CHARACTERS
    return TextDeck(
        slug=slug or path.stem,
        meta=msgspec.structs.replace(meta, kind=KIND),
        cards=passages.Windows(path, body_start, n_characters, meta.held_out or KEPT_BACK),
        wishes=wishes,
    )
