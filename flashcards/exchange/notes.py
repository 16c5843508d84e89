"""What every reader returns: notes, and a count of what was lost. Values only, no files."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from flashcards.exchange.losses import Losses

NEVER_SEEN_TAG = "held-out"
"""A tag of a note that means: asked, never taught."""


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
