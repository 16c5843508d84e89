"""One limit on what is read, whatever the format: small files that become large are refused."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import openpyxl
import pyarrow
import pytest
from pyarrow import feather, ipc, parquet

from flashcards.base.files import Refused
from flashcards.exchange import limit, package as package_module
from flashcards.exchange.package import zstd_library
from tests.exchange.sources import collection, package, source_of
from tests.golden import raises_words, words

LONG = "x" * 300  # a card has at most 640 characters


def workbook(rows: Iterable[Iterable[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def with_part(name: str, content: bytes, of_type: str = "") -> bytes:
    """A workbook in which a part is another, or is added, with what its type says it is."""
    with zipfile.ZipFile(io.BytesIO(workbook([("a", "b")]))) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    if of_type:
        types = "[Content_Types].xml"
        override = f'<Override PartName="/{name}" ContentType="{of_type}" /></Types>'
        parts[types] = parts[types].replace(b"</Types>", override.encode())
    else:
        assert name in parts
    return package(parts | {name: content})


def sheet(inner: str, head: str = "") -> bytes:
    """A workbook with a sheet of this XML."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<worksheet xmlns="{space}">{head}<sheetData>{inner}</sheetData></worksheet>'
    return with_part("xl/worksheets/sheet1.xml", xml.encode())


