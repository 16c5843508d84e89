"""The database inside an Anki package.

Nothing is extracted under the names in the zip: the one file that is needed goes to a private
temporary file. Pictures and sounds are never read.
"""

import sys
import zipfile
from typing import IO, Any, BinaryIO

from flashcards.base.files import Refused
from flashcards.exchange.limit import MAX_DATABASE_BYTES, Limit, opened_zip
from flashcards.exchange.protobuf import Malformed, number_in

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
