"""A deck's cards as other programs read them: tables and JSON records. Text only, no files."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flashcards.base.files import csv_of, parquet_of
from flashcards.cards.card import Card, Deck
from flashcards.cards.grammar import joined
from flashcards.cards.printable import as_cell
from flashcards.exchange.notes import NEVER_SEEN_TAG


def guid(deck: Deck, card: Card) -> str:
    """Return Anki's key of a card, 16 hex digits: the same as long as deck and prompt are.
    With it, importing a changed deck again changes the notes that are there already."""
    key = f"{deck.slug}\0{card.id}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=8, salt=b"anki").hexdigest()


def deck_path(deck: Deck, section: str) -> str:
    """Anki's name for a section: the deck's and the section's, parted by `::`."""
    root = re.sub(":{2,}", ":", deck.name).strip(": ") or deck.slug
    return f"{root}::{section}" if section else root


_COLUMNS: dict[str, Callable[[Deck, Card], str]] = {
    "guid": guid,
    "prompt": lambda deck, card: card.prompt,
    "answer": lambda deck, card: card.answer,
    "also": lambda deck, card: joined(card.answers[1:]),
    "deck": lambda deck, card: deck_path(deck, card.section),
    "tags": lambda deck, card: NEVER_SEEN_TAG if card.is_never_seen else "",
    "section": lambda deck, card: card.section,
    "held_out": lambda deck, card: "yes" if card.is_never_seen else "",
}


def _rows(deck: Deck, cards: Sequence[Card], names: Sequence[str]) -> Iterator[list[str]]:
    for card in cards:
        yield [_COLUMNS[name](deck, card) for name in names]


def as_tsv(deck: Deck, cards: Sequence[Card]) -> bytes:
    """Tab-separated text with Anki's header lines; sections are decks, the never-seen mark a tag.
    Header lines: anki-manual, "Text Files"."""
    names = ["guid", "prompt", "answer", *_needed(cards, "also", "deck", "tags")]
    head = ["#separator:tab", "#html:false", "#guid column:1"]
    if "deck" in names:
        head.append(f"#deck column:{names.index('deck') + 1}")
    else:
        head.append(f"#deck:{deck_path(deck, '')}")
    if "tags" in names:
        head.append(f"#tags column:{names.index('tags') + 1}")
    head.append("#columns:" + "\t".join(names))
    return "\n".join(head).encode() + b"\n" + csv_of(_rows(deck, cards, names), "\t")


def as_csv(deck: Deck, cards: Sequence[Card]) -> bytes:
    """RFC 4180, with a header row; line ends are LF. No spreadsheet computes what is in it."""
    names = ["prompt", "answer", *_needed(cards, "also", "section", "held_out")]
    rows = _rows(deck, cards, names)
    return csv_of([names, *([as_cell(text) for text in row] for row in rows)])


def as_jsonl(deck: Deck, cards: Sequence[Card]) -> bytes:
    """A record a line: prompt, completion and, where any card has them, also, section, held_out.
    A completion starts with a space, so that it can be put behind its prompt (Hugging Face TRL,
    "Dataset formats")."""
    return _json_lines(list(_records(cards)))


def as_parquet(deck: Deck, cards: Sequence[Card]) -> bytes:
    """The records of `as_jsonl` as columns."""
    records = list(_records(cards))
    return parquet_of(list(records[0]), (list(record.values()) for record in records))


def _records(cards: Sequence[Card]) -> Iterator[dict[str, Any]]:
    names = ["prompt", "completion", *_needed(cards, "also", "section", "held_out")]
    for card in cards:
        values = {
            "prompt": card.prompt,
            "completion": f" {card.answer}",
            "also": card.answers[1:],
            "section": card.section,
            "held_out": card.is_never_seen,
        }
        yield {name: values[name] for name in names}


def as_messages(deck: Deck, cards: Sequence[Card]) -> bytes:
    """A conversation a line, with no other keys (OpenAI, "Supervised fine-tuning")."""
    turns = ((("user", card.prompt), ("assistant", card.answer)) for card in cards)
    return _json_lines(
        [{"messages": [{"role": role, "content": text} for role, text in pair]} for pair in turns]
    )


def _needed(cards: Sequence[Card], also: str, section: str, mark: str) -> list[str]:
    """Those of the three columns that some card fills."""
    needed = (
        (also, any(len(card.answers) > 1 for card in cards)),
        (section, any(card.section for card in cards)),
        (mark, any(card.is_never_seen for card in cards)),
    )
    return [name for name, is_needed in needed if is_needed]


def _json_lines(records: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
