"""Which form a file has: by its content, and by its name where the content leaves it open."""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

import msgspec

from flashcards.exchange import anki, markdown, records, table
from flashcards.exchange.notes import Options, Refused, Source
from flashcards.exchange.source import all_text

_ZIP, _EMPTY_ZIP, _SQLITE = b"PK\x03\x04", b"PK\x05\x06", b"SQLite format 3\0"
_FOREIGN = (
    (b"%PDF", "a PDF; copy its text into a file"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip file; unpack it first"),
    (b"Rar!", "a RAR file; unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def read(file: BinaryIO, name: str, options: Options) -> Source:
    """Read a file in the form it has, or that the options say. `name`: the file's; its suffix helps
    where the content leaves it open.
    Raises Refused: it has none of the forms, or is damaged."""
    head = file.read(64)
    file.seek(0)
    suffix = PurePath(name).suffix.lower()
    if options.form in ("", "anki"):
        if head.startswith((_ZIP, _EMPTY_ZIP)) and suffix in (".xlsx", ".ods", ".docx", ".odt"):
            raise Refused("a spreadsheet or document; save it as CSV first")
        if head.startswith((_ZIP, _EMPTY_ZIP)):
            return anki.read_anki(file, options, is_package=True)
        if head.startswith(_SQLITE):
            return anki.read_anki(file, options, is_package=False)
        if options.form == "anki" or suffix in (".apkg", ".colpkg"):
            raise Refused("no Anki package: it is neither a zip nor a collection")
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise Refused(what)
    text, guessed = all_text(file, options.encoding)
    if not text.strip():
        raise Refused("nothing in it")
    form = options.form or _form(text, suffix)
    if form == "deck":
        raise Refused("a deck already: `flashcards check` reads it")
    read_as = {
        "json": records.read_records,
        "markdown": markdown.read_markdown,
        "table": table.read_table,
    }
    source = read_as[form](text, suffix, options)
    if not guessed:
        return source
    return msgspec.structs.replace(
        source, form=f"{source.form}; not UTF-8: taken for {guessed} (--encoding names another)"
    )


def _form(text: str, suffix: str) -> str:
    if suffix == ".deck" or text.startswith("+++\n"):
        return "deck"
    if suffix in (".jsonl", ".ndjson", ".json"):
        return "json"
    if suffix in (".csv", ".tsv") or table.head_of(text).values:
        return "table"
    if text.lstrip()[:1] in ("{", "[") and _is_json(text):
        return "json"
    if suffix in (".md", ".markdown") or markdown.looks_like(text):
        return "markdown"
    return "table"


def _is_json(text: str) -> bool:
    """Whether the first line is a record, or it all starts like an array of them."""
    start = text.lstrip()
    if start[0] == "[":
        return start[1:].lstrip()[:1] in ("{", "]")
    return start[1:].lstrip()[:1] in ('"', "}")
