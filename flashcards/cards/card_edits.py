"""Cards into lines: one card put into a file whose other lines stay untouched."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from flashcards.cards.audit import near
from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import excerpt
from flashcards.cards.format import Document, ParsedDeck, parse, write
from flashcards.cards.front_matter import FENCE
from flashcards.cards.grammar import (
    BAR,
    SEPARATOR,
    WHITE,
    as_taught,
    block_mark,
    escape_mark,
    escape_separators,
    is_never_seen,
    split_lines,
)
from flashcards.cards.reading import Style, WrittenCard

_BLANK_LINE = re.compile(rf"\n[{WHITE}]*\n")


class CannotWrite(ValueError):  # noqa: N818
    """A card that the format has no way to write; the text says why, for the user."""


def card_lines(
    prompt: str,
    answers: Sequence[str],
    *,
    is_never_seen: bool = False,
    is_both_ways: bool = False,
    is_tabbed: bool = False,
) -> str:
    """The card as a deck file holds it, without the last line end. Text with newlines becomes a
    `Q:`/`A:` block. Raises CannotWrite: the text would not be read back as it is (spaces at an end,
    a blank line or a control character inside), or has newlines where blocks cannot stand."""
    for text in (prompt, *answers):
        if text != as_taught(text) or not text:
            raise CannotWrite("a card's text needs no spaces at its ends and only visible letters")
    if not answers:
        raise CannotWrite("a card needs an answer")
    mark = "? " if is_never_seen else ""
    if any("\n" in text for text in (prompt, *answers)):
        if is_tabbed or is_both_ways:
            raise CannotWrite("text of several lines needs a Q: and A: block")
        return mark + "\n".join([_part("Q", prompt), *(_part("A", text) for text in answers)])
    if is_tabbed:
        alternatives = " | ".join(escape_separators(text, BAR) for text in answers)
        return f"{mark}{escape_mark(prompt)}\t{alternatives}"
    separator = ":::" if is_both_ways else "::"
    alternatives = " | ".join(map(escape_separators, answers))
    return f"{mark}{escape_mark(escape_separators(prompt))} {separator} {alternatives}"


def _part(letter: str, text: str) -> str:
    if _BLANK_LINE.search(text) or any(line != line.rstrip(WHITE) for line in text.split("\n")):
        raise CannotWrite("a blank line, or spaces at a line's end, cannot stand inside a card")
    first, *rest = text.split("\n")
    return "\n".join([f"{letter}: {first}", *map(escape_mark, rest)])


def with_card(document: Document, prompt: str, answers: Sequence[str]) -> Document:
    """The document with a card added at its end; no other line changes.
    Raises CannotWrite: the card has no form in this file."""
    prompt = as_taught(prompt)
    answers = [as_taught(answer) for answer in answers]
    new = card_lines(prompt, answers, is_tabbed=document.is_tabbed)
    text = document.text
    newline = document.newline
    if text and text[-1] not in "\r\n\ufeff":
        text += newline
    is_after_block = bool(document.entries) and document.entries[-1].style == "block"
    if "\n" in new or (is_after_block and split_lines(text)[-1].strip(WHITE + "\r\n")):
        text += newline
    text += new.replace("\n", newline) + newline
    return _checked(document, text, prompt, tuple(answers))


def with_answers(document: Document, card_index: int, answers: Sequence[str]) -> Document:
    """The document with other answers on one card; no other line changes.
    Raises CannotWrite: the answers have no form there. Raises IndexError: no card of the file has
    this index, or it is the other direction of a `:::`."""
    entry, card = _entry_and_card(document, card_index)
    answers = [as_taught(answer) for answer in answers]
    lines = split_lines(document.text)
    own = lines[entry.line - 1 : entry.last_line]
    newline = document.newline
    end = own[-1][len(own[-1].rstrip("\r\n")) :]
    new = _with_answers(own, entry.style, card.prompt, answers)
    lines[entry.line - 1 : entry.last_line] = [new.replace("\n", newline) + end]
    return _checked(document, "".join(lines), card.prompt, tuple(answers))


def with_every_answer(document: Document, answers: Mapping[int, str]) -> str:
    """The file's text with one answer on each card of these indices, by `card_index`; the lines of
    a card whose answer can't be written there are left out, and all others stay as they are.
    Raises CannotWrite: a card stands in both directions, so that its answer is a prompt, too."""
    lines = split_lines(document.text)
    for entry in document.entries:
        if entry.is_two:
            raise CannotWrite("cards in both directions (:::) can't be given other answers")
        if entry.card_index not in answers:
            continue
        own = lines[entry.line - 1 : entry.last_line]
        end = own[-1][len(own[-1].rstrip("\r\n")) :]
        try:
            answer = as_taught(answers[entry.card_index])
            new = _with_answers(own, entry.style, entry.prompt, [answer])
            own_lines = [new.replace("\n", document.newline) + end]
        except CannotWrite:
            own_lines = []
        lines[entry.line - 1 : entry.last_line] = [*own_lines, *[""] * (len(own) - len(own_lines))]
    return "".join(lines)


def without_mark(document: Document, card_index: int) -> Document:
    """The document with one card's never-taught mark gone; no other line changes. A card without
    may still be kept back, by share or with its group. Raises as `with_answers` does."""
    entry, card = _entry_and_card(document, card_index)
    lines = split_lines(document.text)
    first = lines[entry.line - 1]
    bom = "\ufeff" if first.startswith("\ufeff") else ""
    content = first.removeprefix(bom).lstrip(WHITE)
    if not is_never_seen(content):
        return document
    lines[entry.line - 1] = bom + content[1:].lstrip(WHITE)
    return _checked(document, "".join(lines), card.prompt, card.answers)


def with_share_kept_back(document: Document, share: float) -> ParsedDeck:
    """The deck with `held_out = share` in its front matter, without that key for 0; no other line
    changes. Raises CannotWrite: no card would be taught, or nothing can be written there."""
    lines = split_lines(document.text)
    n_front = document.n_front_lines
    newline = document.newline
    line = document.front.lines.get("held_out")
    if line is not None:
        del lines[line - 1]
        n_front -= 1
    new = f"held_out = {share:g}{newline}"
    if not share:
        texts = ["".join(lines)]
    elif n_front:
        # Last in the front matter, or first where a table ends it.
        first = next(index for index, text in enumerate(lines) if FENCE in text) + 1
        places = (n_front - 1, first)
        texts = ["".join([*lines[:place], new, *lines[place:]]) for place in places]
    else:
        bom = "\ufeff" if document.text.startswith("\ufeff") else ""
        fence = FENCE + newline
        texts = [f"{bom}{fence}{new}{fence}{document.text.removeprefix(bom)}"]
    before = parse(write(document), document.name).deck
    for text in texts:
        after = parse(text.encode("utf-8", "surrogateescape"), document.name)
        if before is None or after.deck is None or after.deck.meta.held_out != share:
            continue
        if [card.id for card in after.deck.cards] == [card.id for card in before.cards]:
            return after
    raise CannotWrite("no share of this deck can be kept back")


def _entry_and_card(document: Document, card_index: int) -> tuple[WrittenCard, Card]:
    entry = next((e for e in document.entries if e.card_index == card_index), None)
    if entry is None:
        raise IndexError(card_index)
    deck = parse(write(document), document.name).deck
    if deck is None:
        raise CannotWrite("the deck cannot be read as it is")
    return entry, deck.cards[card_index]


def _with_answers(own: list[str], style: Style, prompt: str, answers: list[str]) -> str:
    """A card's lines with the side of the prompt kept as it was written."""
    text = "".join(own).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    if style == "block":
        lines = text.split("\n")
        start = next(index for index, line in enumerate(lines) if block_mark(line) == "A")
        return "\n".join([*lines[:start], *(_part("A", answer) for answer in answers)])
    if any("\n" in answer for answer in answers):
        raise CannotWrite("text of several lines needs a Q: and A: block")
    written = card_lines(prompt, answers, is_tabbed=style == "tab")
    if style == "tab":
        tab = text.index("\t", len(text) - len(text.lstrip(WHITE)))
        return _kept_to(text, tab + 1, "") + written[written.index("\t") + 1 :]
    old = next(match for match in SEPARATOR.finditer(text) if not match[1] and match[2] != "|")
    new = next(match for match in SEPARATOR.finditer(written) if not match[1] and match[2] != "|")
    return _kept_to(text, old.end(), " ") + written[new.end() :].lstrip(WHITE)


