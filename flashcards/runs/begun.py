"""Which deck file each run was begun from here, kept beside the runs and never in their folders.

What `run.json` says of a path proves nothing: the folder may come from somebody else. A deck file
is followed, copied into the run or written only where this file knows it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from flashcards.runs.files import open_file, read_file, write_atomically

FILE = "begun.txt"
MAX_BYTES = 1 << 20
"""Some 16,000 runs; then the older half is forgotten."""


def note_begun(run: str, deck_path: str) -> None:
    """Remember that the run of this name was begun from the deck in this file.

    Where that can't be written, the file is not followed once the run is gone on with.
    """
    path = _file()
    line = _line(run, deck_path)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_file(path, "ab") as file:
            file.write(line)
            size = file.tell()
        if size > MAX_BYTES:
            lines = read_file(path, 2 * MAX_BYTES).splitlines(keepends=True)
            write_atomically(path, b"".join(lines[len(lines) // 2 :]))


def was_begun_from(run: str, deck_path: str) -> bool:
    try:
        return _line(run, deck_path) in read_file(_file(), 2 * MAX_BYTES).splitlines(keepends=True)
    except OSError:
        return False


def _line(run: str, deck_path: str) -> bytes:
    both = f"{run}\0{os.path.abspath(deck_path)}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(both).hexdigest().encode() + b"\n"


def _file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / FILE
