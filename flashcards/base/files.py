"""Files written whole or not at all; another file is only replaced on request."""

import contextlib
import csv
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from flashcards.base.errors import UserError
from flashcards.base.extras import how_to_install
from flashcards.base.system import refuse_device, replace

_CHUNK_BYTES = 1 << 20


class Refused(UserError):  # noqa: N818
    """A file that can't be read, written or made; the text says why and what to do, on one line."""


def read_up_to(file: IO[bytes], n_bytes: int) -> bytes:
    """The first bytes of what is left of a file, at most so many.
    `file.read(n_bytes)` reserves memory for all of them, however short the file is."""
    data = io.BytesIO()
    while chunk := file.read(min(_CHUNK_BYTES, n_bytes - data.tell())):
        data.write(chunk)
    return data.getvalue()


@contextlib.contextmanager
def temporary_beside(path: Path, data: bytes) -> Iterator[Path]:
    """A temporary file beside `path`, removed at the end. Raises OSError or ValueError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".flashcards-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp's files are private; a deck has the rights of any new file.
        mask = os.umask(0o077)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def put(data: bytes, path: Path, *, is_forced: bool) -> None:
    """Write a file, whole or not at all. `is_forced`: a file of that name is replaced.
    Raises FileExistsError: the name is taken. Raises OSError or ValueError: it can't be written."""
    with temporary_beside(path, data) as temporary:
        if is_forced:
            refuse_device(path)
            replace(temporary, path)
        else:
            link(temporary, path)


def link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the file system has no links.
    Raises FileExistsError: the name is taken, nothing is ever replaced. Raises OSError."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        copy(source, target)


def copy(source: Path, target: Path) -> None:
    """Copy a file's content to a name that must be free. Raises as `link` does."""
    with open(source, "rb") as content, open(target, "xb") as file:
        shutil.copyfileobj(content, file)


def save(data: bytes, path: Path | None, *, is_forced: bool) -> None:
    """Write the file that the user named; None is standard output. `is_forced`: it may replace one.
    Raises Refused: it is there already, or the system refuses."""
    if path is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if path.is_dir():
        raise Refused(f"{path} is a folder; name a file in it with -o")
    if os.path.lexists(path) and not is_forced:
        raise Refused(f"{path} is there already; --force replaces it")
    with _refusals(path):
        put(data, path, is_forced=is_forced)


def save_folder(contents: Mapping[str, bytes], path: Path, *, is_forced: bool) -> None:
    """Write files into a folder, which is made if it is not there: all of them, or none. A name may
    be in a folder of its own. `is_forced`: files with the same names are replaced, others stay.
    Raises Refused: it is a file or holds something, or the system refuses."""
    with _refusals(path):
        if os.path.lexists(path):
            if not path.is_dir():
                raise Refused(f"{path} is a file; name a folder with -o")
            if not is_forced and any(path.iterdir()):
                raise Refused(f"the folder {path} holds something already; --force writes into it")
        building = Path(tempfile.mkdtemp(dir=path.parent, prefix=".flashcards-"))
        try:
            for name, data in contents.items():
                (building / name).parent.mkdir(exist_ok=True)
                put(data, building / name, is_forced=False)
            path.mkdir(exist_ok=True)
            for name in contents:
                (path / name).parent.mkdir(exist_ok=True)
                replace(building / name, path / name)
        finally:
            shutil.rmtree(building, ignore_errors=True)


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such place"
        raise Refused(f"{path} can't be written: {reason}") from None


def csv_of(rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    """UTF-8, quoted as RFC 4180 says; None is empty."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def parquet_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as a Parquet file, None for unknown. Raises Refused: the package is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        how = how_to_install("tables")
        raise Refused(f"a Parquet file needs pyarrow: {how}") from None
    table = pyarrow.Table.from_pylist([dict(zip(header, row, strict=True)) for row in rows])
    into = io.BytesIO()
    parquet.write_table(table, into)
    return into.getvalue()
