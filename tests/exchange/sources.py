"""Files of other programs, made for the tests, and what the import makes of them."""

import contextlib
import io
import json
import re
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from flashcards.cards.card import Card
from flashcards.cards.format import parse
from flashcards.exchange.importing import import_file, new_deck_of, read
from flashcards.exchange.notes import Options, Source

FIXTURES = Path(__file__).parent / "fixtures"


class Imported(NamedTuple):
    code: int
    text: str
    cards: Sequence[Card]
    said: str

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(card.prompt, card.answer) for card in self.cards]


def source_of(data: bytes | str, name: str = "cards.txt", options: Options | None = None) -> Source:
    data = data.encode() if isinstance(data, str) else data
    return read(io.BytesIO(data), name, options or Options())


def losses_of(data: bytes | str, name: str = "cards.txt") -> dict[str, int]:
    """Count what reading a file, and making a deck of it, loses, by kind."""
    source = source_of(data, name)
    new_deck_of(source, name)
    return source.losses.counts()


def lines_named(report: str) -> list[list[int]]:
    """Return the numbers of the lines that each loss of a report names."""
    examples = re.findall(r"\((line .*)\)$", report, re.MULTILINE)
    return [[int(number) for number in re.findall(r"line (\d+)", text)] for text in examples]


def imported(
    name: str, options: Options | None = None, stdin: bytes = b"", keep_back: float = 0.0
) -> Imported:
    """Run the import of a file; a deck that comes out has no error."""
    code, out, said = ran(
        lambda: import_file(name, None, options or Options(), keep_back=keep_back), stdin
    )
    text = out.decode()
    cards: Sequence[Card] = ()
    if code == 0:
        parsed = parse(text.encode(), "new.deck")
        assert parsed.deck is not None, parsed.diagnostics
        assert [p for p in parsed.diagnostics if p.level != "warning"] == []
        cards = parsed.deck.cards
    else:
        assert text == ""
    return Imported(code, text, cards, said)


def ran(command: Callable[[], int], stdin: bytes = b"") -> tuple[int, bytes, str]:
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(stdin))
    with (
        mock.patch.object(sys, "stdin", given),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = command()
    out.flush()
    written = out.buffer
    assert isinstance(written, io.BytesIO)
    return code, written.getvalue(), err.getvalue()


def imported_text(
    data: bytes | str, options: Options | None = None, keep_back: float = 0.0
) -> Imported:
    return imported("-", options, data.encode() if isinstance(data, str) else data, keep_back)


def collection(
    notes: Sequence[tuple[str, ...]] = (("dog", "chien"),),
    *,
    kinds: str | None = None,
    decks: str = '{"1": {"name": "Default"}}',
    more_sql: str = "",
) -> bytes:
    """A database of Anki's with version 11, as bytes; every note has one card in deck 1."""
    if kinds is None:
        kind = {
            "name": "Basic",
            "flds": [{"name": "Front"}, {"name": "Back"}],
            "tmpls": [{"qfmt": "{{Front}}", "afmt": "{{FrontSide}}{{Back}}", "ord": 0}],
        }
        kinds = json.dumps({"1": kind})
    database = sqlite3.connect(":memory:")
    database.executescript(
        "CREATE TABLE col (ver integer, models text, decks text);"
        "CREATE TABLE notes (id integer primary key, mid integer, tags text, flds text);"
        "CREATE TABLE cards (nid integer, did integer, odid integer, ord integer, queue integer);"
    )
    database.execute("INSERT INTO col VALUES (11, ?, ?)", (kinds, decks))
    for index, fields in enumerate(notes, 1):
        values = (index, "\x1f".join(fields))
        database.execute("INSERT INTO notes VALUES (?, 1, '', ?)", values)
        database.execute("INSERT INTO cards VALUES (?, 1, 0, 0, 0)", (index,))
    database.executescript(more_sql)
    database.commit()
    data = database.serialize()
    database.close()
    return data


def package(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return target.getvalue()
