"""What every reader returns: notes, and a count of what was lost. Values only, no files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec

from flashcards.cards.diagnostics import counted, quoted
from flashcards.cards.printable import printable

NEVER_SEEN_TAG = "held-out"
"""A tag of a note that means: asked, never taught."""

MAX_EXAMPLES = 3

_ONE_OR_MANY = re.compile(r"\[([^|]*)\|([^]]*)\]")


class Refused(Exception):  # noqa: N818
    """The file can't be read or written; the text says what it is and what to do, on one line."""


class Note(msgspec.Struct):
    """One note of a source, as clean text.

    Attributes:
        prompt: What is asked.
        answers: At least one; the first is taught, the others count as right, too.
        where: Its place in the source for messages: "line 7", "note 1398130088".
        section: The deck, heading or column it stands under, or "".
        is_never_seen: The source says that it is to be asked and never taught.
        is_both_ways: The answer is asked for the prompt as well.
    """

    prompt: str
    answers: tuple[str, ...]
    where: str
    section: str = ""
    is_never_seen: bool = False
    is_both_ways: bool = False


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user may say about a file; None or "" leaves it to be found out.

    Attributes:
        form: anki, table, json or markdown.
        delimiter: What parts the columns of a table.
        columns: Column of the prompt and of the answer, from 1.
        front, back: Names of the fields (or headed columns) that are prompt and answer.
        has_header: Whether a table's first row names its columns.
        is_html: Whether fields are HTML.
        has_quotes: Whether quotation marks enclose fields, or are letters.
        encoding: Of the text, by one of Python's names.
    """

    form: str = ""
    delimiter: str = ""
    columns: tuple[int, int] | None = None
    front: str = ""
    back: str = ""
    has_header: bool | None = None
    is_html: bool | None = None
    has_quotes: bool | None = None
    encoding: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader found in a file.

    Attributes:
        form: How it was read, for the user: "a table: semicolon, header row, columns 1 and 2".
        notes: In the order of the file.
        losses: What of the file is in no note.
        n_read: How many notes, rows or records the file has.
        noun: What they are called: "note", "row", "record", "card".
        name: What the file calls itself, or "".
    """

    form: str
    notes: Sequence[Note]
    losses: Losses
    n_read: int
    noun: str
    name: str = ""


class Losses:
    """A tally of what was lost, by kind, in the order in which the kinds first appeared."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}

    def add(self, kind: str, noun: str, where: str, sample: str = "") -> None:
        """Count one more.

        Args:
            kind: A key of `losses.toml`.
            noun: What it is: "note", "row", "line".
            where: Its place, "line 7"; "" when it has none.
            sample: Text of it that helps to find it.
        """
        key = kind, noun
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        if count < MAX_EXAMPLES and (where or sample):
            shown = printable(where) if where else ""
            if sample:
                shown = f"{shown} {quoted(sample, 30)}".lstrip()
            self._examples.setdefault(key, []).append(shown)

    def count(self, kind: str) -> int:
        """How many of a kind, whatever they are called."""
        return sum(count for (known, _), count in self._counts.items() if known == kind)

    def counts(self) -> dict[str, int]:
        return {kind: self.count(kind) for kind, _ in self._counts}

    def lines(self) -> Iterator[str]:
        """A sentence for each kind: `12 notes had pictures: … (note 3 “dog”, note 9 “cat”, …)`."""
        for (kind, noun), count in self._counts.items():
            what = _ONE_OR_MANY.sub(r"\1" if count == 1 else r"\2", _kinds()[kind])
            sentence = f"{counted(count, noun)} {what}"
            examples = self._examples.get((kind, noun), [])
            if examples:
                more = ", …" if count > len(examples) else ""
                sentence += f" ({', '.join(examples)}{more})"
            yield sentence


@cache
def _kinds() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("losses.toml").read_text(encoding="utf-8"))
