"""What can be wrong with a deck: one code a problem, and how a problem is written down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from flashcards.cards.printable import printable

N_LINES_NAMED = 5

Level = Literal["fatal", "error", "warning"]


class Code(NamedTuple):
    """How bad a kind of problem is, and what it means in one line."""

    level: Level
    meaning: str


CODES: dict[str, Code] = {
    "not-found": Code("fatal", "no such file, and no deck of that name"),
    "is-a-directory": Code("fatal", "a folder was given where a deck file was meant"),
    "not-a-file": Code("fatal", "a pipe, socket or device, not a file"),
    "program": Code("fatal", "a Python program, which may make a deck and is none"),
    "unreadable": Code("fatal", "the system refuses to open or read the file"),
    "too-big": Code("fatal", "the file is larger than a deck may be, or has more cards"),
    "utf8": Code("fatal", "a byte that is not UTF-8 text"),
    "utf16": Code("fatal", "the file is UTF-16 or UTF-32, not UTF-8"),
    "front-open": Code("fatal", "the front matter is opened by +++ and never closed"),
    "front-toml": Code("fatal", "the front matter is not TOML"),
    "front-format": Code("fatal", "the deck is written in a newer format than this program reads"),
    "text": Code("fatal", "a text to be read, which has no cards"),
    "empty-deck": Code("fatal", "not one usable card"),
    "all-held-out": Code("fatal", "every card is one that is never taught"),
    "front-type": Code("error", "a front matter key has a value of the wrong kind"),
    "front-value": Code("error", "a front matter key has a value out of range"),
    "nul": Code("error", "a NUL character"),
    "control": Code("error", "a control character that a terminal would obey"),
    "long-line": Code("error", "a line far longer than any card"),
    "no-separator": Code("error", "a line that is no card: nothing parts prompt and answer"),
    "two-separators": Code("error", "more than one separator in a line"),
    "columns": Code("error", "a TAB-separated line without exactly two columns"),
    "no-prompt": Code("error", "a card without a prompt"),
    "no-answer": Code("error", "a card without an answer"),
    "no-a": Code("error", "a Q: that no A: answers"),
    "stray-a": Code("error", "an A: without a Q: before it"),
    "q-in-q": Code("error", "a second Q: before the first was answered"),
    "section-unclosed": Code("error", "a [section without its ]"),
    "empty-section-name": Code("error", "a section without a name"),
    "too-long": Code("error", "a card longer than the model can hold"),
    "no-room": Code("fatal", "a card of more pieces than the model can hold"),
    "no-model": Code("fatal", "settings in the front matter that no model can have together"),
    "conflict": Code("error", "one prompt with two different answers"),
    "leak": Code("error", "one prompt both taught and never taught"),
    "front-key": Code("warning", "a front matter key that means nothing here"),
    "bidi": Code("warning", "a character that reorders text invisibly"),
    "invisible": Code("warning", "a character that cannot be seen"),
    "tab": Code("warning", "a TAB inside a prompt or an answer"),
    "nfc": Code("warning", "text not in Unicode normal form C"),
    "hidden-card": Code("warning", "a comment that looks like a card whose prompt starts with #"),
    "duplicate-card": Code("warning", "the same card again"),
    "duplicate-alternative": Code("warning", "the same answer twice on one card"),
    "leak-near": Code("warning", "a never-seen card that a taught one all but gives away"),
    "in-both": Code("warning", "a prompt that an earlier deck asks too, with another answer"),
    "few-held-out": Code("warning", "too few never-seen cards to measure anything"),
}


class Diagnostic(msgspec.Struct, frozen=True):
    """One problem and its place. Lines and columns count from 1, columns in characters."""

    level: Level
    code: str
    line: int
    column: int
    text: str


def diagnostic(code: str, line: int, column: int, text: str) -> Diagnostic:
    """The problem `code` at a place, at the level that CODES gives it."""
    return Diagnostic(CODES[code].level, code, line, column, text)


def written(problem: Diagnostic, name: str) -> str:
    """The line a person or an editor reads: `file:line:column: error|warning: text [code]`.

    A fatal problem reads "error" too: the file is what is wrong, and editors know two words.
    """
    level = "warning" if problem.level == "warning" else "error"
    place = f"{printable(name)}:{problem.line}:{problem.column}"
    return f"{place}: {level}: {problem.text} [{problem.code}]"


def too_long(problems: Iterable[Diagnostic]) -> str:
    """How many cards are too long, and the first lines of them; "" without any."""
    lines = sorted({problem.line for problem in problems if problem.code == "too-long"})
    if not lines:
        return ""
    shown = ", ".join(f"{line:,}" for line in lines[:N_LINES_NAMED])
    more = ", …" if len(lines) > N_LINES_NAMED else ""
    cards = "1 card is" if len(lines) == 1 else f"{len(lines):,} cards are"
    where = f"line{'s' if len(lines) > 1 else ''} {shown}{more}"
    return f"{cards} too long and not taught ({where})"


def in_order(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The problems by line and column, fatal ones first where they share a place."""
    rank = {"fatal": 0, "error": 1, "warning": 2}
    return tuple(sorted(problems, key=lambda p: (p.line, p.column, rank[p.level], p.code)))


def quoted(text: str, limit: int = 40) -> str:
    """Card text for a message: printable, on one line, cut, in quotation marks."""
    shown = printable(text)
    if len(shown) > limit:
        # No joiner at the end: what it joined is cut off, and alone it can't be seen.
        shown = shown[: limit - 1].rstrip("\u200d") + "…"
    return f"“{shown}”"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean “x”?`, or "" when nothing comes close."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {quoted(close[0])}?" if close else ""


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 card", "1,204 cards"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
