"""The versions of the deck that a run folder keeps: one for each change, and for each chapter.

A version's file is `deck/NNNN-NAME`. Beside it lie the judge of its rewards and, in a later
chapter, the list of the decks taught before.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.base.decoding import decode_json
from flashcards.runs import cursor, events, run_files

MAX_EARLIER = 64


class DeckVersions:
    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def log_path(self) -> Path:
        return self.path / "events.jsonl"

    def deck_path(self, at_most: int | None = None) -> Path:
        """The deck in force at the end of the log, or after update `at_most`.
        A version that was written but is not in the log never came into force.
        Raises RunError: it isn't there."""
        changes = self.deck_changes(at_most)
        return self.deck_version(changes[-1][1] if changes else "")

    def deck_changes(self, at_most: int | None = None) -> list[tuple[int, str]]:
        """The decks that came into force after the first, up to step `at_most`: (step, file)."""
        return [
            (event.step, event.file)
            for event in cursor.read_run(self.log_path, [events.DeckChanged, events.ChapterBegan])
            if isinstance(event, events.DeckChanged) and (at_most is None or event.step <= at_most)
        ]

    def deck_version(self, file: str) -> Path:
        """The version of the deck with this file name; the one the run began with for "".
        Raises RunError: it isn't there."""
        versions = self.deck_versions()
        matches = [path for path in versions if path.name == file] if file else versions[:1]
        if not matches:
            raise run_files.RunError(f"{self.path} has lost its deck{f' {file}' if file else ''}")
        return matches[0]

    def save_deck(self, name: str, data: bytes, earlier: Sequence[str] = ()) -> str:
        """Keep another version of the deck; its file name. It comes into force with its event.
        `earlier`: in a later chapter, the versions of the decks taught before, oldest first.
        Raises OSError: it can't be written."""
        number = max((int(path.name[:4]) for path in self.deck_versions()), default=-1) + 1
        file = f"{number:04d}-{as_file_name(name)}"
        if earlier:
            run_files.write_atomically(
                self.path / "deck" / _after(file), msgspec.json.encode(list(earlier))
            )
        run_files.write_atomically(self.path / "deck" / file, data)
        return file

    def earlier_versions(self, file: str) -> tuple[str, ...]:
        """The versions of the decks taught before this one, oldest first; none of the first deck.
        Raises RunError: what says it is damaged."""
        path = self.path / "deck" / _after(file)
        if not file or not path.exists():
            return ()
        try:
            earlier = decode_json(
                run_files.read_file(path, run_files.MAX_JSON_BYTES), tuple[str, ...]
            )
        except (OSError, msgspec.DecodeError) as error:
            raise run_files.RunError(f"{path} is damaged: {error}") from error
        if not 0 < len(earlier) <= MAX_EARLIER:
            raise run_files.RunError(f"{path} is damaged: it names {len(earlier)} decks")
        return earlier

    def save_judge(self, file: str, judge: bytes, program: bytes | None = None) -> None:
        """Keep who gives the rewards for this version of the deck, and its program if it is one.
        Raises OSError: it can't be written."""
        if program is not None:
            run_files.write_atomically(self.path / "deck" / f"{file[:4]}.judge.py", program)
        run_files.write_atomically(self.path / "deck" / f"{file[:4]}.judge.json", judge)

    def judge(self, file: str) -> tuple[bytes | None, Path]:
        """Return the judge of this version ("" is the first), None where answers teach; and the
        path of its program, if it is one.
        Raises RunError: it can't be read."""
        number = file[:4] or "0000"
        path = self.path / "deck" / f"{number}.judge.json"
        program = path.with_suffix(".py")
        if not path.exists():
            return None, program
        try:
            return run_files.read_file(path, run_files.MAX_JSON_BYTES), program
        except OSError as error:
            raise run_files.RunError(f"{path} can't be read: {error.strerror or error}") from error

    def has_had_deck(self, data: bytes) -> bool:
        """Tell whether a version of its deck is this one, to the byte.
        Raises OSError: one can't be read."""
        return any(
            path.stat().st_size == len(data)
            and run_files.read_file(path, run_files.MAX_DECK_BYTES) == data
            for path in self.deck_versions()
        )

    def deck_versions(self) -> list[Path]:
        return sorted((self.path / "deck").glob("[0-9][0-9][0-9][0-9]-*"))


def _after(file: str) -> str:
    return f"{file[:4]}.after.json"


def as_file_name(text: str) -> str:
    """The text as a part of a file's name: a dash for what leads elsewhere or Windows refuses."""
    return re.sub(r'[/\\:*?"<>|\x00-\x1f]', "-", run_files.as_unicode(text))
