"""The database inside an Anki package.

Nothing is extracted under the names in the zip: the one file that is needed goes to a private
temporary file. Pictures and sounds are never read.
"""

import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

from flashcards.base.files import Refused
from flashcards.exchange.limit import MAX_DATABASE_BYTES, Limit, opened_zip

_ZSTD_LATEST = 3
_STUB_SINCE = 2  # since this `meta` version `collection.anki2` only asks for an update of Anki

_FORMS = {
    "collection.anki21b": "new format",
    "collection.anki21": "older format",
    "collection.anki2": "oldest format",
}
"""The collections that a package may have, the newest first, which is the one that counts."""


def database(file: BinaryIO, into: IO[bytes]) -> str:
    """Write the package's database into `into`; which form of package it is, for the user.
    Raises Refused: it is no package, is damaged or encrypted, or too large."""
    zstd = zstd_library()
    try:
        with opened_zip(file) as package:
            name = _collection(package)
            with package.open(name) as packed:
                content = zstd.ZstdFile(packed) if name == "collection.anki21b" else packed
                for chunk in Limit(MAX_DATABASE_BYTES).chunks(content):
                    into.write(chunk)
            into.flush()
    except zstd.ZstdError:
        raise Refused("an Anki package with a damaged collection; export it again") from None
    return f"an Anki package, {_FORMS[name]}"


def _collection(package: zipfile.ZipFile) -> str:
    """The name of the collection in the zip."""
    version = _version(package)
    if version > _ZSTD_LATEST:
        hint = "export it again with “Support older Anki versions”"
        raise Refused(f"an Anki package of a newer kind ({version}) than is read here; {hint}")
    name = next((name for name in _FORMS if name in package.namelist()), "")
    is_stub = name == "collection.anki2" and version >= _STUB_SINCE
    if is_stub or (version >= _ZSTD_LATEST and name != "collection.anki21b"):
        raise Refused("an Anki package without its collection; export it again")
    if not name:
        raise Refused("a zip, but no Anki package: it has no collection in it")
    return name


def _version(package: zipfile.ZipFile) -> int:
    """The package's version in `meta`; 0 for the oldest, which have none."""
    if "meta" not in package.namelist():
        return 0
    with package.open("meta") as meta:
        data = meta.read(10_000)
    try:
        return number_in(data, 1)
    except Malformed:
        raise Refused("an Anki package with a damaged “meta” in it; export it again") from None


def zstd_library() -> Any:
    """The standard library's zstd, or its backport for Pythons before 3.14."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


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
