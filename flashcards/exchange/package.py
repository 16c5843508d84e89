"""The database inside an Anki package, with limits on everything that a hostile zip can inflate.

Nothing is extracted under the names in the zip: the one file that is needed goes to a private
temporary file. Pictures and sounds are never read.
"""

import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

from flashcards.base.files import Refused

MAX_DIRECTORY_BYTES = 16 * 1024 * 1024  # the zip's list of contents: some 200,000 entries

MAX_ENTRIES = 200_000
MAX_DATABASE_BYTES = 1024 * 1024 * 1024  # collections of many years have some 300 MB

MAX_RATIO = 200  # text shrinks to a third or a tenth; only a bomb to less than a 200th

FREE_RATIO_BYTES = 16 * 1024 * 1024  # below this size the ratio doesn't matter

_CHUNK_BYTES = 1 << 20
_ZSTD_LATEST = 3
_STUB_SINCE = 2  # since this `meta` version `collection.anki2` only asks for an update of Anki


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
        hint = "export it again with “Support older Anki versions”"
        raise Refused(f"an Anki package of a newer kind ({version}) than is read here; {hint}")
    known = {"collection.anki21b", "collection.anki21", "collection.anki2"}.intersection(names)
    is_stub = version >= _STUB_SINCE
    if "collection.anki21b" in known:
        chunks, age = _unzstd(_chunks(package, "collection.anki21b")), "new format"
    elif version >= _ZSTD_LATEST or (known == {"collection.anki2"} and is_stub):
        raise Refused("an Anki package without its collection; export it again")
    elif "collection.anki21" in known:
        chunks, age = _chunks(package, "collection.anki21"), "older format"
    elif known:
        chunks, age = _chunks(package, "collection.anki2"), "oldest format"
    else:
        raise Refused("a zip, but no Anki package: it has no collection in it")
    for chunk in chunks:
        into.write(chunk)
    into.flush()
    return f"an Anki package, {age}"


def _version(package: zipfile.ZipFile) -> int:
    """The package's version in `meta`; 0 for the oldest, which have none."""
    if "meta" not in package.namelist():
        return 0
    data = b"".join(_chunks(package, "meta", max_bytes=10_000))
    try:
        return number_in(data, 1)
    except Malformed:
        raise Refused("an Anki package with a damaged “meta” in it; export it again") from None


def _chunks(package: zipfile.ZipFile, name: str, max_bytes: int = 0) -> Iterator[bytes]:
    most = max_bytes or MAX_DATABASE_BYTES
    entry = package.getinfo(name)
    if entry.flag_bits & 0x1:
        raise Refused("an encrypted zip; unlock it first, or export it without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("a zip of a kind that Anki doesn't write; export it again")
    _check_size(entry.file_size, entry.compress_size, most)
    n_bytes = 0
    with package.open(entry) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            n_bytes += len(chunk)
            _check_size(n_bytes, entry.compress_size, most)
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
        most = f"{max_bytes // 1024 // 1024:,} MB; export its decks one by one"
        raise Refused(f"a package whose contents are larger than {most}")
    if n_bytes > max(FREE_RATIO_BYTES, MAX_RATIO * n_compressed):
        raise Refused(f"a package that inflates more than {MAX_RATIO}-fold: not read")


class _TooMuch(Exception):  # noqa: N818
    """A single read of more than any Anki package needs."""


class _Bounded:
    """A file that refuses to give more at once than a list of contents may have.
    `zipfile` reads that list in one piece, and makes an object for every 46 bytes of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, n_bytes: int = -1) -> bytes:
        most = MAX_DIRECTORY_BYTES + 1
        data = self._file.read(min(n_bytes, most) if n_bytes >= 0 else most)
        if len(data) > MAX_DIRECTORY_BYTES:
            raise _TooMuch
        return data


# Protocol buffers (protobuf.dev, "Encoding"): the few fields that are needed, without a schema.


class Malformed(ValueError):  # noqa: N818
    """The bytes are no protocol buffer."""


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field: an int for a varint, bytes for everything else.
    Raises Malformed: the bytes end early, or have a wire type that isn't known."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire_type = key >> 3, key & 7
        if wire_type == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire_type == 2:
            size, at = _varint(data, at)
        elif wire_type in (1, 5):
            size = 8 if wire_type == 1 else 4
        else:
            raise Malformed(f"wire type {wire_type}")
        if size > len(data) - at:
            raise Malformed("the bytes end inside a field")
        yield number, data[at : at + size]
        at += size


def number_in(data: bytes, wanted: int) -> int:
    """The varint field `wanted`; 0 when it is not there. Raises Malformed."""
    value = next((value for found, value in _fields(data) if found == wanted), 0)
    return value if isinstance(value, int) else 0


def text_in(data: bytes, wanted: int) -> str:
    """The text field `wanted`; "" when it is not there. Raises Malformed."""
    value = next((value for found, value in _fields(data) if found == wanted), b"")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a number that does not end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
