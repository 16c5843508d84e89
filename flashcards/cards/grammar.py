"""The words of the deck format: white space, separators, leading marks, and the one backslash rule.

Reader and writer share them, so that what one writes the other reads.
"""

import re
import unicodedata
from collections.abc import Sequence

from flashcards.cards.printable import printable

WHITE = " \t\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""White space that may stand around a separator; the wide ones come from foreign keyboards."""

SEPARATOR = re.compile(rf"(?<![^{WHITE}])(\\*)(:::?|\|)(?![^{WHITE}])")
"""A separator with white space (or nothing) on both sides, and the backslashes before it."""

BAR = re.compile(rf"(?<![^{WHITE}])(\\*)(\|)(?![^{WHITE}])")
"""The separator of answers alone: all that counts where TABs part prompt and answer."""

_MARK = rf"[#\[]|\?(?:[{WHITE}]|$)|[QA]:|\+\+\+"
_LEADING_MARK = re.compile(rf"\\*(?:{_MARK})")
_ESCAPED_MARK = re.compile(rf"\\+(?:{_MARK})")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_BLOCK_MARK = re.compile(rf"([QA]):(?=[{WHITE}]|$)")


def split_lines(text: str) -> list[str]:
    """Lines with their ends, parted at LF, CRLF and CR only; joined again they are the text."""
    return _LINE.findall(text)


def is_never_seen(content: str, white: str = WHITE) -> bool:
    """Tell whether a line starts with the never-taught mark: `?` and white space."""
    return content[:1] == "?" and (len(content) == 1 or content[1] in white)


def block_mark(content: str) -> str:
    """ "Q" or "A" where a line starts with `Q:` or `A:`, else ""."""
    match = _BLOCK_MARK.match(content)
    return match[1] if match else ""


def escape_mark(text: str) -> str:
    return "\\" + text if _LEADING_MARK.match(text) else text


def unescape_mark(text: str) -> str:
    return text[1:] if _ESCAPED_MARK.match(text) else text


def escape_separators(text: str, separator: re.Pattern[str] = SEPARATOR) -> str:
    return separator.sub(r"\\\g<0>", text)


def unescape_separators(text: str, separator: re.Pattern[str] = SEPARATOR) -> str:
    if "\\" not in text:
        return text
    return separator.sub(lambda match: match[0][1:] if match[1] else match[0], text)


def as_taught(text: str) -> str:
    """Text in the form a card holds: trimmed, in normal form C, every character visible."""
    text = text.strip(WHITE)
    if text.isascii() and text.isprintable():
        return text
    return printable(unicodedata.normalize("NFC", text), newline="\n")


def joined(answers: Sequence[str]) -> str:
    """Several answers as one text, parted by spaced bars."""
    return " | ".join(escape_separators(answer, BAR) for answer in answers)
