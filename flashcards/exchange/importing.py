"""`flashcards import`: make a deck of another program's file; say what was lost."""

import sys
from pathlib import Path, PurePath
from typing import BinaryIO

import msgspec

from flashcards.base.files import Refused, save
from flashcards.cards.card import MAX_CARDS
from flashcards.cards.diagnostics import counted, excerpt
from flashcards.cards.front_matter import one_line
from flashcards.cards.printable import printable
from flashcards.cards.shelf import MAX_FILE_BYTES
from flashcards.cards.split import FEW_NEVER_SEEN
from flashcards.exchange import anki, columnar, markdown, note_tables, records, workbook
from flashcards.exchange.deck_file import NewDeck, compose
from flashcards.exchange.notes import Options, Source
from flashcards.exchange.source import all_text, opened
from flashcards.terminal.output import print_line
from flashcards.terminal.progress import progress

_ZIP, _EMPTY_ZIP, _SQLITE = b"PK\x03\x04", b"PK\x05\x06", b"SQLite format 3\0"
_FOREIGN = (
    (b"%PDF", "a PDF; copy its text into a file"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first"),
    (b"FEA1", "an old Feather file; write it again with version 2"),
    (b"ORC", "an ORC file; write it as Parquet"),
    (b"\x89HDF", "an HDF5 file; write it as Parquet or CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.xls, .doc); save it as xlsx or CSV"),
    (b"7z\xbc\xaf", "a 7-Zip file; unpack it first"),
    (b"Rar!", "a RAR file; unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def import_file(
    name: str,
    output: str | None,
    options: Options,
    *,
    keep_back: float = 0.0,
    is_forced: bool = False,
) -> int:
    """Read a file and write the deck; 0, or 1 when nothing was written. Stderr says what was read
    and lost, or why not. `name`: `-` is standard input. `output`: with or without .deck; None is
    standard output. `keep_back`: the share of the cards, 0 to 1, that are never taught beside
    those that the file marks."""
    source_name = "standard input" if name == "-" else printable(name)
    try:
        if output is not None:
            output = _deck_path(output)
        with progress(f"reading {source_name}", is_told=True):
            if columnar.is_dataset(Path(name)):
                source = columnar.read_dataset(Path(name), options)
            else:
                with opened(name, getattr(sys.stdin, "buffer", None)) as file:
                    source = read(file, name, options)
            deck = new_deck_of(source, name, keep_back)
            data = deck.text.encode("utf-8")
            _check(source, deck, data)
        save(data, None if output is None else Path(output), is_forced=is_forced)
    except Refused as refusal:
        print_line(f"flashcards import: {source_name}: {refusal}", is_error=True)
        return 1
    target = "standard output" if output is None else printable(output)
    for line in summary(source, deck, source_name, target):
        print_line(line, is_error=True)
    return 0


def _deck_path(output: str) -> str:
    """The deck's path: without a suffix it gets the one by which decks are found."""
    suffix = PurePath(output).suffix.lower()
    if suffix == ".tsv":
        raise Refused(f"-o {printable(output)}: a deck's name ends in .deck")
    is_name = suffix == "" and PurePath(output).name != "" and not Path(output).is_dir()
    return f"{output}.deck" if is_name else output


def new_deck_of(source: Source, name: str, keep_back: float = 0.0) -> NewDeck:
    stem = "" if name == "-" else one_line(PurePath(name).stem)
    front = {
        "name": source.name or stem or "Imported cards",
        "source": "" if name == "-" else f"imported from {PurePath(name).name}",
    }
    return compose(source.notes, front, source.losses, source.noun, share=keep_back)


def _check(source: Source, deck: NewDeck, data: bytes) -> None:
    if deck.n_cards == 0:
        reasons = "; ".join(source.losses.lines())
        raise Refused(f"no card in it ({source.form})" + (f": {reasons}" if reasons else ""))
    if deck.n_cards == deck.n_held_out:
        raise Refused("every card in it is never taught, so there is nothing to teach")
    if deck.n_cards > MAX_CARDS:
        raise Refused(f"{deck.n_cards:,} cards, and a deck has at most {MAX_CARDS:,}")
    if len(data) > MAX_FILE_BYTES:
        most = f"a deck has at most {MAX_FILE_BYTES / 1e6:.0f}; import it in parts"
        raise Refused(f"{counted(deck.n_cards, 'card')} are {len(data) / 1e6:.0f} MB and {most}")


def summary(source: Source, deck: NewDeck, source_name: str, target: str) -> list[str]:
    lines = [f"{source_name}: read as {printable(source.form)}"]
    parts = [counted(deck.n_cards, "card")]
    if deck.n_sections:
        parts.append(f"in {counted(deck.n_sections, 'section')}")
    if deck.n_held_out:
        parts.append(f"{deck.n_held_out:,} never taught")
    lines.append(f"{counted(source.n_read, source.noun)} read, {', '.join(parts)} → {target}")
    if deck.first is not None:
        answers = " | ".join(deck.first.answers)
        lines.append(f"the first: {excerpt(deck.first.prompt, 60)} → {excerpt(answers, 60)}")
    lines += [f"  {line}" for line in source.losses.lines()]
    if deck.offer.n_cards >= FEW_NEVER_SEEN:
        lines.append(
            f"  every card is taught; --keep-back {deck.offer.share:g} keeps "
            f"{deck.offer.n_cards:,} of them back to test whether it understands"
        )
    return lines


def read(file: BinaryIO, name: str, options: Options) -> Source:
    """Read a file in the form it has, or that the options say. `name`: the file's; its suffix helps
    where the content leaves it open.
    Raises Refused: it has none of the forms, or is damaged."""
    head = file.read(64)
    file.seek(0)
    suffix = PurePath(name).suffix.lower()
    if head.startswith(columnar.SIGNS):
        return columnar.read_columns(file, head, options)
    if options.form in ("", "anki"):
        if head.startswith(_ZIP) and suffix in (".xlsx", ".xlsm"):
            return workbook.read_sheet(file, options)
        if head.startswith((_ZIP, _EMPTY_ZIP)) and suffix in (".ods", ".docx", ".odt"):
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
    readers = {"json": records.read_records, "markdown": markdown.read_markdown}
    source = readers.get(form, note_tables.read_table)(text, suffix, options)
    if guessed:
        known = f"{source.form}; not UTF-8: taken for {guessed} (--encoding names another)"
        return msgspec.structs.replace(source, form=known)
    return source


def _form(text: str, suffix: str) -> str:
    if suffix == ".deck" or text.startswith("+++\n"):
        return "deck"
    if suffix in (".jsonl", ".ndjson", ".json"):
        return "json"
    if suffix in (".csv", ".tsv") or note_tables.head_of(text).values:
        return "table"
    if text.lstrip()[:1] in ("{", "[") and _is_json(text):
        return "json"
    if suffix in (".md", ".markdown") or markdown.looks_like(text):
        return "markdown"
    return "table"


def _is_json(text: str) -> bool:
    """Tell whether the first line is a record, or the text starts like an array of records."""
    start = text.lstrip()
    return start[1:].lstrip()[:1] in (("{", "]") if start[0] == "[" else ('"', "}"))
