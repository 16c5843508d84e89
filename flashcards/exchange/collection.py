"""Anki's database: the note types, decks, notes and cards in it, read as data and nothing else.

The file is opened read-only and immutable, an authorizer allows reading a few columns of a few
tables and refuses everything else: functions, views, triggers, ATTACH, PRAGMA. A time limit ends a
database that was made to be slow. Schemas: ankitects/anki, rslib/src/storage.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from flashcards.base.files import Refused
from flashcards.exchange.package import Malformed, number_in, text_in

_T = TypeVar("_T")

DAMAGED = "a damaged Anki collection; in Anki, check the database first"
TIME_LIMIT_S = 60.0
MAX_VALUE_BYTES = 32 * 1024 * 1024  # of one value: note types of old packages are all in one

MAX_NOTES = 2_000_000
MAX_KINDS = 10_000  # of note types, their fields and templates, and of decks

_NEW_SCHEMA = 15  # since then note types and decks have tables; before, they are JSON in `col`

_PROGRAM = re.compile(r"^\s*CREATE\s+VIRTUAL\b|\bAS\b", re.IGNORECASE)
"""A table that is computed when it is read: a module's, or with a generated column."""

_COLUMNS = {
    "col": {"ver", "models", "decks"},
    "notes": {"id", "mid", "tags", "flds"},
    "cards": {"nid", "did", "odid", "ord", "queue"},
    "notetypes": {"id", "name", "config"},
    "fields": {"ntid", "ord", "name"},
    "templates": {"ntid", "ord", "config"},
    "decks": {"id", "name"},
    "sqlite_master": {"type", "name", "tbl_name", "sql"},
}


class Template(msgspec.Struct, frozen=True):
    front: str
    back: str


class NoteType(msgspec.Struct, frozen=True):
    """`templates`: the cards made of the fields, by their number."""

    name: str
    fields: tuple[str, ...]
    templates: dict[int, Template]
    has_gaps: bool = False


class RawNote(msgspec.Struct):
    """A row of `notes` with what its cards say."""

    id: int
    kind: NoteType | None
    fields: list[str]
    tags: list[str]
    deck: str = ""  # full name of its first card's deck, parted by `::`; "" without cards
    numbers: frozenset[int] = frozenset()  # which of the type's templates it has cards of
    is_suspended: bool = False  # one of its cards is
    is_damaged: bool = False  # it has bytes that are no UTF-8


class _Cards(msgspec.Struct):
    deck_id: int
    numbers: int = 0
    is_suspended: bool = False


def notes_of(
    path: Path, *, limit_s: float = TIME_LIMIT_S, clock: Callable[[], float] = time.monotonic
) -> list[RawNote]:
    """Every note of the database, in the order of their ids.
    Raises Refused: it is no collection of Anki's, is damaged, or takes too long."""
    try:
        with database_at(path, clock() + limit_s, clock) as database:
            return list(_notes(database))
    except sqlite3.DatabaseError as error:
        raise Refused(_reason(error, limit_s)) from None
    except (MemoryError, OverflowError, UnicodeError, Malformed, sqlite3.Error):
        # UnicodeError: sqlite quotes a damaged schema in its message, and Python can't decode it.
        raise Refused(DAMAGED) from None


@contextmanager
def database_at(path: Path, end: float, clock: Callable[[], float]) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        for pragma in ("trusted_schema=OFF", "query_only=ON", "mmap_size=0", "cell_size_check=ON"):
            database.execute(f"PRAGMA {pragma}")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.set_progress_handler(lambda: int(clock() > end), 10_000)
        database.set_authorizer(_authorize)
        # Indexes name this collation; sqlite needs to know it, and never has to compare.
        database.create_collation("unicase", lambda one, other: 0)
        database.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        yield database
    finally:
        database.close()


def _authorize(
    action: int, table: str | None, column: str | None, schema: str | None, inner: str | None
) -> int:
    """Only SELECT, and only the columns that are needed, never from inside a view or trigger."""
    if action == sqlite3.SQLITE_SELECT and inner is None:
        return sqlite3.SQLITE_OK
    # An empty column asks for a table's rows, whatever is in them.
    is_needed = table in _COLUMNS and (column == "" or column in _COLUMNS[table])
    if action == sqlite3.SQLITE_READ and inner is None and is_needed:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _reason(error: sqlite3.DatabaseError, limit_s: float) -> str:
    text = str(error)
    if "interrupted" in text:
        return f"an Anki collection that takes longer than {limit_s:g} s to read: not read"
    if "prohibited" in text or "authoriz" in text:
        return "a database with more in it than Anki puts there (views, functions): not read"
    if "too big" in text:
        return "an Anki collection with a value larger than any note: not read"
    return DAMAGED


