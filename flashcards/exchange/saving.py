"""A new file at the place the user named; another file is only replaced on request."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flashcards.cards import files
from flashcards.cards.printable import printable
from flashcards.exchange.notes import Refused


def save(data: bytes, path: Path | None, *, is_forced: bool) -> None:
    """Write a file, whole or not at all; None is standard output. `is_forced`: whether a file of
    that name is replaced.
    Raises Refused: it is there already, or the system refuses."""
    if path is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    name = printable(str(path))
    if path.is_dir():
        raise Refused(f"-o {name} is a folder; name a file in it")
    try:
        if not is_forced and os.path.lexists(path):
            raise FileExistsError
        files.put(data, path, is_forced=is_forced)
    except FileExistsError:
        raise Refused(f"-o {name} is there already; --force replaces it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such place"
        raise Refused(f"-o {name} can't be written: {printable(reason)}") from None