def strings(inner: str, head: str = "", encoding: str = "utf-8") -> bytes:
    """A workbook with a table of these texts, which its sheets share."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    xml = f'{head}<sst xmlns="{space}">{inner}</sst>'.encode(encoding)
    return with_part("xl/sharedStrings.xml", xml, kind)


def as_parquet(columns: dict[str, object]) -> bytes:
    into = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), into)
    return into.getvalue()


def as_stream(columns: dict[str, object]) -> bytes:
    table, into = pyarrow.table(columns), io.BytesIO()
    with ipc.new_stream(into, table.schema) as writer:
        writer.write_table(table)
    return into.getvalue()


def as_feather(columns: dict[str, object], compression: str = "zstd") -> bytes:
    into = io.BytesIO()
    feather.write_feather(pyarrow.table(columns), into, compression=compression)
    return into.getvalue()


def repeated(text: str, n: int) -> pyarrow.DictionaryArray:
    """A column of one text, which stands in the file once."""
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * n, pyarrow.int32()), [text])


def many(n: int) -> list[str]:
    return [f"{LONG}{index}" for index in range(n)]


def pair(prompt: object, answer: object) -> dict[str, object]:
    return {"prompt": prompt, "completion": answer}


ATTRIBUTES = [f"a{n}=''" for n in range(50_000)]

FILES: dict[str, tuple[str, Callable[[], bytes | str]]] = {
    "text of a table": ("x.csv", lambda: f"{LONG},{LONG}\n" * 2_000),
    "lines of a table": ("x.csv", lambda: "a,b\n" * 40_000),
    "blank lines": ("x.txt", lambda: "a\tb\n" + "\r" * 40_000),
    "rows on one line": ("x.txt", lambda: f"{LONG[:20]}\tb;" * 12_000),
    "HTML": ("x.csv", lambda: ("a," + "<b>a</b>" * 200 + "\n") * 200),
    "gaps": ("x.tsv", lambda: ("".join(f"{{{{c{n}::abc}}}} " for n in range(50)) + "\tb\n") * 300),
    "lines of JSON": ("x.jsonl", lambda: (json.dumps(pair(LONG, LONG)) + "\n") * 2_000),
    "empty records": ("x.jsonl", lambda: "{}\n" * 40_000),
    "an array": ("x.json", lambda: f"[{'{},' * 400_000}{{}}]"),
    "an array of texts": ("x.json", lambda: '["paragraphs",' + '"a",' * 300_000 + "1]"),
    "Markdown": ("x.md", lambda: f"{LONG}::{LONG}\n" * 2_000),
    "short Markdown": ("x.md", lambda: "a::b\n" * 40_000),
    "text of a sheet": ("x.xlsx", lambda: workbook([(LONG, n) for n in range(4_000)])),
    "rows of a sheet": ("x.xlsx", lambda: sheet("<row><c><v>1</v></c></row>" * 12_000)),
    "attributes": ("x.xlsx", lambda: sheet(f"<row {' '.join(ATTRIBUTES)}/>")),
    "strings of a sheet": ("x.xlsx", lambda: strings("<si/>" * 40_000)),
    "one long string": ("x.xlsx", lambda: strings(f"<si><t>{'x' * 1_000_000}</t></si>")),
    "a part that is no XML": ("x.xlsx", lambda: with_part("xl/theme/theme1.xml", bytes(1_000_001))),
    "wide rows": ("x.xlsx", lambda: sheet('<row><c r="XFD1"><v>1</v></c></row>' * 100)),
    "a zip": ("x.apkg", lambda: package({"collection.anki2": bytes(1_000_001)})),
    "zstd": (
        "x.apkg",
        lambda: package(
            {
                "meta": b"\x08\x03",
                "collection.anki21b": zstd_library().compress(bytes(1_000_001)),
            }
        ),
    ),
    "notes": ("x.anki2", lambda: collection([(f"{n} {LONG}", LONG) for n in range(2_000)])),
    "values of JSON in a collection": (
        "x.anki2",
        lambda: collection(kinds=f"[{'[],' * 400_000}[]]"),
    ),
    "more cards than notes": (
        "x.anki2",
        lambda: collection(
            more_sql="WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE "
            "x < 40000) INSERT INTO cards SELECT x, 1, 0, 0, 0 FROM n;"
        ),
    ),
    "a Parquet file": ("x", lambda: as_parquet(pair(many(4_000), many(4_000)))),
    "a text in all rows": ("x", lambda: as_parquet(pair(repeated("x" * 30_000, 100), ["b"] * 100))),
    "empty rows": ("x", lambda: as_parquet(pair(pyarrow.nulls(40_000), pyarrow.nulls(40_000)))),
    "an Arrow stream": ("x", lambda: as_stream(pair([LONG] * 4_000, ["b"] * 4_000))),
    "a list of values": ("x", lambda: as_stream(pair([["a"] * 40_000], ["b"]))),
    "a packed Feather file": ("x", lambda: as_feather(pair([LONG] * 4_000, ["b"] * 4_000))),
}


@pytest.fixture
def _low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(limit, "MAX_PIECES", 10_000)
    monkeypatch.setattr(limit, "CHUNK_BYTES", 10_000)
    monkeypatch.setattr(package_module, "MAX_DATABASE_BYTES", 1_000_000)


@pytest.mark.usefixtures("_low_limit")
@pytest.mark.parametrize("name", FILES)
def test_what_becomes_larger_than_the_limit_is_refused_in_a_sentence(name: str) -> None:
    file, made = FILES[name]
    with raises_words(Refused, "import: too large"):
        source_of(made(), file)


@pytest.mark.slow
@pytest.mark.usefixtures("_low_limit")
def test_what_stays_below_the_limit_is_read() -> None:
    for name, data in (
        ("x.csv", "dog,chien\n" * 9_000),
        ("x.jsonl", (json.dumps(pair("dog", "chien")) + "\n") * 9_000),
        ("x.json", json.dumps([pair("dog", "chien")] * 9_000)),
        ("x.md", "dog::chien\n" * 9_000),
        ("x.xlsx", workbook([("dog", "chien")] * 1_000)),
        ("x.anki2", collection([("dog", "chien")] * 9_000)),
        ("x.parquet", as_parquet(pair(["dog"] * 9_000, ["chien"] * 9_000))),
        ("x.arrow", as_stream(pair(["dog"] * 9_000, ["chien"] * 9_000))),
        ("x.feather", as_feather(pair(["dog"] * 9_000, ["chien"] * 9_000))),
    ):
        source = source_of(data, name)
        assert source.n_read == len(source.notes) >= 1_000, name


def test_a_zip_with_a_huge_list_of_contents_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "MAX_DIRECTORY_BYTES", 1_000)
    data = package({str(index): b"" for index in range(100)})
    for name in ("x.apkg", "x.xlsx"):
        with raises_words(Refused, "import: a zip of many files"):
            source_of(data, name)


def test_a_sheet_that_says_it_is_huge_is_read_as_what_it_is() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
    last = '<row r="1048576"><c r="XFD1048576"><v>3</v></c></row>'
    source = source_of(sheet(cells + last, '<dimension ref="A1:XFD1048576"/>'), "x.xlsx")
    assert [(note.prompt, note.answers) for note in source.notes] == [("1", ("2",))]
    assert source.losses.counts() == {"empty": 1, "columns": 1}
    far_below = '<row r="1000000000"><c><v>1</v></c></row>'
    assert source_of(sheet(cells + far_below), "x.xlsx").n_read == 1


def test_an_entity_that_stands_for_much_text_is_not_read() -> None:
    entity = "<!DOCTYPE sst [<!ENTITY a 'xxxxxxxxxx'>]>"
    for encoding in ("utf-8", "utf-16"):
        with raises_words(Refused, "import: an entity"):
            source_of(strings("<si><t>&a;&a;</t></si>", entity, encoding), "x.xlsx")


@pytest.mark.slow
def test_pictures_in_columns_cost_nothing() -> None:
    columns = pair(["dog"], ["chien"]) | {"image": [{"bytes": bytes(200_000_000), "path": "a"}]}
    source = source_of(as_stream(columns), "x.arrow")
    assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]
    assert source.losses.counts() == {"keys": 1}


LARGE: dict[str, Callable[[], bytes | str]] = {  # each opener once
    "html.csv": lambda: "".join(f"{n} {'<b>a</b>' * 60},b\n" for n in range(12_000)),
    "records.jsonl": lambda: "".join(
        json.dumps(pair(f"{n} {LONG}", LONG)) + "\n" for n in range(11_000)
    ),
    "array.json": lambda: f"[{'{},' * 1_900_000}{{}}]",
    "notes.md": lambda: "".join(f"{n} {LONG}::{LONG}\n" for n in range(11_500)),
    "rows.xlsx": lambda: sheet("<row><c><v>1</v></c><c><v>2</v></c></row>" * 190_000),
    "strings.xlsx": lambda: strings("<si><t>a</t></si>" * 315_000),
    "notes.anki2": lambda: collection([(f"{n} {LONG}", LONG) for n in range(11_000)]),
    "zip.apkg": lambda: package({"collection.anki2": bytes(69_000_000)}),
    "columns.parquet": lambda: as_parquet(
        pair([f"{n} {LONG}" for n in range(12_500)], [LONG] * 12_500)
    ),
    "rows.feather": lambda: as_feather(pair([LONG] * 250_000, ["b"] * 250_000)),
}


PROGRAM = """
import resource, sys
from pathlib import Path
from flashcards.cli import main
from flashcards.exchange import anki, collection, limit, package

# A sixteenth of what an import reads, in less time
limit.MAX_BYTES //= 16
limit.MAX_PIECES //= 16
for module in (anki, collection, package):
    module.MAX_DATABASE_BYTES //= 16

resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
code = main(sys.argv[1:])
(peak,) = (line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(code, int(peak.split()[1]) * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of a process's memory")
@pytest.mark.parametrize("name", LARGE)
def test_a_file_of_too_much_text_ends_the_import_soon_and_in_little_memory(
    name: str, tmp_path: Path
) -> None:
    content = LARGE[name]()
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    command = (sys.executable, "-c", PROGRAM, "import", str(path), "-o", str(tmp_path / "x.deck"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, peak_bytes = map(int, done.stdout.split())
    assert code == 1
    assert words("import: too large").partition(" reads")[0] in done.stderr
    assert peak_bytes < 300_000_000
