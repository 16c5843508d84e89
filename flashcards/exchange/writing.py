"""A deck's cards as other programs read them: tables and JSON records. Text only, no files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flashcards.cards.card import Card, Deck
from flashcards.exchange.gathering import joined
from flashcards.exchange.notes import NEVER_SEEN_TAG


def guid(deck: Deck, card: Card) -> str:
    """What Anki knows the card by, 16 hex digits: the same as long as deck and prompt are.

    With it, importing a changed deck again changes the notes that are there already.
    """
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

    Header lines: anki-manual, "Text Files".
    """
    has = _Needed(cards)
    names = ["guid", "prompt", "answer", *has.columns("also", "deck", "tags")]
    head = ["#separator:tab", "#html:false", "#guid column:1"]
    if has.sections:
        head.append(f"#deck column:{names.index('deck') + 1}")
    else:
        head.append(f"#deck:{deck_path(deck, '')}")
    if has.marks:
        head.append(f"#tags column:{names.index('tags') + 1}")
    head.append("#columns:" + "\t".join(names))
    return "\n".join(head).encode() + b"\n" + _csv(_rows(deck, cards, names), "\t")


def as_csv(deck: Deck, cards: Sequence[Card]) -> bytes:
    """Comma-separated values with a header row (RFC 4180, line ends LF)."""
    names = ["prompt", "answer", *_Needed(cards).columns("also", "section", "held_out")]
    return _csv([names, *_rows(deck, cards, names)], ",")


def as_jsonl(deck: Deck, cards: Sequence[Card]) -> bytes:
    """A record a line: prompt, completion and, where any card has them, also, section, held_out.

    A completion starts with a space, so that it can be put behind its prompt (Hugging Face TRL,
    "Dataset formats").
    """
    names = ["prompt", "completion", *_Needed(cards).columns("also", "section", "held_out")]
    records = []
    for card in cards:
        values = {
            "prompt": card.prompt,
            "completion": f" {card.answer}",
            "also": card.answers[1:],
            "section": card.section,
            "held_out": card.is_never_seen,
        }
        records.append({name: values[name] for name in names})
    return _json_lines(records)


def as_messages(deck: Deck, cards: Sequence[Card]) -> bytes:
    """A conversation a line, with no other keys (OpenAI, "Supervised fine-tuning")."""
    return _json_lines(
        [
            {
                "messages": [
                    {"role": "user", "content": card.prompt},
                    {"role": "assistant", "content": card.answer},
                ]
            }
            for card in cards
        ]
    )


class _Needed:
    """Which columns beyond prompt and answer some card fills."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self.sections = any(card.section for card in cards)
        self.marks = any(card.is_never_seen for card in cards)
        self.alternatives = any(len(card.answers) > 1 for card in cards)

    def columns(self, also: str, section: str, mark: str) -> list[str]:
        """Those of the three names that are needed."""
        needed = ((also, self.alternatives), (section, self.sections), (mark, self.marks))
        return [name for name, is_needed in needed if is_needed]


def _csv(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _json_lines(records: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
