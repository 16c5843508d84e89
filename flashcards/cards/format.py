"""A deck file's bytes into a deck and its problems, whatever the bytes are."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from flashcards.cards.audit import repeated
from flashcards.cards.card import MAX_CARDS, Card, Deck, card_id
from flashcards.cards.diagnostics import Diagnostic, diagnostic, in_order, too_long
from flashcards.cards.front_matter import FENCE, FrontMatter, read_front_matter
from flashcards.cards.grammar import WHITE, split_lines
from flashcards.cards.reading import DeckReader, WrittenCard
from flashcards.cards.split import FEW_NEVER_SEEN, commuted, never_seen

_BOM = "\ufeff"


class Document(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A deck file's text and where its cards stand in it, so that it can be written back."""

    name: str  # the file's name; its extension matters (`.tsv`)
    text: str  # all of it, BOM and line ends too; bytes that are no UTF-8 are lone surrogates
    is_tabbed: bool = False  # whether TABs part prompt and answer

    @cached_property
    def entries(self) -> tuple[WrittenCard, ...]:
        """The cards as they are written, with their `card_index`; none in a file that is no deck.
        A `:::` card is one entry; the card of the other direction follows at `card_index + 1`."""
        body = _body_of(self.text, self.name)
        if isinstance(body, Diagnostic):
            return ()
        entries: list[WrittenCard] = []
        n_cards = 0

        def take(card: WrittenCard) -> None:
            nonlocal n_cards
            card.card_index = n_cards
            entries.append(card)
            n_cards += 2 if card.is_two else 1

        body.read(take)
        return tuple(entries)

    @cached_property
    def front(self) -> FrontMatter:
        """The front matter between its fences; empty in a file that is no deck."""
        return self._head[0]

    @property
    def n_front_lines(self) -> int:
        """The number of lines of its front matter, fences included; 0 without one."""
        return self._head[1]

    @cached_property
    def _head(self) -> tuple[FrontMatter, int]:
        body = _body_of(self.text, self.name)
        return (FrontMatter(), 0) if isinstance(body, Diagnostic) else (body.front, body.n_front)

    @property
    def newline(self) -> str:
        """The line end to write: the first one in the file, LF when it has none."""
        first = re.search(r"\r\n|\r|\n", self.text)
        return first[0] if first else "\n"


class ParsedDeck(msgspec.Struct, frozen=True):
    """A deck file that was read: its deck unless a problem is fatal, problems by line, the file
    itself."""

    deck: Deck | None
    diagnostics: tuple[Diagnostic, ...]
    document: Document


def decoded(data: bytes) -> str:
    """The bytes as text, whatever they are; `write` gives the same bytes again."""
    return data.decode("utf-8", "surrogateescape")


def write(document: Document) -> bytes:
    """The file's bytes: those that were read, except for what was changed since."""
    return document.text.encode("utf-8", "surrogateescape")


def parse(data: bytes, name: str) -> ParsedDeck:
    """Read a deck file. Never raises. `name`: the file's name: its stem is the deck's slug, `.tsv`
    says that TABs part the columns."""
    text = decoded(data)
    plain = Document(name=name, text=text)
    if problem := encoding_problem(data, text):
        return ParsedDeck(None, (problem,), plain)
    body = _body_of(text, name)
    if isinstance(body, Diagnostic):
        return ParsedDeck(None, (body,), plain)
    front = body.front
    building = _Building(body.front)
    try:
        reader = body.read(building.take)
    except _TooManyCards as error:
        return ParsedDeck(None, (diagnostic("too-big", error.line, 1, str(error)),), plain)
    cards = building.finished()
    problems = [*front.diagnostics, *reader.problems, *building.problems]
    problems += _whole_deck_problems(cards, front, too_long(problems))
    deck = Deck(slug=body.slug, meta=front.meta, cards=cards, wishes=front.wishes, text=text)
    is_usable = all(problem.level != "fatal" for problem in problems)
    document = Document(name=name, text=text, is_tabbed=body.is_tabbed)
    return ParsedDeck(deck if is_usable else None, in_order(problems), document)


class _Body(NamedTuple):
    slug: str
    front: FrontMatter
    n_front: int  # lines before the first line of the body
    lines: list[str]
    is_tabbed: bool

    def read(self, take: Callable[[WrittenCard], None]) -> DeckReader:
        reader = DeckReader(self.front, take, is_tabbed=self.is_tabbed)
        for line, raw in enumerate(self.lines, self.n_front + 1):
            reader.read(raw, line)
        reader.finish()
        return reader


def _body_of(text: str, name: str) -> _Body | Diagnostic:
    text = text.removeprefix(_BOM)
    if "\r" in text:
        lines = [line.rstrip("\r\n") for line in split_lines(text)]
    else:
        lines = text.removesuffix("\n").split("\n")
    slug = PurePath(name).stem
    front, n_front, problem = _front_matter_of(lines, slug)
    if problem is not None:
        return problem
    body = lines[n_front:]
    is_tabbed = PurePath(name).suffix.lower() == ".tsv" or _looks_tabbed(body)
    return _Body(slug, front, n_front, body, is_tabbed)


def encoding_problem(data: bytes, text: str) -> Diagnostic | None:
    """Say why the bytes are no UTF-8 text, at the first byte that is not."""
    if problem := utf16_problem(data):
        return problem
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = split_lines(text[: len(data[: error.start].decode("utf-8"))].removeprefix(_BOM))
        is_fresh = not before or before[-1][-1:] in "\r\n"
        if is_fresh:
            line, column = len(before) + 1, 1
        else:
            line, column = len(before), len(before[-1]) + 1
        byte = data[error.start]
        text = f"byte 0x{byte:02X} at offset {error.start} is not UTF-8; save the file as UTF-8"
        if byte > 0xA0 and byte != 0xAD:
            text += f" (in Latin-1 it would be {chr(byte)})"
        return diagnostic("utf8", line, column, text)
    return None