def _notes(database: sqlite3.Connection) -> Iterator[RawNote]:
    _check_tables(database, "col", "notes", "cards")
    version = _rows(database, "SELECT ver FROM col", 1)[0][0]
    is_new = isinstance(version, int) and version >= _NEW_SCHEMA
    if is_new:
        _check_tables(database, "notetypes", "fields", "templates", "decks")
    kinds = _new_kinds(database) if is_new else _old_kinds(database)
    decks = _decks(database, is_new=is_new)
    cards = _cards(database)
    rows = database.execute("SELECT id, mid, tags, flds FROM notes")
    for count, (note_id, kind_id, tags, fields) in enumerate(rows):
        if count == MAX_NOTES:
            raise Refused(f"more than {MAX_NOTES:,} notes; export its decks one by one")
        fields, is_damaged = _text(fields)
        own = cards.get(note_id)
        yield RawNote(
            id=note_id,
            kind=kinds.get(kind_id),
            fields=fields.split("\x1f"),
            tags=_text(tags)[0].split(),
            deck=decks.get(own.deck_id, "") if own else "",
            numbers=_bits(own.numbers) if own else frozenset(),
            is_suspended=own is not None and own.is_suspended,
            is_damaged=is_damaged,
        )


def _check_tables(database: sqlite3.Connection, *names: str) -> None:
    """Each name is a plain table: a view, a virtual table, a generated column are programs."""
    found: dict[str, bool] = {}
    for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master"):
        if name in names and kind in ("table", "view"):
            found[name] = kind == "table" and isinstance(sql, str) and not _PROGRAM.search(sql)
    if missing := [name for name in names if name not in found]:
        raise Refused(f"a database, but no Anki collection: it has no table “{missing[0]}”")
    if not all(found.values()):
        what = "a database in which a view or a program stands for one of Anki's tables"
        raise Refused(f"{what}: not read")


def _rows(database: sqlite3.Connection, query: str, least: int = 0) -> list[tuple[Any, ...]]:
    """The rows of a small table. Raises Refused for fewer than `least`, or far too many."""
    rows = database.execute(query).fetchmany(MAX_KINDS + 1)
    if len(rows) > MAX_KINDS or len(rows) < least:
        raise Refused(DAMAGED)
    return rows


def _text(value: Any) -> tuple[str, bool]:
    """A value of any type as text, and whether it had bytes that are none."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    text = "" if value is None else str(value)
    if text.isascii():
        return text, False
    whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return whole, whole != text


def _blob(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b""


def _new_kinds(database: sqlite3.Connection) -> dict[Any, NoteType]:
    fields: dict[Any, dict[Any, str]] = {}
    for kind_id, number, name in _rows(database, "SELECT ntid, ord, name FROM fields"):
        fields.setdefault(kind_id, {})[number] = _text(name)[0]
    templates: dict[Any, dict[int, Template]] = {}
    for kind_id, number, config in _rows(database, "SELECT ntid, ord, config FROM templates"):
        sides = Template(text_in(_blob(config), 1), text_in(_blob(config), 2))
        templates.setdefault(kind_id, {})[number] = sides
    return {
        kind_id: NoteType(
            _text(name)[0],
            tuple(name for _, name in sorted(fields.get(kind_id, {}).items(), key=_by_number)),
            templates.get(kind_id, {}),
            has_gaps=number_in(_blob(config), 1) == 1,
        )
        for kind_id, name, config in _rows(database, "SELECT id, name, config FROM notetypes")
    }


def _by_number(item: tuple[Any, str]) -> float:
    return item[0] if isinstance(item[0], int | float) else 0


class _Named(msgspec.Struct):
    name: str


class _OldTemplate(msgspec.Struct):
    qfmt: str = ""
    afmt: str = ""
    ord: int | None = None


class _OldKind(msgspec.Struct):
    name: str
    flds: list[_Named]
    tmpls: list[_OldTemplate]
    type: int = 0


def _old_kinds(database: sqlite3.Connection) -> dict[Any, NoteType]:
    models = _json(_rows(database, "SELECT models FROM col", 1)[0][0], dict[int, _OldKind])
    return {
        kind_id: NoteType(
            kind.name,
            tuple(field.name for field in kind.flds),
            {
                index if one.ord is None else one.ord: Template(one.qfmt, one.afmt)
                for index, one in enumerate(kind.tmpls)
            },
            has_gaps=kind.type == 1,
        )
        for kind_id, kind in models.items()
    }


def _decks(database: sqlite3.Connection, *, is_new: bool) -> dict[Any, str]:
    if is_new:
        rows = _rows(database, "SELECT id, name FROM decks")
        return {deck_id: _text(name)[0].replace("\x1f", "::") for deck_id, name in rows}
    decks = _json(_rows(database, "SELECT decks FROM col", 1)[0][0], dict[int, _Named])
    return {deck_id: deck.name for deck_id, deck in decks.items()}


def _json(value: Any, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(json.loads(_text(value)[0]), kind, strict=False)
    except (ValueError, RecursionError):
        raise Refused("a damaged Anki collection: its note types can't be read") from None


def _cards(database: sqlite3.Connection) -> dict[Any, _Cards]:
    found: dict[Any, _Cards] = {}
    rows = database.execute("SELECT nid, did, odid, ord, queue FROM cards")
    for note_id, deck_id, home_id, number, queue in rows:
        own = found.get(note_id)
        if own is None:
            # A card in a filtered deck keeps the id of its own one.
            own = found[note_id] = _Cards(home_id or deck_id)
        if isinstance(number, int) and 0 <= number < 500:
            own.numbers |= 1 << number
        own.is_suspended = own.is_suspended or queue == -1
    return found


def _bits(numbers: int) -> frozenset[int]:
    return frozenset(index for index in range(numbers.bit_length()) if numbers >> index & 1)
