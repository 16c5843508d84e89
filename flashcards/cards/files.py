"""Files written whole or not at all, under a name that must be free."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flashcards.base.system import refuse_device, replace


@contextlib.contextmanager
def temporary_beside(path: Path, data: bytes) -> Iterator[Path]:
    """A temporary file in the same folder with this data; whatever is left of it is removed.
    Raises OSError or ValueError: it can't be written."""
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
    Raises FileExistsError: the name is taken; nothing is ever replaced. Raises OSError: the system
    refuses."""
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
