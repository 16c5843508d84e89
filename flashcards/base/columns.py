"""Text in columns of a terminal: how wide it is, cut, padded, wrapped. Standard library only."""

import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator

COLUMNS = 80
TAIL_COLUMNS = 12
JOINER = "\N{ZERO WIDTH JOINER}"
NO_WIDTH = ("Mn", "Me", "Cf")  # categories of marks, and of characters that only join or direct
_UNBROKEN = "\N{NO-BREAK SPACE}"


def width(text: str) -> int:
    """Return how many columns a text takes: two for a wide character, none for one that is drawn
    with the character before it, or not at all."""
    return sum(
        0
        if unicodedata.category(char) in NO_WIDTH
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
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


def clusters(text: str, measure: Callable[[str], int] = width) -> Iterator[str]:
    """Yield pieces that must not be cut apart: a character and what combines with it."""
    cluster = ""
    for char in text:
        if cluster and (measure(char) == 0 or cluster.endswith(JOINER)):
            cluster += char
            continue
        if cluster:
            yield cluster
        cluster = char
    if cluster:
        yield cluster


def cut(text: str, n_columns: int, measure: Callable[[str], int] = width) -> str:
    """Return the start of the text in at most so many columns; an ellipsis stands for the rest.
    `measure`: how wide a text is where it is shown."""
    if measure(text) <= n_columns:
        return text
    if n_columns <= 0:
        return ""
    if text.isascii() and text.isprintable():  # a column each
        return f"{text[: n_columns - 1].rstrip(' ')}…"
    start = ""
    for cluster in clusters(text, measure):
        if measure(start + cluster) > n_columns - 1:
            break
        start += cluster
    return f"{start.rstrip(' ')}…"


def padded(text: str, n_columns: int, measure: Callable[[str], int] = width) -> str:
    """Return the text with as many spaces behind it as fill the columns."""
    return text + " " * (n_columns - measure(text))


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
