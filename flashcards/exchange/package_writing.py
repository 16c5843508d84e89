"""A deck as an Anki package of the older kind, which every Anki since 2.1 opens.

The schema and what is the same in every package are in `anki_schema.sql` and `anki_package.json`.
"""

import hashlib
import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Sequence
from pathlib import Path

from flashcards.cards.card import Card, Deck
from flashcards.cards.grammar import joined
from flashcards.exchange.anki import OWN_TYPE
from flashcards.exchange.notes import NEVER_SEEN_TAG
from flashcards.exchange.writing import deck_path, guid

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
