"""Files of columns as notes: Parquet, Arrow, Feather, a folder of `datasets`. Rows are records."""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.exchange import notes, records
from flashcards.exchange.limit import VALUES_A_PIECE, Limit

PARQUET, FEATHER, STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
"""First bytes of Parquet, of Arrow's file (Feather) and of its stream, which `datasets` writes."""

SIGNS = (PARQUET, FEATHER, STREAM)

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
    """Read what `Dataset.save_to_disk` or `DatasetDict.save_to_disk` wrote; the cards of the splits
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
    except ImportError:
        raise Refused(
            f"this format needs the package pyarrow: {how_to_install('tables')}"
        ) from None
    reader = _Reader()
    try:
        for batch in _batches(file, head):
            batch.validate(full=True)  # else places that lie outside would be read
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            for index in range(batch.num_rows):
                yield reader.row(columns, index)
    except (arrow.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise Refused(f"damaged, or of a kind that pyarrow can't read: {reason}") from None


def _batches(file: BinaryIO, head: bytes) -> Iterator[Any]:
    """The rows of the file, some at once. What pyarrow would unpack for them is counted before."""
    import pyarrow as arrow
    from pyarrow import ipc, parquet

    limit = Limit()
    content = arrow.py_buffer(_mapped(file))
    if head.startswith(PARQUET):
        opened = parquet.ParquetFile(arrow.BufferReader(content))
        for index in range(opened.metadata.num_row_groups):
            limit.take(opened.metadata.row_group(index).total_byte_size)
        yield from opened.iter_batches(N_ROWS_AT_ONCE)
        return
    if head.startswith(FEATHER):  # its mark, and then a stream
        content = content.slice(8)
    for message in ipc.MessageReader.open_stream(arrow.BufferReader(content)):
        limit.take(_n_unpacked_bytes(message))
    yield from ipc.open_stream(arrow.BufferReader(content))


def _mapped(file: BinaryIO) -> bytes | mmap.mmap:
    """All of a file; of one on the disk only what is looked at comes into memory."""
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        file.seek(0)
        return file.read()


def _n_unpacked_bytes(message: Any) -> int:
    """Return how large the compressed buffers of a message become: each begins with that number
    (Arrow columnar format, "Compression"). A FlatBuffer says where they are, Message.fbs: a table
    begins with the distance back to the places of its fields. Raises ValueError: it is damaged."""
    data, body = message.metadata, message.body

    def number(at: int, form: str = "<I", source: Any = data) -> int:
        return int(struct.unpack_from(form, source, at)[0])

    def field(of_table: int, index: int) -> int:
        places = of_table - number(of_table, "<i")
        is_there = 4 + 2 * index < number(places, "<H")
        place = number(places + 4 + 2 * index, "<H") if is_there else 0
        return of_table + place if place else 0

    def table_at(at: int) -> int:
        return at + number(at)

    try:
        if body is None:
            return 0
        batch = table_at(field(number(0), 2))
        if message.type == "dictionary":
            batch = table_at(field(batch, 1))
        if not field(batch, 3):  # nothing is compressed
            return 0
        buffers = table_at(field(batch, 2))
        n_bytes = 0
        for index in range(number(buffers)):
            at, size = struct.unpack_from("<qq", data, buffers + 4 + 16 * index)
            n_bytes += max(0, number(at, "<q", body)) if size else 0
        return n_bytes
    except struct.error:
        raise ValueError("a message that is cut short") from None


class _Reader:
    """Makes Python's values of pyarrow's, and counts them: those of lists before they are made."""

    def __init__(self) -> None:
        import pyarrow as arrow

        self._limit = Limit()
        self._is_nested = arrow.types.is_nested
        self._text = arrow.StringScalar, arrow.LargeStringScalar, arrow.StringViewScalar
        self._wrapped = arrow.DictionaryScalar, arrow.ExtensionScalar
        self._struct = arrow.StructScalar

    def row(self, columns: dict[str, Any], index: int) -> dict[str, Any]:
        self._limit.take(0, 1 + len(columns) // VALUES_A_PIECE)
        return {name: self._value(column[index]) for name, column in columns.items()}

    def _value(self, scalar: Any) -> Any:
        if isinstance(scalar, self._text):
            text = scalar.as_py()
            self._limit.take(len(text or ""))
            return text
        if not scalar.is_valid:
            return None
        if isinstance(scalar, self._wrapped):
            return self._value(scalar.value)
        if isinstance(scalar, self._struct):
            self._limit.take(0, len(scalar) // VALUES_A_PIECE)
            return {name: self._value(value) for name, value in scalar.items()}
        if self._is_nested(scalar.type):
            values = getattr(scalar, "values", None) or ()
            self._limit.take(0, len(values) // VALUES_A_PIECE)
            return [self._value(value) for value in values]
        # Bytes are a picture or a sound: that they are there is all that a record needs.
        return b"bytes" if hasattr(scalar, "as_buffer") else scalar.as_py()
