"""Files at the place the user named: all of them whole, or none; others are never touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from flashcards.base.errors import UserError
from flashcards.base.system import replace
from flashcards.cards import files


class ExportError(UserError):
    """Something can't be exported; the message is one sentence for the user."""


def save_file(data: bytes, path: Path, *, is_forced: bool) -> None:
    """Write a file. `is_forced`: a file of that name is replaced.
    Raises ExportError: it is there already, or the system refuses."""
    if path.is_dir():
        raise ExportError(f"{path} is a folder; name a file in it with -o")
    if os.path.lexists(path) and not is_forced:
        raise ExportError(f"{path} is there already; --force replaces it")
    try:
        files.put(data, path, is_forced=is_forced)
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error


def save_folder(contents: Mapping[str, bytes], path: Path, *, is_forced: bool) -> None:
    """Write files into a folder, which is made if it is not there.

    `is_forced`: it may hold other files. Those with the same names are replaced, the others stay.
    Raises ExportError: it is a file or holds something, or the system refuses; nothing was written.
    """
    try:
        if os.path.lexists(path):
            if not path.is_dir():
                raise ExportError(f"{path} is a file; name a folder with -o")
            if not is_forced and any(path.iterdir()):
                raise ExportError(
                    f"the folder {path} holds something already; --force writes into it"
                )
        building = Path(tempfile.mkdtemp(dir=path.parent, prefix=".flashcards-"))
        try:
            for name, data in contents.items():
                files.put(data, building / name, is_forced=False)
            path.mkdir(exist_ok=True)
            for name in contents:
                replace(building / name, path / name)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    except (OSError, ValueError) as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError | ValueError) -> ExportError:
    reason = getattr(error, "strerror", None) or "no such place"
    return ExportError(f"{path} can't be written: {reason}")
