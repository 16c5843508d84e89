"""A deck as an Anki package of the older kind, which every Anki since 2.1 opens.

Written from the schema alone (ankitects/anki, rslib/src/storage/schema11.sql).
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Sequence
from typing import Any

from flashcards.cards.card import Card, Deck
from flashcards.exchange.anki import ALSO_FIELD, OWN_TYPE
from flashcards.exchange.gathering import joined
from flashcards.exchange.notes import HELD_OUT_TAG
from flashcards.exchange.writing import deck_path, guid

NOTE_TYPE_ID = 1_795_000_000_000
"""Always the same, so that one note type serves all decks."""

_FIRST_ID = 1_400_000_000_000
_CREATED_S = 1_577_836_800
_ACTED_ON = re.compile(r"\[(?=sound:|anki:)")

_SCHEMA = """
CREATE TABLE col (
  id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL,
  ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL,
  conf text NOT NULL, models text NOT NULL, decks text NOT NULL, dconf text NOT NULL,
  tags text NOT NULL
);
CREATE TABLE notes (
  id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL,
  usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL,
  csum integer NOT NULL, flags integer NOT NULL, data text NOT NULL
);
CREATE TABLE cards (
  id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL,
  mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL,
  due integer NOT NULL, ivl integer NOT NULL, factor integer NOT NULL, reps integer NOT NULL,
  lapses integer NOT NULL, left integer NOT NULL, odue integer NOT NULL, odid integer NOT NULL,
  flags integer NOT NULL, data text NOT NULL
);
CREATE TABLE revlog (
  id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL,
  ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL,
  type integer NOT NULL
);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_cid ON revlog (cid);
CREATE INDEX ix_notes_csum ON notes (csum);
"""

_CSS = """.card { font-family: arial; font-size: 24px; text-align: center; white-space: pre-wrap; }
.also { font-size: 16px; opacity: 0.7; }"""
_FRONT = "{{Prompt}}"
_BACK = (
    "{{FrontSide}}<hr id=answer>{{Answer}}"
    f'{{{{#{ALSO_FIELD}}}}}<div class="also">{{{{{ALSO_FIELD}}}}}</div>{{{{/{ALSO_FIELD}}}}}'
)


def as_package(deck: Deck, cards: Sequence[Card], now_s: int) -> bytes:
    """The bytes of an `.apkg`.

    Args:
        now_s: Seconds since 1970, for the notes' time of change: Anki takes the newer note.
    """
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(_SCHEMA)
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
    decks = {"1": _deck_json(1, "Default", now_s)}
    decks |= {str(number): _deck_json(number, path, now_s) for path, number in ids.items()}
    database.execute(
        "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
        (
            _CREATED_S,
            now_s * 1000,
            now_s * 1000,
            _CONFIG_JSON,
            json.dumps({str(NOTE_TYPE_ID): _note_type_json(now_s)}),
            json.dumps(decks),
            _DECK_CONFIGS_JSON,
        ),
    )
    first = _id_of(deck.slug)
    for index, card in enumerate(cards):
        fields = [_as_html(t) for t in (card.prompt, card.answer, joined(card.answers[1:]))]
        tags = f" {HELD_OUT_TAG} " if card.is_held_out else ""
        checksum = int(hashlib.sha1(card.prompt.encode()).hexdigest()[:8], 16)
        database.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
            (
                first + index,
                guid(deck, card),
                NOTE_TYPE_ID,
                now_s,
                tags,
                "\x1f".join(fields),
                card.prompt,
                checksum,
            ),
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
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return _FIRST_ID + int.from_bytes(digest, "big") % 200_000_000_000


def _deck_json(number: int, name: str, now_s: int) -> dict[str, Any]:
    return {"id": number, "name": name, "mod": now_s, **json.loads(_DECK_JSON)}


def _note_type_json(now_s: int) -> dict[str, Any]:
    fields = [
        {"name": name, "ord": index, "sticky": False, "rtl": False, "font": "Arial", "size": 20}
        for index, name in enumerate(("Prompt", "Answer", ALSO_FIELD))
    ]
    template = {"name": "Card 1", "ord": 0, "qfmt": _FRONT, "afmt": _BACK}
    template |= {"bqfmt": "", "bafmt": "", "did": None}
    return {
        "id": NOTE_TYPE_ID,
        "name": OWN_TYPE,
        "mod": now_s,
        "tmpls": [template],
        "flds": fields,
        "css": _CSS,
        **json.loads(_NOTE_TYPE_JSON),
    }


# As Anki writes them; nothing in them depends on the deck.
_CONFIG_JSON = (
    '{"activeDecks": [1], "curDeck": 1, "curModel": null, "nextPos": 1, "estTimes": true, '
    '"dueCounts": true, "collapseTime": 1200, "timeLim": 0, "newSpread": 0, '
    '"sortType": "noteFld", "sortBackwards": false, "addToCur": true}'
)
_DECK_CONFIGS_JSON = (
    '{"1": {"id": 1, "name": "Default", "mod": 0, "usn": 0, "maxTaken": 60, "autoplay": true, '
    '"timer": 0, "replayq": true, "new": {"delays": [1, 10], "ints": [1, 4, 7], '
    '"initialFactor": 2500, "order": 1, "perDay": 20, "bury": false}, "rev": {"perDay": 200, '
    '"ease4": 1.3, "ivlFct": 1, "maxIvl": 36500, "bury": false, "hardFactor": 1.2}, '
    '"lapse": {"delays": [10], "mult": 0, "minInt": 1, "leechFails": 8, "leechAction": 0}}}'
)
_DECK_JSON = (
    '{"usn": -1, "conf": 1, "desc": "", "dyn": 0, "collapsed": false, "browserCollapsed": false, '
    '"extendNew": 0, "extendRev": 0, "newToday": [0, 0], "revToday": [0, 0], "lrnToday": [0, 0], '
    '"timeToday": [0, 0]}'
)
_NOTE_TYPE_JSON = (
    '{"type": 0, "usn": -1, "sortf": 0, "did": null, "latexPre": "", "latexPost": "", '
    '"req": [[0, "any", [0]]], "tags": [], "vers": []}'
)
