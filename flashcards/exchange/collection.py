"""Anki's database: the note types, decks, notes and cards in it, read as data and nothing else.

The file is opened read-only and immutable, an authorizer allows reading a few columns of a few
tables and refuses everything else: functions, views, triggers, ATTACH, PRAGMA. Limits on time and
memory end a database that was made to be slow or huge. Schemas: ankitects/anki, rslib/src/storage.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from flashcards.base.files import Refused
from flashcards.exchange.limit import MAX_DATABASE_BYTES, Limit, json_value
from flashcards.exchange.protobuf import Malformed, number_in, text_in

_T = TypeVar("_T")

DAMAGED = "a damaged Anki collection; in Anki, check the database first"
TIME_LIMIT_S = 8.0  # of sqlite's own work; it reads 1 GB in some 2 s

MAX_VALUE_BYTES = 32 * 1024 * 1024  # of one value: note types of old packages are all in one

MAX_KINDS = 10_000  # of note types, their fields and templates, and of decks

MAX_FIELDS = 500  # of a note; those beyond stay in the last

_PRAGMAS = (
    "trusted_schema=OFF",
    "query_only=ON",
    "mmap_size=0",
    "cell_size_check=ON",
    "hard_heap_limit=500000000",  # of all that sqlite holds in memory: a schema can be huge
)

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


class Collection(msgspec.Struct, frozen=True):
    """The contents of an open database. Its notes are read one by one, once: together they may be
    larger than what the cards of a deck take.
    `kinds`: the note types of its notes, `decks`: the names of the decks that its notes are in."""

    kinds: tuple[NoteType, ...]
    decks: tuple[str, ...]
    notes: Iterator[RawNote]


@contextmanager
def opened_collection(
    path: Path, *, limit_s: float = TIME_LIMIT_S, clock: Callable[[], float] = time.thread_time
) -> Iterator[Collection]:
    """The collection in a file, its notes in the order of their ids. `clock`: what time it takes.
    Raises Refused, inside the block as well: it is no collection of Anki's, is damaged, or takes
    too long."""
    stopwatch = _Stopwatch(limit_s, clock)
    try:
        with database_at(path, stopwatch.is_over) as database:
            yield _collection(_Tables(database), stopwatch)
    except sqlite3.DatabaseError as error:
        raise Refused(_reason(error, limit_s)) from None
    except (MemoryError, OverflowError, UnicodeError, Malformed, sqlite3.Error):
        # UnicodeError: sqlite quotes a damaged schema in its message, and Python can't decode it.
        raise Refused(DAMAGED) from None


class _Stopwatch:
    """Counts the time that sqlite takes; what is done with its rows in between doesn't count."""

    def __init__(self, limit_s: float, clock: Callable[[], float]) -> None:
        self._left_s = limit_s
        self._clock = clock
        self._began_s = clock()

    def is_over(self) -> bool:
        return self._clock() - self._began_s > self._left_s

    def start(self) -> None:
        self._began_s = self._clock()

    def stop(self) -> None:
        self._left_s -= self._clock() - self._began_s


class _Tables:
    """Reads the rows of plain tables, and counts them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._limit = Limit()

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The rows, read one by one; what is long in them is for the caller to count.
        Raises Refused: there are too many."""
        limit = Limit()
        for row in self._database.execute(query):
            limit.take(0, 1)
            yield row

    def few(self, query: str, least: int = 0) -> list[tuple[Any, ...]]:
        """The rows of a small table. Raises Refused for fewer than `least`, or far too many."""
        rows: list[tuple[Any, ...]] = []
        for row in islice(self.rows(query), MAX_KINDS + 1):
            self._limit.take(sum(len(value) for value in row if isinstance(value, str | bytes)))
            rows.append(row)
        if len(rows) > MAX_KINDS or len(rows) < least:
            raise Refused(DAMAGED)
        return rows


