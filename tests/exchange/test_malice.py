"""Hostile files get one clear line, and nothing else happens."""

import os
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.base.files import Refused
from flashcards.exchange.collection import database_at, opened_collection
from flashcards.exchange.notes import Options
from flashcards.exchange.package import zstd_library
from tests.exchange.sources import (
    collection,
    imported,
    imported_text,
    lines_named,
    losses_of,
    package,
    source_of,
)
from tests.golden import check_words, raises_words
from tests.posix import make_pipe

zstd = zstd_library()
LATEST = b"\x08\x03"


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        source_of(data, "x.apkg")
    return str(caught.value)


def lying() -> bytes:
    data = bytearray(package({"collection.anki21": bytes(30 << 20)}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(package({"collection.anki21": collection()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def newest(squeezed: bytes) -> bytes:
    return package({"meta": LATEST, "collection.anki21b": squeezed})


CUT, RARE = "import: a zip cut short", "import: a rare zip"
RANDOM = os.urandom(100_000)
ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "lies": (lying, CUT),
    "encrypted": (encrypted, "import: an encrypted zip"),
    "lzma": (lambda: package({"collection.anki21": collection()}, zipfile.ZIP_LZMA), RARE),
    "collection cut": (lambda: newest(zstd.compress(RANDOM)[:50_000]), CUT),
    "no zstd": (lambda: newest(b"nothing like zstd"), "import: no zstd"),
    "no package": (
        lambda: package({"a.txt": b"x"}),
        "import: a zip without a collection",
    ),
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_is_refused_in_a_sentence(name: str) -> None:
    made, key = ZIPS[name]
    data = made()
    assert len(data) < 200_000
    check_words(key, refusal(data))


def test_names_in_a_zip_make_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    entries = {"../../evil": b"x", "/etc/evil": b"x", "collection.anki21": collection()}
    assert len(source_of(package(entries)).notes) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_spreadsheet_is_no_package() -> None:
    with raises_words(Refused, "import: a document"):
        source_of(package({"content.xml": b"x"}), "x.ods")
    with pytest.raises(Refused) as caught:
        source_of(package({"xl/workbook.xml": b"x"}), "x.xlsx")
    message = re.sub(r"\(\w+\)", "(its error)", str(caught.value))
    check_words("import: a damaged workbook", message)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE notes RENAME TO real;"
        "CREATE VIEW notes AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) "
        "SELECT x AS id, 1 AS mid, '' AS tags, 'a' AS flds FROM n;",
        "DROP TABLE notes; CREATE VIRTUAL TABLE notes USING fts5(id, mid, tags, flds);",
        "DROP TABLE notes; CREATE TABLE notes (id integer primary key, mid integer, tags text, "
        "flds text GENERATED ALWAYS AS (hex(zeroblob(100000000))) VIRTUAL);"
        "INSERT INTO notes (id, mid, tags) VALUES (1, 1, '');",
    ],
    ids=["view", "virtual", "computed"],
)
def test_a_program_in_the_place_of_a_table_is_never_run(sql: str) -> None:
    check_words("import: a view for a table", refusal(collection(more_sql=sql)))


def test_triggers_and_other_views_do_no_harm() -> None:
    sql = (
        "CREATE VIEW other AS SELECT load_extension('/tmp/x');"
        "CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT randomblob(1000000000); END;"
    )
    assert [note.prompt for note in source_of(collection(more_sql=sql)).notes] == ["dog"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT load_extension('x')",
        "SELECT random() FROM notes",
        "SELECT secret FROM other",
        "SELECT id FROM seen",
        "ATTACH ':memory:' AS more",
        "PRAGMA writable_schema=ON",
        "DELETE FROM notes",
        "CREATE TEMP TABLE t (a)",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n",
        "VACUUM INTO '/tmp/x'",
    ],
)
def test_all_but_the_columns_needed_is_refused(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "c"
    sql = "CREATE TABLE other (secret); CREATE VIEW seen AS SELECT id FROM notes;"
    path.write_bytes(collection(more_sql=sql))
    with database_at(path, lambda: False) as database:
        assert database.execute("SELECT id FROM notes").fetchall() == [(1,)]
        with pytest.raises(sqlite3.DatabaseError, match=r"authoriz|prohibited"):
            database.execute(statement).fetchmany(10)


def test_a_database_without_ankis_tables_says_so() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE history (url text)")
    check_words("import: another database", refusal(database.serialize()))


def test_a_damaged_database_says_so() -> None:
    whole = collection([(f"prompt {i}", "answer" * 20) for i in range(500)])
    middle = len(whole) // 2
    bad_schema = collection().replace(b"TABLE notes", b"TAB\xf6E notes")
    for data in (whole[:middle], whole[:4096] + os.urandom(len(whole) - 4096), bad_schema):
        check_words("import: a damaged collection", refusal(data))


def test_a_collection_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes(collection([(f"p{i}", "a") for i in range(20_000)]))
    ticks = iter(range(1_000_000))
    with (
        raises_words(Refused, "import: a slow collection"),
        opened_collection(path, limit_s=1, clock=lambda: float(next(ticks))) as opened,
    ):
        list(opened.notes)


def test_note_types_nested_without_end_are_refused() -> None:
    for kinds in ("[" * 100_000, '{"1": {"name": 5}}'):
        check_words("import: unreadable note types", refusal(collection(kinds=kinds)))


def test_the_database_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.anki2"
    path.write_bytes(collection())
    before = path.read_bytes()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert imported(str(path)).pairs == [("dog", "chien")]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_terminal_never_obeys_a_card() -> None:
    typed = "dog\tch\x1b]0;owned\x07ien\ncat\t\u202echat\n"
    deck = imported_text(typed)
    assert deck.pairs == [("dog", "ch␛]0;owned␇ien"), ("cat", "⟨U+202E⟩chat")]
    assert "\x1b" not in deck.text + deck.said
    assert losses_of(typed) == {"hidden": 2}


def test_a_terminal_never_obeys_a_file_name(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[2Jx.csv"
    path.write_text("a,b\nc,d\n")
    deck = imported(str(path))
    assert deck.code == 0
    assert "\x1b" not in deck.text + deck.said


def test_nul_is_no_text() -> None:
    check_words("import: a NUL", imported_text(b"dog\tchien\ncat\tch\0at\n").said)
    check_words("import: UTF-16", imported_text("dog\tchien\n".encode("utf-16-le")).said)


@pytest.mark.parametrize(
    ("start", "name"), [("", "x.csv"), ('{"prompt": "', "x.jsonl"), ("Q: ", "x.md"), ("a\t", "x")]
)
def test_a_line_of_30_mb_is_left_out(tmp_path: Path, start: str, name: str) -> None:
    path = tmp_path / name
    good = {"x.csv": "dog,chien", "x.jsonl": '{"prompt": "dog", "completion": "chien"}'}
    line = good.get(name, "dog :: chien" if name == "x.md" else "dog\tchien")
    path.write_text(f"{line}\n{start}{'x' * 30_000_000}\n{line.replace('dog', 'cat')}\n")
    deck = imported(str(path))
    assert deck.pairs == [("dog", "chien"), ("cat", "chien")]
    assert "1 line " in deck.said
    assert lines_named(deck.said) == [[2]]


def test_html_made_to_be_slow_is_read_in_time() -> None:
    nasty = ("<!--" * 4_000, "<a " * 5_000, "<![" * 5_000, "&" * 19_000, "<" * 19_000, "</" * 9_000)
    notes = [(text, "b") for text in nasty]
    source = source_of(collection([*notes, ("dog", "chien")]))
    assert ("dog", ("chien",)) in [(note.prompt, note.answers) for note in source.notes]


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    make_pipe(path)
    check_words("import: a pipe", imported(str(path)).said, path=path)


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "x.csv").mkdir()
    names = {
        "import: a link to itself": "a",
        "import: a folder": "x.csv",
        "import: no file": "none",
    }
    for key, name in names.items():
        path = tmp_path / name
        check_words(key, imported(str(path)).said, path=path)
    check_words("import: no file", imported("a\0b").said, path="a␀b")
    check_words("import: an empty file", imported_text(b"").said)


def test_files_of_other_kinds_are_named() -> None:
    files = {
        "import: a PDF": b"%PDF-1.7",
        "import: a picture": b"\x89PNG\r\n\x1a\n\0",
        "import: a gzip file": zlib.compress(b"x", wbits=31),
        "import: a deck": b"+++\n+++\na :: b\n",
    }
    for key, data in files.items():
        check_words(key, imported_text(data).said)
    check_words("import: no package", imported_text(b"x", Options(form="anki")).said)
