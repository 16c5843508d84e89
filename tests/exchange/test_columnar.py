"""Files that people from machine learning have: columns, sheets, the forms of known datasets."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pytest
from pyarrow import feather, ipc, parquet

from flashcards.base.files import Refused
from flashcards.exchange.notes import Options
from tests.exchange.sources import imported, source_of
from tests.golden import check_words, raises_words

ROWS = [{"question": "2+2?", "answer": "4"}, {"question": "3+3?", "answer": "6"}]
PAIRS = [("2+2?", ("4",)), ("3+3?", ("6",))]


def as_parquet(table: Any, into: Any) -> None:
    parquet.write_table(table, into)


def as_stream(table: Any, into: Any) -> None:
    with ipc.new_stream(into, table.schema) as writer:
        writer.write_table(table)


def as_feather(table: Any, into: Any) -> None:
    feather.write_feather(table, into)


WRITERS = (as_parquet, as_stream, as_feather)


def written(writer: Any, rows: list[dict[str, Any]]) -> bytes:
    into = io.BytesIO()
    writer(pyarrow.Table.from_pylist(rows), into)
    return into.getvalue()


@pytest.mark.parametrize("writer", WRITERS)
def test_columns_are_read_as_records(writer: Any) -> None:
    source = source_of(written(writer, [*ROWS, {"question": "?", "more": 1}]), "cards.bin")
    assert [(note.prompt, note.answers) for note in source.notes] == PAIRS
    assert source.form.endswith("file: question/answer")
    assert source.losses.counts() == {"no-shape": 1}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_damaged_file_is_a_sentence(writer: Any) -> None:
    data = written(writer, ROWS * 500)
    for broken in (data[: len(data) // 2], data[:8], data[:64] + b"\xff" * len(data[64:])):
        with pytest.raises(Refused, match=r"damaged|no row"):
            source_of(broken, "cards.bin")


def test_the_splits_of_a_folder_say_what_is_never_taught(tmp_path: Path) -> None:
    folder = tmp_path / "sums"
    for split, row in zip(("train", "test"), ROWS, strict=True):
        (folder / split).mkdir(parents=True)
        (folder / split / "state.json").write_text("{}")
        (folder / split / "data-00000-of-00001.arrow").write_bytes(written(as_stream, [row]))
    (folder / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    cards = imported(str(folder)).cards
    assert [(card.prompt, card.is_never_seen) for card in cards] == [
        ("2+2?", False),
        ("3+3?", True),
    ]
    (alone,) = imported(str(folder / "test")).cards
    assert (alone.prompt, alone.is_never_seen) == ("3+3?", False)
    assert imported(str(tmp_path)).code == 1


def test_a_workbook_is_read_as_a_table_and_other_sheets_are_counted() -> None:
    book = openpyxl.Workbook()
    for row in (("Frage", "Antwort", "Note"), ("a, b", 3.0, None), ("x", "=1+1", 'say "x"')):
        book.active.append(row)
    book.create_sheet("Rest")
    data = io.BytesIO()
    book.save(data)
    source = source_of(data.getvalue(), "cards.xlsx")
    assert [(note.prompt, note.answers) for note in source.notes] == [("a, b", ("3",))]
    check_words("import: a sheet", source.form)
    assert source.losses.counts() == {"empty": 1, "columns": 1, "sheet": 1}
    with raises_words(Refused, "import: a zip cut short"):
        source_of(data.getvalue()[:2000], "cards.xlsx")


def test_a_tag_in_one_cell_changes_no_other_cell() -> None:
    book = openpyxl.Workbook()
    for row in (("to <b>run</b>", "laufen"), ("two\nlines", "x"), ("<b>", "bold")):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    source = source_of(data.getvalue(), "cards.xlsx")
    assert [note.prompt for note in source.notes] == ["to run", "two\nlines", "<b>"]
    assert source.losses.counts() == {"markup": 1}
    assert "(row 1 " in next(source.losses.lines())


def test_a_column_that_needs_a_package_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with raises_words(Refused, "import: no pyarrow"):
        source_of(written(as_parquet, ROWS), "cards.parquet")


CHOICES = {"label": ["A", "B"], "text": ["dog", "cat"]}


@pytest.mark.parametrize(
    ("record", "form", "pair", "losses"),
    [
        (
            {"instruction": "Say", "context": "it", "response": "so", "category": "x"},
            "instruction + context/response",
            ("Say\nit", ("so",)),
            {"keys": 1},
        ),
        (
            {"question": "q", "context": "long", "answers": {"text": ["a", "b", "a"]}},
            "question/answers",
            ("q", ("a", "b")),
            {"keys": 1},
        ),
        ({"translation": {"en": "dog", "fr": "chien"}}, "translation", ("dog", ("chien",)), {}),
        ({"source": "dog", "target": "chien"}, "source/target", ("dog", ("chien",)), {}),
        (
            {"prompt": "q", "chosen": "good", "rejected": "bad"},
            "prompt/chosen",
            ("q", ("good",)),
            {"keys": 1},
        ),
        (
            {
                "chosen": [
                    {"role": "user", "content": "q"},
                    {"role": "assistant", "content": "good"},
                ]
            },
            "chosen",
            ("q", ("good",)),
            {},
        ),
        *(
            (
                {"question": "2+2?", "choices": choices, key: answer},
                f"question/choices/{key}",
                ("2+2?", (right,)),
                {"choices": 1},
            )
            for choices, key, answer, right in (
                (["3", "4"], "answer", 1, "4"),
                (["3", "4"], "answer", "4", "4"),
                (["3", "4"], "answer", "B", "4"),
                (CHOICES, "answerKey", "B", "cat"),
            )
        ),
    ],
)
def test_forms_of_known_datasets(
    record: dict[str, object], form: str, pair: object, losses: dict[str, int]
) -> None:
    source = source_of(json.dumps(record))
    assert [(note.prompt, note.answers) for note in source.notes] == [pair]
    assert source.form == f"JSON records: {form}"
    assert source.losses.counts() == losses


def test_a_choice_that_does_not_exist_is_no_card() -> None:
    answers: tuple[object, ...] = (2, "C", None, {})
    for answer in answers:
        with raises_words(Refused, "import: records of no form"):
            source_of(json.dumps({"question": "q", "choices": ["a", "b"], "answer": answer}))


def test_squads_own_file_gives_a_section_for_each_title() -> None:
    asked = {"question": "Who?", "answers": [{"text": "Ada"}, {"text": "A. L."}], "id": "1"}
    none = {"question": "When?", "answers": [], "id": "2"}
    article = {"title": "Ada_Lovelace", "paragraphs": [{"context": "…", "qas": [asked, none]}]}
    source = source_of(json.dumps({"data": [article]}), "train.json")
    (note,) = source.notes
    assert (note.prompt, note.answers, note.section) == ("Who?", ("Ada", "A. L."), "Ada Lovelace")
    assert source.losses.counts() == {"keys": 2, "empty": 1}


@pytest.mark.parametrize(
    ("head", "key"),
    [
        (b"FEA1", "import: an old Feather file"),
        (b"ORC", "import: an ORC file"),
        (b"\x89HDF", "import: an HDF5 file"),
        (b"\xd0\xcf\x11\xe0", "import: an old Office file"),
    ],
)
def test_a_format_that_is_not_read_is_named(head: bytes, key: str) -> None:
    with raises_words(Refused, key):
        source_of(head + b"\0" * 100, options=Options())
