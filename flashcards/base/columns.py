"""Text in columns of a terminal: how wide it is, cut, padded, wrapped. Standard library only."""

import shutil
import sys
import textwrap
import unicodedata

COLUMNS = 80
TAIL_COLUMNS = 12
_UNBROKEN = "\N{NO-BREAK SPACE}"


def width(text: str) -> int:
    """Return how many columns a text takes: two for a wide character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def shortened(text: str, n_columns: int) -> str:
    """The text in so many columns: what is too much of it is left out before its end."""
    if width(text) <= n_columns:
        return text
    end = text[-TAIL_COLUMNS:]
    while width(end) > TAIL_COLUMNS:
        end = end[1:]
    start = text
    while width(start) > n_columns - 1 - width(end):
        start = start[:-1]
    return f"{start}…{end}"


def cut(text: str, n_columns: int) -> str:
    """The start of the text in so many columns; what is left out is an ellipsis."""
    if width(text) <= n_columns:
        return text
    while text and width(text) >= n_columns:
        text = text[:-1]
    return f"{text.rstrip(' ')}…"


def padded(text: str, n_columns: int) -> str:
    return text + " " * (n_columns - width(text))


def unbroken(words: str) -> str:
    """Words that `wrapped` keeps in one line; `joined` makes them plain again."""
    return words.replace(" ", _UNBROKEN)


def wrapped(text: str, n_indent: int = 0) -> list[str]:
    """Lines of at most 80 columns, fewer on a narrow terminal; all but the first are indented."""
    n_columns = min(COLUMNS, shutil.get_terminal_size().columns) if sys.stdout.isatty() else COLUMNS
    indent = " " * n_indent
    lines = textwrap.wrap(
        text, n_columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [joined(line) for line in lines]


def joined(text: str) -> str:
    return text.replace(_UNBROKEN, " ")
