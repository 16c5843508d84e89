"""Files of columns as notes: Parquet, Arrow, Feather, a folder of `datasets`, spreadsheets.

Rows are read as records are, and a sheet as a table is.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.exchange import notes, records, table

PARQUET, FEATHER, STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
"""How Parquet, Arrow's file (Feather) and Arrow's stream, which `datasets` writes, begin."""

SIGNS = (PARQUET, FEATHER, STREAM)

MAX_ROWS = 2_000_000
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
N_ROWS_AT_ONCE = 1_000

_SPLITS = {"train": False, "validation": True, "test": True}
"""The splits of `datasets` that are read, and whether their cards are never taught."""


def read_columns(file: BinaryIO, head: bytes, options: notes.Options) -> notes.Source:
    """The rows of one file, which begins with `head`. Raises Refused: it is damaged or too large,
    or no row is a card."""
    form = "a Parquet file" if head.startswith(PARQUET) else "an Arrow file"
    rows = ((f"row {i}", row) for i, row in enumerate(_rows(file, head), 1))
    return records.notes_of_records(rows, form, "row", options)


def is_dataset(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("state.json", "dataset_dict.json"))


def read_dataset(folder: Path, options: notes.Options) -> notes.Source:
    """What `Dataset.save_to_disk` or `DatasetDict.save_to_disk` wrote; the cards of the splits
    validation and test are never taught. Raises Refused as `read_columns` does."""

    def rows() -> Iterator[tuple[str, Any]]:
        parts = [(folder, False)]
        if not (folder / "state.json").is_file():
            parts = [(folder / name, is_unseen) for name, is_unseen in _SPLITS.items()]
        for part, is_unseen in parts:
            place = 0
            for path in sorted(part.glob("*.arrow")):
                with path.open("rb") as file:
                    for row in _rows(file, STREAM):
                        place += 1
                        marked = row | {"held_out": True} if is_unseen else row
                        yield f"{part.name} row {place}", marked

    return records.notes_of_records(rows(), "a folder of datasets", "row", options)


def _rows(file: BinaryIO, head: bytes) -> Iterator[dict[str, Any]]:
    try:
        import pyarrow as arrow
        from pyarrow import ipc, parquet
    except ImportError:
        raise Refused(
            f"this format needs the package pyarrow: {how_to_install('tables')}"
        ) from None
    n_rows = n_bytes = 0
    try:
        if head.startswith(PARQUET):
            opened = parquet.ParquetFile(file)
            groups = map(opened.metadata.row_group, range(opened.metadata.num_row_groups))
            _check_size(opened.metadata.num_rows, sum(group.total_byte_size for group in groups))
            batches = opened.iter_batches(N_ROWS_AT_ONCE)
        elif head.startswith(FEATHER):
            reader = ipc.open_file(file)
            batches = map(reader.get_batch, range(reader.num_record_batches))
        else:
            batches = iter(ipc.open_stream(file))
        for batch in batches:
            n_rows, n_bytes = n_rows + batch.num_rows, n_bytes + batch.nbytes
            _check_size(n_rows, n_bytes)
            for start in range(0, batch.num_rows, N_ROWS_AT_ONCE):
                yield from batch.slice(start, N_ROWS_AT_ONCE).to_pylist()
    except (arrow.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise Refused(f"damaged, or of a kind that pyarrow can't read: {reason}") from None


def _check_size(n_rows: int, n_bytes: int) -> None:
    if n_rows > MAX_ROWS:
        raise Refused(f"more than {MAX_ROWS:,} rows; import it in parts")
    if n_bytes > MAX_UNPACKED_BYTES:
        raise Refused(
            f"unpacked larger than {MAX_UNPACKED_BYTES // 2**20:,} MB; import it in parts"
        )


def read_sheet(file: BinaryIO, options: notes.Options) -> notes.Source:
    """The first sheet of an Excel workbook as a table; the others are counted.
    Raises Refused: it is damaged or too large, or no table of cards."""
    with _workbook(file) as book:
        sheet, *others = book.worksheets
        rows = enumerate(sheet.iter_rows(values_only=True), 1)
        texts = (
            (number, ["" if cell is None else _cell(cell) for cell in row]) for number, row in rows
        )
        source = table.notes_of_rows(texts, f"the sheet “{sheet.title}”", options, place="row")
    for other in others:
        source.losses.add("sheet", "sheet", "", other.title)
    return source


@contextmanager
def _workbook(file: BinaryIO) -> Iterator[Any]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise Refused(
            f"an xlsx file needs openpyxl: {how_to_install('tables')}; or save it as CSV"
        ) from None
    try:
        with zipfile.ZipFile(file) as parts:
            _check_size(0, sum(part.file_size for part in parts.infolist()))
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
        yield book
        book.close()
    except Refused:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise
        raise Refused(
            f"a damaged xlsx file ({type(error).__name__}); save it again, or as CSV"
        ) from None


def _cell(value: object) -> str:
    """A cell as a person reads it: 3.0 is 3."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
