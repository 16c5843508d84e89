"""Problems of a deck: one code a problem, and how a problem is written down."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from flashcards.cards.printable import printable

N_LINES_NAMED = 5

Level = Literal["fatal", "error", "warning"]


_CODES: dict[Level, str] = {
    "fatal": """
    not-found is-a-directory not-a-file program unreadable too-big utf8 utf16 front-open
    front-toml front-format text empty-deck all-held-out no-room no-model
    """,
    "error": """
    front-type front-value nul control long-line no-separator two-separators columns
    no-prompt no-answer no-a stray-a q-in-q section-unclosed empty-section-name too-long
    conflict leak
    """,
    "warning": """
    front-key bidi invisible tab nfc hidden-card duplicate-card duplicate-alternative
    leak-near in-both few-held-out
    """,
}
LEVELS: dict[str, Level] = {
    code: level for level, codes in _CODES.items() for code in codes.split()
}
"""Every code there is: a fatal problem makes the deck unusable, an error costs cards, or teaches
two answers."""


class Diagnostic(msgspec.Struct, frozen=True):
    """One problem and its place. Lines and columns count from 1, columns in characters."""

    level: Level
    code: str
    line: int
    column: int
    text: str


def diagnostic(code: str, line: int, column: int, text: str) -> Diagnostic:
    return Diagnostic(LEVELS[code], code, line, column, text)


def written(problem: Diagnostic, name: str) -> str:
    """Write a problem as a person or an editor reads it:
    `file:line:column: error|warning: text [code]`."""
    level = "warning" if problem.level == "warning" else "error"
    place = f"{printable(name)}:{problem.line}:{problem.column}"
    return f"{place}: {level}: {problem.text} [{problem.code}]"


def too_long(problems: Iterable[Diagnostic]) -> str:
    """Say how many cards are too long, and name the first of their lines; "" without any."""
    lines = sorted({problem.line for problem in problems if problem.code == "too-long"})
    if not lines:
        return ""
    numbers = ", ".join(f"{line:,}" for line in lines[:N_LINES_NAMED])
    more = ", …" if len(lines) > N_LINES_NAMED else ""
    cards, where = (
        ("1 card is", "line") if len(lines) == 1 else (f"{len(lines):,} cards are", "lines")
    )
    return f"{cards} too long and not taught ({where} {numbers}{more})"


def in_order(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    rank = {"fatal": 0, "error": 1, "warning": 2}
    return tuple(sorted(problems, key=lambda p: (p.line, p.column, rank[p.level], p.code)))


def excerpt(text: str, limit: int = 40) -> str:
    """Card text for a message: printable, on one line, cut, in quotation marks."""
    visible = printable(text)
    if len(visible) > limit:
        # No joiner at the end: what it joined is cut off, and alone it can't be seen.
        visible = visible[: limit - 1].rstrip("\u200d") + "…"
    return f"“{visible}”"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean “x”?`, or "" when nothing comes close."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean {excerpt(close[0])}?" if close else ""


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
