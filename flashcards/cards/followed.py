"""Notices when a deck's file is saved, however the editor saves it.

Some write a new file and rename it into place, others write into the old one. So the name is looked
at, not the file; network folders have no notifications.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from flashcards.base.system import python
from flashcards.cards import diagnostics, shelf
from flashcards.cards.format import parse

TAUGHT_ALL_THE_SAME = frozenset({"conflict", "leak"})
"""Errors that take no card away: a deck with one more of them is no broken save."""

APART_FROM_BYTES = 2_000_000  # some 100,000 cards


class FollowedDeck:
    """One deck file; call `new_version` every now and then."""

    def __init__(self, path: Path, *, is_new: bool = False) -> None:
        """`is_new`: the file as it is now counts as saved since the last time."""
        self.path = path
        self._seen: tuple[int, ...] | None = None if is_new else self._look()
        self._data: bytes | None = None
        self._empty: tuple[int, ...] | None = None

    def new_version(self) -> bytes | None:
        """The file's bytes when it was saved since the last time; None when it was not. A file that
        is away, is being written or is empty is left for the next time: many editors empty the file
        first, and then write.
        Raises DeckUnusable: what was saved is no deck file: a folder, a pipe, too big, not text."""
        before = self._look()
        if before is None or before == self._seen:
            return None
        try:
            data = shelf.read(self.path)
        except shelf.DeckUnusable as error:
            if error.diagnostics[0].code == "not-found":
                return None
            self._seen = before
            raise
        if self._look() != before:
            return None
        if not data and self._empty != before:
            self._empty = before
            return None
        self._seen = before
        if data == self._data:
            return None
        self._data = data
        return data

    def _look(self) -> tuple[int, ...] | None:
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns


def broken(data: bytes, name: str) -> tuple[diagnostics.Diagnostic, ...]:
    return tuple(
        problem
        for problem in parse(data, name).diagnostics
        if problem.level == "fatal"
        or (problem.level == "error" and problem.code not in TAUGHT_ALL_THE_SAME)
    )


def judged(data: bytes, name: str) -> tuple[diagnostics.Diagnostic, ...]:
    """Do as `broken`, for a large file in another process: a million cards would take 1 GB here.
    Waits for that process. If it fails, no problem is reported; the next reader reports them."""
    if len(data) <= APART_FROM_BYTES:
        return broken(data, name)
    command = python("-m", "flashcards.cards.followed", name)
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return msgspec.json.decode(done.stdout, type=tuple[diagnostics.Diagnostic, ...])
    except msgspec.DecodeError:
        return ()


if __name__ == "__main__":
    problems = broken(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(msgspec.json.encode(problems))
