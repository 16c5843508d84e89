"""A file that appears whole or not at all, and takes no other file's place unless it is told to."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from flashcards.cards.printable import printable
from flashcards.exchange.notes import Refused


def save(data: bytes, path: Path, *, is_forced: bool) -> None:
    """Write a file, by way of a temporary one beside it.

    Args:
        is_forced: Whether a file of that name is replaced.

    Raises:
        Refused: it is there already, or the system refuses.
    """
    name = printable(str(path))
    if path.is_dir():
        raise Refused(f"-o {name} is a folder; name a file in it")
    if not is_forced and os.path.lexists(path):
        raise Refused(f"-o {name} is there already; --force replaces it")
    temporary: Path | None = None
    try:
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=".flashcards-")
        temporary = Path(made)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp's files are private; a deck has the rights of any new file.
        temporary.chmod(0o666 & ~_umask())
        _put(temporary, path, is_forced)
    except FileExistsError:
        raise Refused(f"-o {name} is there already; --force replaces it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such place"
        raise Refused(f"-o {name} can't be written: {printable(reason)}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path, is_forced: bool) -> None:
    if is_forced:
        temporary.replace(path)
        return
    try:
        # A link never replaces, whoever was faster.
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        temporary.replace(path)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
