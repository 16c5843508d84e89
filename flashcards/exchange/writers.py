"""A deck's cards as other programs read them: tables, JSON records, a package of Anki's. Bytes, no
files.

The package is of the older kind, which every Anki since 2.1 opens. Its schema and what is the same
in each are in `anki_schema.sql` and `anki_package.json`.
"""

import hashlib
import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flashcards.base.files import csv_of, parquet_of
from flashcards.cards.card import Card, Deck
from flashcards.cards.grammar import joined
from flashcards.cards.printable import as_cell
from flashcards.exchange.anki import OWN_TYPE
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
    """Tab-separated text with Anki's header lines; sections are decks, the never-taught mark a tag.
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
    """Return those of the three columns that some card fills."""
    needed = (
        (also, any(len(card.answers) > 1 for card in cards)),
        (section, any(card.section for card in cards)),
        (mark, any(card.is_never_seen for card in cards)),
    )
    return [name for name, is_needed in needed if is_needed]


def _json_lines(records: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


# An Anki package

NOTE_TYPE_ID = 1_795_000_000_000  # always the same, so that one note type serves all decks

_FIRST_ID = 1_400_000_000_000
_CREATED_S = 1_577_836_800
_ACTED_ON = re.compile(r"\[(?=sound:|anki:)")


def as_package(deck: Deck, cards: Sequence[Card], now_s: int) -> bytes:
    """The bytes of an `.apkg`. `now_s`: seconds since 1970, for the notes' time of change: Anki
    takes the newer note."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(_resource("anki_schema.sql"))
        _fill(database, deck, cards, now_s)
        database.commit()
        collection = database.serialize()
    finally:
        database.close()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in (("collection.anki2", collection), ("media", b"{}")):
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _fill(database: sqlite3.Connection, deck: Deck, cards: Sequence[Card], now_s: int) -> None:
    # The root comes along even without cards of its own, so that sections are told from names.
    paths = dict.fromkeys([deck_path(deck, ""), *(deck_path(deck, c.section) for c in cards)])
    ids = {path: _id_of(path) for path in paths}
    given = json.loads(_resource("anki_package.json"))
    decks = {
        str(number): {"id": number, "name": path, "mod": now_s, **given["deck"]}
        for path, number in {"Default": 1, **ids}.items()
    }
    note_type = {"id": NOTE_TYPE_ID, "name": OWN_TYPE, "mod": now_s, **given["note_type"]}
    models = {str(NOTE_TYPE_ID): note_type}
    texts = map(json.dumps, (given["conf"], models, decks, given["dconf"]))
    database.execute(
        "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
        (_CREATED_S, now_s * 1000, now_s * 1000, *texts),
    )
    first = _id_of(deck.slug)
    for index, card in enumerate(cards):
        fields = [_as_html(t) for t in (card.prompt, card.answer, joined(card.answers[1:]))]
        tags = f" {NEVER_SEEN_TAG} " if card.is_never_seen else ""
        checksum = int(hashlib.sha1(card.prompt.encode()).hexdigest()[:8], 16)
        note = (NOTE_TYPE_ID, now_s, tags, "\x1f".join(fields), card.prompt)
        database.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
            (first + index, guid(deck, card), *note, checksum),
        )
        database.execute(
            "INSERT INTO cards VALUES (?, ?, ?, 0, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",
            (first + index, first + index, ids[deck_path(deck, card.section)], now_s, index + 1),
        )


def _as_html(text: str) -> str:
    """The text as a field: angle brackets as text, and nothing that Anki would play."""
    escaped = html.escape(text, quote=False).replace("\n", "<br>")
    return _ACTED_ON.sub("&#91;", escaped)


def _id_of(name: str) -> int:
    """An id, the same for the same name."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return _FIRST_ID + int.from_bytes(digest, "big") % 200_000_000_000


def _resource(name: str) -> str:
    """A file beside this one: what Anki writes and no deck changes."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