def utf16_problem(data: bytes) -> Diagnostic | None:
    """Return the problem of a file in UTF-16, as its first 4,096 bytes show; None for any other."""
    zeros = data[:4096:2].count(0), data[1:4096:2].count(0)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or max(zeros) > max(1, len(data[:4096]) // 5):
        return diagnostic("utf16", 1, 1, "UTF-16 text; save the file as UTF-8")
    return None


def _front_matter_of(lines: list[str], slug: str) -> tuple[FrontMatter, int, Diagnostic | None]:
    """The front matter, how many lines it takes, and the problem if it never ends, or is that of
    a text."""
    start = next((index for index, line in enumerate(lines) if line.strip(WHITE)), 0)
    if not lines or lines[start].strip(WHITE) != FENCE:
        return FrontMatter(), 0, None
    for end in range(start + 1, len(lines)):
        if lines[end].strip(WHITE) == FENCE:
            front = read_front_matter(lines[start + 1 : end], start + 2)
            read = diagnostic("text", 1, 1, f"a text, to be read: flashcards read {slug}")
            return front, end + 1, read if front.meta.kind == "text" else None
    text = f"{FENCE} opens the front matter and no second {FENCE} closes it"
    problem = diagnostic("front-open", start + 1, lines[start].index(FENCE) + 1, text)
    return FrontMatter(), 0, problem


def _looks_tabbed(body: list[str]) -> bool:
    """Tell whether every card line has exactly one TAB and no ` :: `."""
    n_cards = 0
    for raw in body:
        content = raw.strip(WHITE)
        if not content or content[0] in "#[":
            continue
        if content.count("\t") != 1 or " :: " in content:
            return False
        n_cards += 1
    return n_cards > 0


class _TooManyCards(Exception):  # noqa: N818
    def __init__(self, line: int) -> None:
        super().__init__(f"a deck has at most {MAX_CARDS:,} cards; split it into several decks")
        self.line = line


class _Building:
    """Cards as they are read; `:::` makes two. `problems`: repeated prompts."""

    def __init__(self, front: FrontMatter) -> None:
        self.problems: list[Diagnostic] = []
        self._front = front
        self._is_grouped = bool(front.group_of_prompt or front.meta.group)
        self._cards: list[Card] = []
        self._first_of: dict[str, int] = {}
        self._n_repeats: Counter[str] = Counter()
        self._marked: set[int] = set()

    def take(self, written: WrittenCard) -> None:
        group = prompt = written.prompt
        if self._is_grouped:
            group = _group_of(prompt, written.section, self._front)
        self._add(written, prompt, tuple(written.answers), group)
        if written.is_two:
            self._add(written, written.answers[0], (prompt,), group)

    def _add(self, written: WrittenCard, prompt: str, answers: tuple[str, ...], group: str) -> None:
        index = len(self._cards)
        if index == MAX_CARDS:
            raise _TooManyCards(written.line)
        first = self._first_of.setdefault(prompt, index)
        if first != index:
            self._n_repeats[prompt] += 1
        card = Card(
            id=card_id(prompt, self._n_repeats[prompt] if first != index else 0),
            prompt=prompt,
            answers=answers,
            section=written.section,
            group=group,
            line=written.line,
        )
        self._cards.append(card)
        if written.is_marked:
            self._marked.add(index)
        if first != index:
            pair = (self._cards[first], first in self._marked), (card, written.is_marked)
            self.problems.append(repeated(*pair, written.column))

    def finished(self) -> tuple[Card, ...]:
        cards = self._cards
        share = self._front.meta.held_out
        marked = {cards[index].group for index in self._marked}
        groups = never_seen((card.group for card in cards), marked, share)
        # A prompt that is kept back anywhere is taught nowhere: never taught means that.
        held = {card.prompt for card in cards if card.group in groups} if groups else groups
        if not held:
            return tuple(cards)
        return tuple(
            msgspec.structs.replace(card, is_never_seen=True) if card.prompt in held else card
            for card in cards
        )


def _group_of(prompt: str, section: str, front: FrontMatter) -> str:
    """The name of the group a card is kept back with; its prompt when it stands alone."""
    if prompt in front.group_of_prompt:
        return front.group_of_prompt[prompt]
    match front.meta.group:
        case "commutes":
            return commuted(prompt)
        case "section":
            return section or prompt
        case _:
            return prompt


def _whole_deck_problems(
    cards: Sequence[Card], front: FrontMatter, too_long_ones: str
) -> list[Diagnostic]:
    held = [card for card in cards if card.is_never_seen]
    n_cards, n_held_out = len(cards), len(held)
    if not cards:
        why = f": {too_long_ones}" if too_long_ones else "; write one a line: dog :: chien"
        return [diagnostic("empty-deck", 1, 1, f"no card in it{why}")]
    line = front.lines.get("held_out", held[0].line if held else 1)
    if n_held_out == n_cards:
        text = "every card is one that is never taught, so there is nothing to teach"
        return [diagnostic("all-held-out", line, 1, text)]
    if n_held_out < FEW_NEVER_SEEN and (n_held_out or front.meta.held_out > 0):
        few = f"with fewer than {FEW_NEVER_SEEN} the score NEVER TAUGHT says little"
        text = f"{n_held_out} of {n_cards} cards are never taught, only asked: {few}"
        return [diagnostic("few-held-out", line, 1, text)]
    return []
