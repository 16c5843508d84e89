"""One gate between text and terminal: what would be invisible or act on a terminal gets a symbol.

Everything that a deck, a file name or a model says passes here once, on the way in.
"""

import re
import unicodedata
from collections.abc import Iterator

from flashcards.base.columns import JOINER

NEWLINE = "⏎"

ZWNJ = "\u200c"
BLACK_FLAG = "\U0001f3f4"
CANCEL_TAG = "\U000e007f"

# C0 without the newline, DEL, C1, invisible and bidi format characters, line and paragraph
# separators, fillers that draw nothing, surrogates, noncharacters, tags, variation selectors.
SUSPECT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff"
    + "".join(
        f"{chr((plane << 16) | 0xFFFE)}-{chr((plane << 16) | 0xFFFF)}" for plane in range(1, 17)
    )
    + "]"
)

# Scripts in which ZWJ and ZWNJ choose the shape of a letter: Arabic to Myanmar, Khmer and
# Mongolian, the Indic blocks beyond, and the supplementary Brahmic ones.
JOINING = re.compile("[\u0600-\u109f\u1780-\u18af\u1900-\u1aff\ua800-\uabff\U00010a00-\U00011fff]")

VARIATION_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d]")


def printable(text: str, *, newline: str = NEWLINE) -> str:
    """The text with a visible symbol for everything a terminal would obey or not show.
    Control characters become control pictures (ESC is ␛), others their number (⟨U+202E⟩). Emoji
    sequences and the joiners that scripts need stay. Idempotent."""
    if text.isprintable() and not SUSPECT.search(text):
        return text
    parts: list[str] = []
    end = 0
    for index, char in hidden(text):
        parts += (text[end:index], symbol(char))
        end = index + 1
    parts.append(text[end:])
    visible = "".join(parts)
    return visible if newline == "\n" else visible.replace("\n", newline)


def symbol(char: str) -> str:
    """The visible stand-in of one character: ␛, or ⟨U+202E⟩ where Unicode draws none."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def as_markdown(text: str) -> str:
    """The text inside Markdown, which shows it as it is: what would be markup is escaped."""
    text = printable(text).replace("\n", " ")
    return re.sub(r"[\\`*_\[\]<>#|~&$!]|:(?=//)", r"\\\g<0>", text)


_FORMULA = re.compile(r"'*[=+\-@](?!\d+([.,]\d+)*\Z)", re.ASCII)


def as_cell(text: str) -> str:
    """The text as a cell of a table, which a spreadsheet shows and does not compute: an apostrophe
    stands before what begins like a formula (OWASP, "CSV Injection"). `from_cell` takes it away."""
    return f"'{text}" if _FORMULA.match(text) else text


def from_cell(text: str) -> str:
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def hidden(text: str) -> Iterator[tuple[int, str]]:
    """Index and character of everything `printable` replaces, line feeds left out."""
    for match in SUSPECT.finditer(text):
        if not _belongs(text, match.start()):
            yield match.start(), match.group()


def _belongs(text: str, index: int) -> bool:
    """Tell whether the invisible character at `index` belongs to an emoji or a script's
    spelling."""
    char = text[index]
    before = text[index - 1] if index else ""
    after = text[index + 1 : index + 2]
    if char in (JOINER, ZWNJ):
        is_emoji = before == "\ufe0f" and _belongs(text, index - 1)
        if before == "" or (SUSPECT.match(before) and not is_emoji):
            return False
        if JOINING.match(before):
            return True
        return (
            char == JOINER
            and _is_pictured(before)
            and after not in ("", "\ufe0f")
            and _is_pictured(after)
        )
    if VARIATION_SELECTOR.match(char):
        # One selector after a character that has variants; Latin letters have none, and a second
        # selector is how bytes are smuggled through text.
        return before != "" and not before.isspace() and not _is_plain(before)
    if "\U000e0020" <= char <= CANCEL_TAG:
        flag = text.rfind(BLACK_FLAG, max(0, index - 7), index)
        return flag >= 0 and all("\U000e0020" <= tag < CANCEL_TAG for tag in text[flag + 1 : index])
    return False


def _is_plain(char: str) -> bool:
    """A character that never takes a variation selector, or one that is invisible itself."""
    return (char.isascii() and char not in "0123456789#*") or bool(SUSPECT.match(char))


def _is_pictured(char: str) -> bool:
    """An emoji, its skin tone, or the variation selector after one."""
    return char == "\ufe0f" or unicodedata.category(char) in ("So", "Sk")
