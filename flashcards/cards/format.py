"""A deck file's bytes into a deck and its problems, whatever the bytes are."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

import msgspec

from flashcards.cards.audit import exact_problems
from flashcards.cards.card import Card, Deck, card_id
from flashcards.cards.diagnostics import Diagnostic, diagnostic, in_order, too_long
from flashcards.cards.document import Document, Entry, decoded
from flashcards.cards.front_matter import FENCE, FrontMatter, read_front_matter
from flashcards.cards.grammar import WHITE, split_lines
from flashcards.cards.reading import Reader, WrittenCard
from flashcards.cards.split import commuted, never_seen

FEW_NEVER_SEEN = 20
"""Below this many never-seen cards a score says little: one card is five points."""

_BOM = "\ufeff"


class ParsedDeck(msgspec.Struct, frozen=True):
    """What a file gave: a deck unless a problem is fatal, the problems by line, the file itself."""

    deck: Deck | None
    diagnostics: tuple[Diagnostic, ...]
    document: Document


def parse(data: bytes, name: str) -> ParsedDeck:
    """Read a deck file. Never raises. `name`: the file's name: its stem is the deck's slug, `.tsv`
    says that TABs part the columns."""
    text = decoded(data)
    plain = Document(name=name, text=text)
    if problem := encoding_problem(data, text):
        return ParsedDeck(None, (problem,), plain)
    lines = [line.rstrip("\r\n") for line in split_lines(text.removeprefix(_BOM))]
    slug = PurePath(name).stem
    front, n_front, problem = front_matter_of(lines, slug)
    if problem is not None:
        return ParsedDeck(None, (problem,), plain)
    body = lines[n_front:]
    is_tabbed = PurePath(name).suffix.lower() == ".tsv" or looks_tabbed(body)
    reader = Reader(front, is_tabbed=is_tabbed)
    for line, raw in enumerate(body, n_front + 1):
        reader.read(raw, line)
    reader.finish()

    cards, columns, is_marked, entries = _cards(reader.cards, front)
    problems = [*front.diagnostics, *reader.problems, *exact_problems(cards, is_marked, columns)]
    held = [card for card in cards if card.is_never_seen]
    problems += whole_deck_problems(
        len(cards), len(held), held[0].line if held else 1, front, too_long(problems)
    )
    deck = Deck(
        slug=slug,
        meta=front.meta,
        cards=tuple(cards),
        wishes=front.wishes,
        text=text,
    )
    is_usable = all(problem.level != "fatal" for problem in problems)
    document = Document(name=name, text=text, is_tabbed=is_tabbed, entries=tuple(entries))
    return ParsedDeck(deck if is_usable else None, in_order(problems), document)


def encoding_problem(data: bytes, text: str) -> Diagnostic | None:
    """Why the bytes are no UTF-8 text, at the first byte that is not."""
    if problem := utf16_problem(data):
        return problem
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = split_lines(text[: len(data[: error.start].decode("utf-8"))].removeprefix(_BOM))
        is_fresh = not before or before[-1][-1:] in "\r\n"
        line = len(before) + is_fresh
        column = 1 if is_fresh else len(before[-1]) + 1
        byte = data[error.start]
        text = f"byte 0x{byte:02X} at offset {error.start} is not UTF-8; save the file as UTF-8"
        if byte > 0xA0 and byte != 0xAD:
            text += f" (in Latin-1 it would be {chr(byte)})"
        return diagnostic("utf8", line, column, text)
    return None


def utf16_problem(data: bytes) -> Diagnostic | None:
    """Whether they are UTF-16 instead, as the first of them show."""
    zeros = data[:4096:2].count(0), data[1:4096:2].count(0)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or max(zeros) > max(1, len(data[:4096]) // 5):
        return diagnostic("utf16", 1, 1, "UTF-16 text; save the file as UTF-8")
    return None


def front_matter_of(lines: list[str], slug: str) -> tuple[FrontMatter, int, Diagnostic | None]:
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


def looks_tabbed(body: list[str]) -> bool:
    """Whether every card line has exactly one TAB and no ` :: `."""
    n_cards = 0
    for raw in body:
        content = raw.strip(WHITE)
        if not content or content[0] in "#[":
            continue
        if content.count("\t") != 1 or " :: " in content:
            return False
        n_cards += 1
    return n_cards > 0


def _cards(
    written: list[WrittenCard], front: FrontMatter
) -> tuple[list[Card], list[int], list[bool], list[Entry]]:
    """Every card with its column, whether it is marked `?`, and its entry; `:::` makes two."""
    cards: list[Card] = []
    sources: list[WrittenCard] = []
    entries: list[Entry] = []
    seen: Counter[str] = Counter()
    for source in written:
        sides = [(source.prompt, tuple(source.answers))]
        if source.is_both_ways and source.prompt != source.answers[0]:
            sides.append((source.answers[0], (source.prompt,)))
        entry = Entry(source.line, source.last_line, source.style, len(cards), len(sides) == 2)
        entries.append(entry)
        group = group_of(source.prompt, source.section, front)
        for prompt, answers in sides:
            card = Card(
                id=card_id(prompt, seen[prompt]),
                prompt=prompt,
                answers=answers,
                section=source.section,
                group=group,
                line=source.line,
            )
            seen[prompt] += 1
            cards.append(card)
            sources.append(source)
    is_marked = [source.is_marked for source in sources]
    is_held = never_seen([card.group for card in cards], is_marked, front.meta.held_out)
    # A prompt that is kept back anywhere is taught nowhere: never seen means that.
    held = {card.prompt for card, is_out in zip(cards, is_held, strict=True) if is_out}
    if held:
        cards = [
            msgspec.structs.replace(card, is_never_seen=True) if card.prompt in held else card
            for card in cards
        ]
    return cards, [source.column for source in sources], is_marked, entries


def group_of(prompt: str, section: str, front: FrontMatter) -> str:
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


def whole_deck_problems(
    n_cards: int,
    n_held_out: int,
    first_never_seen_line: int,
    front: FrontMatter,
    too_long_ones: str,
) -> list[Diagnostic]:
    """What is wrong with the deck as a whole: nothing to teach, or too little to ask."""
    if not n_cards:
        why = f": {too_long_ones}" if too_long_ones else "; write one a line: dog :: chien"
        return [diagnostic("empty-deck", 1, 1, f"no card in it{why}")]
    line = front.lines.get("held_out", first_never_seen_line)
    if n_held_out == n_cards:
        text = "every card is one that is never taught, so there is nothing to teach"
        return [diagnostic("all-held-out", line, 1, text)]
    if n_held_out < FEW_NEVER_SEEN and (n_held_out or front.meta.held_out > 0):
        text = (
            f"{n_held_out} of {n_cards} cards are never taught, only asked: with fewer than "
            f"{FEW_NEVER_SEEN} the score NEVER SEEN says little"
        )
        return [diagnostic("few-held-out", line, 1, text)]
    return []
