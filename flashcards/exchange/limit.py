"""The one limit on what an import takes out of a file, whatever its format and however small it is.

Bytes are counted as they come out, and so are pieces: lines, rows, records, and a few tags or
values as one, since each is an object in memory and takes its time. No size that a file declares is
believed, unless its reader holds itself to it. At the limit a reader has used some seconds and less
than 1 GB.
"""

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

from flashcards.base.files import Refused

MAX_BYTES = 100_000_000  # a deck has at most 64 MB, and a million short cards are some 40 MB

MAX_PIECES = 1 << 20  # a deck has at most a million cards, and Excel's sheets have so many rows

VALUES_A_PIECE = 4  # of tags, or values of records: an object each, but no card

MAX_DATABASE_BYTES = 1 << 30  # of a collection, kept on disk: those of many years have some 300 MB

MAX_DIRECTORY_BYTES = 16 << 20  # of a zip's list of contents: some 200,000 entries

CHUNK_BYTES = 1 << 20


class Limit:
    """Counts what has come out of a file."""

    def __init__(self, max_bytes: int | None = None) -> None:
        self._max_bytes = MAX_BYTES if max_bytes is None else max_bytes
        self._n_bytes = self._n_pieces = 0

    def take(self, n_bytes: int, n_pieces: int = 0) -> None:
        """Count so much more. Raises Refused: that is too much for one import."""
        self._n_bytes += n_bytes
        self._n_pieces += n_pieces
        if self._n_bytes > self._max_bytes or self._n_pieces > MAX_PIECES:
            most = f"{self._max_bytes / 1e6:,.0f} MB and {MAX_PIECES:,} lines, rows or values"
            raise Refused(f"too large: an import reads at most {most}; split it into several files")

    def chunks(
        self, file: IO[bytes], n_pieces_in: Callable[[bytes], int] = lambda chunk: 0
    ) -> Iterator[bytes]:
        """Read a file, a megabyte at once. Raises Refused: it is too much."""
        while chunk := file.read(CHUNK_BYTES):
            self.take(len(chunk), n_pieces_in(chunk))
            yield chunk


def json_value(text: str) -> Any:
    """The JSON value. Raises ValueError: it is none, or is nested too deep. Raises Refused: it has
    too many values."""
    if len(text) > CHUNK_BYTES:
        Limit().take(len(text), sum(map(text.count, ",[{")) // VALUES_A_PIECE)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


@contextmanager
def opened_zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The zip, to be read. Raises Refused, inside the block as well: it is damaged or encrypted,
    has too many entries, or entries of a kind that no program for cards writes."""
    try:
        with zipfile.ZipFile(cast(IO[bytes], _WithoutLongReads(file))) as package:
            if any(entry.compress_type not in _COMPRESSIONS for entry in package.infolist()):
                raise Refused(RARE_ZIP)
            yield package
    except NotImplementedError:  # zipfile knows no more of it than that
        raise Refused(RARE_ZIP) from None
    except RuntimeError:
        raise Refused("an encrypted zip; unlock it first, or write it without a password") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError):
        raise Refused("a zip that is damaged or cut short; export it again") from None


RARE_ZIP = "a zip of a rare kind; write it again as zips usually are"

_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""LZMA is none of them: a few bytes of it can ask for 4 GB."""


class _WithoutLongReads:
    """`zipfile` reads the list of contents at once, and makes an object of every 46 bytes of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, n_bytes: int = -1) -> bytes:
        if n_bytes > MAX_DIRECTORY_BYTES:
            raise Refused("a zip with too many files in it; split it into several")
        return self._file.read(n_bytes)
