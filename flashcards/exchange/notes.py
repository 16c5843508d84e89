"""Notes, which every reader returns, and a count of what was lost. Values only, no files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec

from flashcards.cards.diagnostics import counted, excerpt
from flashcards.cards.printable import printable

NEVER_SEEN_TAG = "held-out"  # a tag of a note that means: asked, never taught

MAX_EXAMPLES = 3

_ONE_OR_MANY = re.compile(r"\[([^|]*)\|([^]]*)\]")


class Note(msgspec.Struct):
    """One note of a source, as clean text."""

    prompt: str
    answers: tuple[str, ...]  # at least one; the first is taught, the others count as right, too
    where: str  # its place in the source for messages: "line 7", "note 1398130088"
    section: str = ""  # the deck, heading or column it stands under, or ""
    is_never_seen: bool = False
    is_both_ways: bool = False


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Choices of the user about a file; None or "" leaves it to be found out.
    `front` and `back`: names of the fields (or headed columns) that are prompt and answer."""

    form: str = ""  # anki, table, json or markdown
    delimiter: str = ""
    columns: tuple[int, int] | None = None  # column of the prompt and of the answer, from 1
    front: str = ""
    back: str = ""
    has_header: bool | None = None
    is_html: bool | None = None
    has_quotes: bool | None = None  # whether quotation marks enclose fields, or are letters
    encoding: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The notes that a reader took from a file, and what it lost."""

    form: str  # how it was read, for the user: "a table: semicolon, header row, columns 1 and 2"
    notes: Sequence[Note]
    losses: Losses
    n_read: int  # how many notes, rows or records the file has
    noun: str  # what they are called: "note", "row", "record", "card"
    name: str = ""  # what the file calls itself, or ""


class Losses:
    """A tally of what was lost, by kind, in the order in which the kinds first appeared."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}

    def add(self, kind: str, noun: str, where: str, sample: str = "") -> None:
        """Count one more. `kind`: a key of `losses.toml`. `noun`: "note", "row", "line". `where`:
        "line 7"; "" when it has no place. `sample`: text that helps to find it."""
        key = kind, noun
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        if count < MAX_EXAMPLES and (where or sample):
            example = printable(where) if where else ""
            if sample:
                example = f"{example} {excerpt(sample, 30)}".lstrip()
            self._examples.setdefault(key, []).append(example)

    def count(self, kind: str) -> int:
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
