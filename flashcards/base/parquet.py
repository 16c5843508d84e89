"""Rows as a Parquet file, by the package pyarrow."""

import io
from collections.abc import Iterable, Sequence

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused


def parquet_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A column for each name in `header`; what is None is not known.
    Raises Refused: the package is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        how = how_to_install("tables")
        raise Refused(f"a Parquet file needs the package pyarrow: {how}") from None
    table = pyarrow.Table.from_pylist([dict(zip(header, row, strict=True)) for row in rows])
    into = io.BytesIO()
    parquet.write_table(table, into)
    return into.getvalue()
