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


WHY_NOT: dict[card.Wish, str] = {
    "shuffle": "a text is read: it has no answers to shuffle",
    "reward": "{name} is a text; rewards are for cards",
    "ask": "a text is read: it has no prompts to ask",
    "exam": "{name} is a text: a model that reads answers no cards",
    "teach": "{name} is a text; after something, cards are taught",
    "edit": "A text is read as it is: it has no cards to change.",
    "export": "{name} has read a text; only a model that was taught cards is exported",
    "page": "{name} reads a text, and a page asks cards; `flashcards report` writes of it",
    "worksheet": "{name} read a text: a worksheet is about cards",
    "prompt": "{name} reads a text: it has no cards to write before a question",
}


def why_not(wish: card.Wish, name: str) -> str:
    """Return why this can't be done with a text, or with a run called `name` that read one."""
    return WHY_NOT[wish].format(name=name)


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
    def prompted(self) -> range:
        return range(0)

    def as_earlier(self) -> card.Deck:
        return ReadBefore(slug=self.slug, meta=self.meta, cards=(), windows=self)

    def read_from(self, copy: Path) -> None:
        self.cards.read_from(copy)

    def with_never_seen(self, mask: bytes) -> card.Deck:
        """Return the text as it is: which passages are kept back follows from what they say."""
        return self

    def why_not(self, wish: card.Wish, name: str) -> str:
        return why_not(wish, name)

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

    def moved(self, before: Path, now: Path) -> None:
        path = self.windows.cards.path
        if path.parent == before:
            self.windows.cards.path = now / path.name


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


def load_either(path: Path) -> tuple[card.Deck, tuple[diagnostics.Diagnostic, ...]]:
    """Read the file of a deck, or of a text, with its problems; a text that can be read has none.
    Raises DeckUnusable: it can't be read."""
    return (load_text(path), ()) if is_text(path) else shelf.load(path)


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