def _kept_to(text: str, end: int, space: str) -> str:
    """The text up to `end`, with the white space that follows there, or `space` for none."""
    rest = text[end:]
    return text[:end] + (rest[: len(rest) - len(rest.lstrip(WHITE))] or space)


def _checked(document: Document, text: str, prompt: str, answers: tuple[str, ...]) -> Document:
    """The new text as a document, proved to hold the card and all the cards it held before."""
    before = parse(write(document), document.name)
    after = parse(text.encode("utf-8", "surrogateescape"), document.name)
    old = [] if before.deck is None else [card.prompt for card in before.deck.cards]
    new = [] if after.deck is None else [card.prompt for card in after.deck.cards]
    is_there = after.deck is not None and any(
        card.prompt == prompt and card.answers == answers for card in after.deck.cards
    )
    if not is_there or new[: len(old)] != old:
        raise CannotWrite("this card would change how the rest of the file is read")
    return after.document


class HandTaught(msgspec.Struct, frozen=True):
    """The deck's file with the card in it; whether the card was never taught until now."""

    data: bytes
    was_never_seen: bool


def taught_by_hand(data: bytes, name: str, prompt: str, answer: str) -> HandTaught:
    """The bytes of the deck file of this name, with a card that teaches this answer to this prompt.
    A card that has the prompt gets the answer; one marked `?` loses the mark, so that it is taught
    from then on. Raises CannotWrite: it can't be taught like this; the text is a sentence."""
    prompt, answer = as_taught(prompt), as_taught(answer)
    parsed = parse(data, name)
    if parsed.deck is None:
        raise CannotWrite("The deck can't be read as it is.")
    deck = parsed.deck
    if not prompt or not answer:
        raise CannotWrite("The answer is empty." if prompt else "The prompt is empty.")
    n_characters = len(prompt) + len(answer)
    most = deck.wishes.max_characters
    if n_characters > most:
        text = f"That is {n_characters:,} characters; prompt and answer together can be {most:,}."
        raise CannotWrite(text)
    same = [index for index, card in enumerate(deck.cards) if card.prompt == prompt]
    was_never_seen = False
    if same:
        cards = [deck.cards[index] for index in same]
        if all(card.answer == answer and not card.is_never_seen for card in cards):
            raise CannotWrite(f"The deck teaches that already: {excerpt(prompt)} is {answer}.")
        document = _with_answer(parsed.document, deck, same, answer)
        was_never_seen = any(card.is_never_seen for card in cards)
    else:
        _check_leak(deck, prompt, answer)
        try:
            document = with_card(parsed.document, prompt, [answer])
        except CannotWrite as problem:
            raise CannotWrite(_sentence(problem)) from None
    new = parse(write(document), name).deck
    if new is None or any(card.is_never_seen for card in new.cards if card.prompt == prompt):
        why = "it is asked, never taught, so that NEVER TAUGHT stays true."
        raise CannotWrite(f"{excerpt(prompt)} belongs to the share that the deck holds out: {why}")
    return HandTaught(write(document), was_never_seen)


def _check_leak(deck: Deck, prompt: str, answer: str) -> None:
    keys = (near(prompt), near(answer))
    for card in deck.cards:
        if card.is_never_seen and (near(card.prompt), near(card.answer)) in (keys, keys[::-1]):
            why = "which is asked and never taught: it would be NEVER TAUGHT no longer."
            raise CannotWrite(f"That gives {excerpt(card.prompt)} away, {why}")


def _with_answer(document: Document, deck: Deck, same: list[int], answer: str) -> Document:
    for index in same:
        card = deck.cards[index]
        others = tuple(other for other in card.answers if other != answer)
        answers = (answer, *others) if answer in card.answers else (answer,)
        try:
            if answers != card.answers:
                document = with_answers(document, index, answers)
            if card.is_never_seen:
                document = without_mark(document, index)
        except IndexError:
            text = f"{excerpt(card.prompt)} is half of a ::: card; change it in the deck's file."
            raise CannotWrite(text) from None
        except CannotWrite as problem:
            raise CannotWrite(_sentence(problem)) from None
    return document


def _sentence(problem: CannotWrite) -> str:
    text = str(problem)
    return f"{text[:1].upper()}{text[1:]}."
