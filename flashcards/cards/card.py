"""A card, a deck, and what a deck may ask of the learner. Values only: no parsing, no files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

TokenizerKind = Literal["char", "bpe", "unigram", "word"]
ModelSize = Literal["small", "medium", "large", "xl"]

JudgeKind = Literal["answers", "rule", "expression", "program"]

Wish = Literal[
    "shuffle", "reward", "ask", "exam", "teach", "edit", "export", "page", "worksheet", "prompt"
]
"""A thing that can be done with cards alone."""

MAX_CARD_CHARACTERS = 640
"""A card's prompt and its longest answer together, where every character is a piece of its own: 32
such cards an update take 2 GB (`learner.settings`)."""

MAX_WRITTEN_CHARACTERS = 4_096  # the same where pieces are longer: `learner/lengths.py` counts them

MAX_CARDS = 1_000_000  # of a deck; so many sums `a+b` keep some 480 MB (docs/figures.md)


class Card(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One prompt and the answers that count as right.
    `id`: 16 hex digits, a hash of the prompt and of which occurrence of that prompt this is, so
    that an edited answer keeps the card's history."""

    id: str
    prompt: str  # what is shown. NFC, printable
    answers: tuple[str, ...]  # at least one; the first is taught, the others also count as right
    section: str = ""
    is_never_seen: bool = False  # asked, never taught
    group: str = ""  # cards of one group are kept back together (both directions of `:::`, say)
    line: int = 0  # line of the deck file, from 1; 0 when the card has none

    @property
    def answer(self) -> str:
        return self.answers[0]


class LearnerWishes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Learner settings a deck asks for in its front matter; None leaves the default."""

    tokenizer: TokenizerKind | None = None
    vocabulary: int | None = None
    batch_size: int | None = None
    weight_decay: float | None = None
    learning_rate: float | None = None
    n_layers: int | None = None
    width: int | None = None
    size: ModelSize | None = None

    @property
    def max_characters(self) -> int:
        """The most characters of a card; a longer one is left out when the deck is read."""
        is_by_character = self.tokenizer in (None, "char")
        return MAX_CARD_CHARACTERS if is_by_character else MAX_WRITTEN_CHARACTERS


class DeckMeta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts that the front matter gives about a deck; "" where it gives none."""

    name: str = ""
    shows: str = ""
    because: str = ""
    description: str = ""
    topic: str = ""
    ages: str = ""
    updates: int = 0
    kind: str = ""
    source: str = ""
    license: str = ""
    author: str = ""
    language: str = ""
    held_out: float = 0.0
    group: str = ""
    judge: str = ""
    ask: str = ""
    tool: str = ""

    @property
    def shelf_mark(self) -> str:
        """Topic and ages, as lists of decks name them: "geography, 10+"; "" without either."""
        return ", ".join(filter(None, (self.topic, self.ages)))


class JudgeSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The judge that gives each try its reward, where rewards teach: see `cards.judges`."""

    kind: JudgeKind
    text: str = ""  # the rule's name, the expression, or the program's file name; "" for answers
    path: str = ""  # where the program is; it is never part of what is saved


class Deck(msgspec.Struct, frozen=True, kw_only=True):
    """Cards in the order of their file, with what the file says about them.

    Attributes:
        earlier: In a later chapter of a run, the decks that were taught before this one, oldest
            first; their cards follow this deck's own in `cards`. See `cards.chapters`.
        judge: Its cards are practised by reward, which this one gives; None where answers teach.
            What `meta.judge` names is only wished for.
        ask: The template around each prompt when the model is asked, "" for the prompt alone. What
            `meta.ask` says is for a model that others have trained.
    """

    is_text: ClassVar[bool] = False  # True where its cards are the windows of a text (`cards.text`)

    slug: str  # the file's stem (`past-tense`): names runs and is what a user types
    meta: DeckMeta
    cards: Sequence[Card]  # taught and never taught; a card's place is its `card_index` everywhere
    wishes: LearnerWishes = LearnerWishes()
    text: str = ""  # the file as read, decoded; saved with every run
    earlier: tuple[Deck, ...] = ()
    judge: JudgeSpec | None = None
    ask: str = ""

    @property
    def name(self) -> str:
        return self.meta.name or self.slug

    @property
    def taught(self) -> Sequence[int]:
        """Indices of the taught cards, earlier chapters' apart."""
        return tuple(i for i in range(self.n_own) if not self.cards[i].is_never_seen)

    @property
    def never_seen(self) -> Sequence[int]:
        return tuple(i for i in range(self.n_own) if self.cards[i].is_never_seen)

    @property
    def groups(self) -> Sequence[str]:
        """The group of each card: all cards of one are taught, or none."""
        return [card.group for card in self.cards]

    @property
    def never_seen_mask(self) -> bytes:
        """A byte for each card: 1 when it is never taught."""
        return bytes(card.is_never_seen for card in self.cards)

    @property
    def prompted(self) -> range:
        """Indices of the cards that are asked by their prompts, earlier chapters' too: all of them.
        The windows of a text have no prompts (`cards.text`)."""
        return range(len(self.cards))

    @property
    def n_characters(self) -> int:
        return sum(len(card.prompt) + len(card.answer) for card in self.cards)

    @property
    def section_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(card.section for card in self.cards if card.section))

    @property
    def n_own(self) -> int:
        """Cards of this deck alone: those of earlier chapters have the indices from here on."""
        return len(self.cards) - sum(len(deck.cards) for deck in self.earlier)

    @property
    def has_earlier_cards(self) -> bool:
        """True where earlier chapters taught cards: of a text that was read there are none."""
        return len(self.cards) > self.n_own

    @property
    def own(self) -> Deck:
        if not self.earlier:
            return self
        return msgspec.structs.replace(self, cards=self.cards[: self.n_own], earlier=())

    @property
    def chapters(self) -> tuple[range, ...]:
        """The card indices of each earlier chapter, oldest first."""
        start = self.n_own
        ranges = []
        for deck in self.earlier:
            ranges.append(range(start, start + len(deck.cards)))
            start += len(deck.cards)
        return tuple(ranges)

    def as_earlier(self) -> Deck:
        """Return what later chapters of a run keep of this deck: its cards, which are asked on."""
        return self

    def read_from(self, copy: Path) -> None:
        """Read what is not in memory from this copy of the file from here on: of cards nothing.
        Raises DeckUnusable: the copy of a text is another text, or can't be read."""

    def moved(self, before: Path, now: Path) -> None:
        """Follow a folder that was renamed, where something of it is read on."""

    def with_never_seen(self, mask: bytes) -> Deck:
        """Return the deck with these cards never taught: a byte each, as `never_seen_mask`."""
        cards = tuple(
            msgspec.structs.replace(card, is_never_seen=bool(mark))
            for card, mark in zip(self.cards, mask, strict=True)
        )
        return msgspec.structs.replace(self, cards=cards)

    def why_not(self, wish: Wish, name: str) -> str:
        """Return why this can't be done with the deck called `name`; "" where it can."""
        return ""

    def read_prompts(self, card_indices: Sequence[int]) -> list[str]:
        """Return what the model reads of each card before it answers, as its own deck asks."""
        if not any((self.ask, *(deck.ask for deck in self.earlier))):
            return [self.cards[i].prompt for i in card_indices]
        asks = [self.ask] * self.n_own
        for deck in self.earlier:
            asks += [deck.ask] * len(deck.cards)
        return [filled(asks[i], self.cards[i].prompt) for i in card_indices]

    def taught_in(self, card_index: int) -> str:
        """The name of the earlier deck that this card is of; "" for a card of this deck."""
        of = zip(self.earlier, self.chapters, strict=True)
        return next((deck.name for deck, cards in of if card_index in cards), "")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def card_id(prompt: str, occurrence: int = 0) -> str:
    """The id of the `occurrence`-th card (from 0) with this prompt: 16 hex digits."""
    key = f"{occurrence}\0{prompt}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=8).hexdigest()


PLACE = "{prompt}"  # where the prompt goes in a template like "The capital of {prompt} is"
IN_CHAT = "chat"  # in place of a template: the model's own, around the deck's
MAX_ASK_CHARACTERS = 20_000  # of a template, which is read again with every prompt

ASK_WANTED = (
    f'a text with {PLACE} in it once and no other braces, like "The capital of {PLACE} is", of at '
    f"most {MAX_ASK_CHARACTERS:,} characters"
)


def is_template(text: str) -> bool:
    before, place, after = text.partition(PLACE)
    return bool(place) and len(text) <= MAX_ASK_CHARACTERS and not {"{", "}"} & {*before, *after}


def filled(ask: str, prompt: str) -> str:
    """Return what the model reads for a prompt: the template with it, or without one the prompt."""
    return ask.replace(PLACE, prompt, 1) if ask else prompt
