"""The database inside an Anki package, with limits on everything that a hostile zip can inflate.

Nothing is extracted under the names in the zip: the one file that is needed goes to a private
temporary file. Pictures and sounds are never read.
"""

from __future__ import annotations

import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

from flashcards.exchange import protobuf
from flashcards.exchange.notes import Refused

MAX_DIRECTORY_BYTES = 16 * 1024 * 1024
"""The zip's list of contents: some 200,000 entries."""

MAX_ENTRIES = 200_000
MAX_DATABASE_BYTES = 1024 * 1024 * 1024
"""Collections of many years have some 300 MB."""

MAX_RATIO = 200
"""Databases of text shrink to a third or a tenth; only a bomb shrinks to less than a 200th."""

FREE_RATIO_BYTES = 16 * 1024 * 1024
"""Below this size the ratio doesn't matter."""

_CHUNK_BYTES = 1 << 20
_ZSTD_LATEST = 3
_STUB_SINCE = 2
"""From this `meta` version on `collection.anki2` only says that Anki needs an update."""


def database(file: BinaryIO, into: IO[bytes]) -> str:
    """Write the package's database into `into`; which form of package it is, for the user.
    Raises Refused: it is no package, is damaged or encrypted, or would inflate beyond the
    limits."""
    try:
        with zipfile.ZipFile(cast(IO[bytes], _Bounded(file))) as package:
            return _database(package, into)
    except _TooMuch:
        raise Refused("a zip with a list of contents larger than any Anki package's") from None
    except NotImplementedError:
        raise Refused("a zip of a kind that Anki doesn't write; export it again") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError):
        raise Refused("a zip that is damaged or cut short; export it again") from None


def _database(package: zipfile.ZipFile, into: IO[bytes]) -> str:
    names = package.namelist()
    if len(names) > MAX_ENTRIES:
        raise Refused(f"a zip with {len(names):,} files in it; Anki packages have fewer")
    version = _version(package)
    if version > _ZSTD_LATEST:
        raise Refused(
            f"an Anki package of a newer kind ({version}) than is read here; export it again with "
            "“Support older Anki versions”"
        )
    if "collection.anki21b" in names:
        chunks = _unzstd(_chunks(package, "collection.anki21b"))
        form = "an Anki package, new format"
    elif version >= _ZSTD_LATEST:
        raise Refused("an Anki package without its collection; export it again")
    elif "collection.anki21" in names:
        chunks = _chunks(package, "collection.anki21")
        form = "an Anki package, older format"
    elif "collection.anki2" in names and version < _STUB_SINCE:
        chunks = _chunks(package, "collection.anki2")
        form = "an Anki package, oldest format"
    elif "collection.anki2" in names:
        raise Refused("an Anki package without its collection; export it again")
    else:
        raise Refused("a zip, but no Anki package: it has no collection in it")
    for chunk in chunks:
        into.write(chunk)
    into.flush()
    return form


def _version(package: zipfile.ZipFile) -> int:
    """The package's version in `meta`; 0 for the oldest, which have none."""
    if "meta" not in package.namelist():
        return 0
    data = b"".join(_chunks(package, "meta", max_bytes=10_000))
    try:
        return protobuf.number(data, 1)
    except protobuf.Malformed:
        raise Refused("an Anki package with a damaged “meta” in it; export it again") from None


def _chunks(
    package: zipfile.ZipFile, name: str, max_bytes: int = MAX_DATABASE_BYTES
) -> Iterator[bytes]:
    """An entry's bytes, piece by piece, up to the limits."""
    entry = package.getinfo(name)
    if entry.flag_bits & 0x1:
        raise Refused("an encrypted zip; unlock it first, or export it without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("a zip of a kind that Anki doesn't write; export it again")
    _check_size(entry.file_size, entry.compress_size, max_bytes)
    n_bytes = 0
    with package.open(entry) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            n_bytes += len(chunk)
            _check_size(n_bytes, entry.compress_size, max_bytes)
            yield chunk


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The content of one zstd frame; the frame doesn't say its size, so that it is counted."""
    zstd = zstd_library()
    decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27})
    n_in = n_out = 0
    try:
        for chunk in chunks:
            n_in += len(chunk)
            while True:
                piece = decompressor.decompress(chunk, max_length=_CHUNK_BYTES)
                n_out += len(piece)
                _check_size(n_out, n_in, MAX_DATABASE_BYTES)
                yield piece
                chunk = b""
                if decompressor.eof or decompressor.needs_input:
                    break
            if decompressor.eof:
                break
    except zstd.ZstdError:
        raise Refused("an Anki package with a damaged collection; export it again") from None
    if not decompressor.eof:
        raise Refused("an Anki package whose collection is cut short; export it again")


def zstd_library() -> Any:
    """The standard library's zstd, or its backport for Pythons before 3.14."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _check_size(n_bytes: int, n_compressed: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise Refused(
            f"a package whose contents are larger than {max_bytes // 1024 // 1024:,} MB; "
            "export its decks one by one"
        )
    if n_bytes > max(FREE_RATIO_BYTES, MAX_RATIO * n_compressed):
        raise Refused(f"a package that inflates more than {MAX_RATIO}-fold: not read")


class _TooMuch(Exception):  # noqa: N818
    """A single read of more than any Anki package needs."""


class _Bounded:
    """A file that refuses to give more at once than a list of contents may have.

    `zipfile` reads that list in one piece, and makes an object for every 46 bytes of it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, n_bytes: int = -1) -> bytes:
        data = self._file.read(
            min(n_bytes, MAX_DIRECTORY_BYTES + 1) if n_bytes >= 0 else MAX_DIRECTORY_BYTES + 1
        )
        if len(data) > MAX_DIRECTORY_BYTES:
            raise _TooMuch
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True