@contextmanager
def database_at(path: Path, is_over: Callable[[], bool]) -> Iterator[sqlite3.Connection]:
    """The file as a database that can only be read. `is_over`: whether its time is up."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.set_progress_handler(lambda: int(is_over()), 10_000)
        database.set_authorizer(_authorize)
        # Indexes name this collation; sqlite needs to know it, and never has to compare.
        database.create_collation("unicase", lambda left, right: 0)
        database.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        yield database
    finally:
        database.close()


def _authorize(
    action: int, table: str | None, column: str | None, schema: str | None, inner: str | None
) -> int:
    """Allow SELECT, and only of the columns that are needed, never from inside a view or
    trigger."""
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


def _collection(tables: _Tables, stopwatch: _Stopwatch) -> Collection:
    _check_tables(tables, "col", "notes", "cards")
    version = tables.few("SELECT ver FROM col", 1)[0][0]
    is_new = isinstance(version, int) and version >= _NEW_SCHEMA
    if is_new:
        _check_tables(tables, "notetypes", "fields", "templates", "decks")
    kinds = _new_kinds(tables) if is_new else _old_kinds(tables)
    names = _decks(tables, is_new=is_new)
    cards = _cards(tables)
    used: dict[Any, None] = {}
    decks: dict[str, None] = {}
    for note_id, kind_id in tables.rows("SELECT id, mid FROM notes"):
        if kind_id in kinds:
            used[kind_id] = None
        decks[_deck_of(cards.get(note_id), names)] = None
    return Collection(
        kinds=tuple(kinds[kind_id] for kind_id in used),
        decks=tuple(decks),
        notes=_notes(tables, kinds, names, cards, stopwatch),
    )


def _deck_of(cards: _Cards | None, names: dict[Any, str]) -> str:
    return names.get(cards.deck_id, "") if cards else ""


def _notes(
    tables: _Tables,
    kinds: dict[Any, NoteType],
    names: dict[Any, str],
    cards: dict[int, _Cards],
    stopwatch: _Stopwatch,
) -> Iterator[RawNote]:
    limit = Limit(MAX_DATABASE_BYTES)  # of texts that are in no card, too
    for note_id, kind_id, tags, texts in tables.rows("SELECT id, mid, tags, flds FROM notes"):
        fields, is_damaged = _text(texts)
        limit.take(len(fields))
        own = cards.get(note_id)
        note = RawNote(
            id=note_id,
            kind=kinds.get(kind_id),
            fields=fields.split("\x1f", MAX_FIELDS),
            tags=_text(tags)[0].split(maxsplit=MAX_FIELDS),
            deck=_deck_of(own, names),
            numbers=_bits(own.numbers) if own else frozenset(),
            is_suspended=own is not None and own.is_suspended,
            is_damaged=is_damaged,
        )
        stopwatch.stop()
        yield note
        stopwatch.start()


def _check_tables(tables: _Tables, *names: str) -> None:
    """Each name is a plain table: a view, a virtual table, a generated column are programs."""
    is_plain: dict[str, bool] = {}
    for kind, name, sql in tables.few("SELECT type, name, sql FROM sqlite_master"):
        if name in names and kind in ("table", "view"):
            is_plain[name] = kind == "table" and isinstance(sql, str) and not _PROGRAM.search(sql)
    if missing := [name for name in names if name not in is_plain]:
        raise Refused(f"a database, but no Anki collection: it has no table “{missing[0]}”")
    if not all(is_plain.values()):
        what = "a database in which a view or a program stands for one of Anki's tables"
        raise Refused(f"{what}: not read")


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


def _new_kinds(tables: _Tables) -> dict[Any, NoteType]:
    fields: dict[Any, dict[Any, str]] = {}
    for kind_id, number, name in tables.few("SELECT ntid, ord, name FROM fields"):
        fields.setdefault(kind_id, {})[number] = _text(name)[0]
    templates: dict[Any, dict[int, Template]] = {}
    for kind_id, number, config in tables.few("SELECT ntid, ord, config FROM templates"):
        sides = Template(text_in(_blob(config), 1), text_in(_blob(config), 2))
        templates.setdefault(kind_id, {})[number] = sides
    return {
        kind_id: NoteType(
            _text(name)[0],
            tuple(name for _, name in sorted(fields.get(kind_id, {}).items(), key=_by_number)),
            templates.get(kind_id, {}),
            has_gaps=number_in(_blob(config), 1) == 1,
        )
        for kind_id, name, config in tables.few("SELECT id, name, config FROM notetypes")
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


def _old_kinds(tables: _Tables) -> dict[Any, NoteType]:
    models = _json(tables.few("SELECT models FROM col", 1)[0][0], dict[int, _OldKind])
    return {
        kind_id: NoteType(
            kind.name,
            tuple(field.name for field in kind.flds),
            {
                index if template.ord is None else template.ord: Template(
                    template.qfmt, template.afmt
                )
                for index, template in enumerate(kind.tmpls)
            },
            has_gaps=kind.type == 1,
        )
        for kind_id, kind in models.items()
    }


def _decks(tables: _Tables, *, is_new: bool) -> dict[Any, str]:
    if is_new:
        rows = tables.few("SELECT id, name FROM decks")
        return {deck_id: _text(name)[0].replace("\x1f", "::") for deck_id, name in rows}
    decks = _json(tables.few("SELECT decks FROM col", 1)[0][0], dict[int, _Named])
    return {deck_id: deck.name for deck_id, deck in decks.items()}


def _json(value: Any, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(json_value(_text(value)[0]), kind, strict=False)
    except ValueError:
        raise Refused("a damaged Anki collection: its note types can't be read") from None


def _cards(tables: _Tables) -> dict[int, _Cards]:
    cards_of: dict[int, _Cards] = {}
    query = "SELECT nid, did, odid, ord, queue FROM cards"
    for note_id, deck_id, home_id, number, queue in tables.rows(query):
        home_id = home_id or deck_id  # a card in a filtered deck keeps the id of its own one
        if not isinstance(note_id, int) or not isinstance(home_id, int):
            continue
        own = cards_of.get(note_id)
        if own is None:
            own = cards_of[note_id] = _Cards(home_id)
        if isinstance(number, int) and 0 <= number < 500:
            own.numbers |= 1 << number
        own.is_suspended = own.is_suspended or queue == -1
    return cards_of


def _bits(numbers: int) -> frozenset[int]:
    return frozenset(index for index in range(numbers.bit_length()) if numbers >> index & 1)
