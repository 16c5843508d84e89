"""The work of `cards.printable` as rules of the `tokenizers` library: each replaces what a regular
expression finds. Rust's Onigmo and JavaScript read these expressions alike.

A rule puts in a text of its own, and no part of what it found. So ⟨U+200B⟩ is written digit by
digit: a mark before the character, then at each place the digit of all characters that have it.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from flashcards.base.columns import JOINER
from flashcards.cards.grammar import WHITE
from flashcards.cards.printable import (
    BLACK_FLAG,
    CANCEL_TAG,
    JOINING,
    SUSPECT,
    VARIATION_SELECTOR,
    ZWNJ,
    symbol,
)

MARK = "\ue003"  # before a character that is to become visible; cards never hold it
DIGIT = "[0-9A-F]"
N_TAGS = 6  # of a flag, at most, between it and one that belongs to it

Rule = tuple[str, str]  # a regular expression, and the text that takes the place of what it finds


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in the order in which they are applied, to text in normal form C."""
    characters = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    suspects = SUSPECT.findall(characters)
    pictured = [char for char in suspects if not symbol(char).startswith("⟨")]
    numbered = {char: f"{ord(char):04X}" for char in suspects if char not in pictured}
    return (
        (f"(?={one_of(suspects)})(?!{_belonging(characters, suspects)})", MARK),
        *((f"{MARK}{char}", symbol(char)) for char in pictured),
        *_digits(numbered),
        (MARK, "⟨U+"),
    )


def _belonging(characters: str, suspects: list[str]) -> str:
    """An invisible character that stays: part of an emoji, or of a script's spelling."""
    joining = one_of(set(JOINING.findall(characters)).difference(suspects))
    selectors = one_of(VARIATION_SELECTOR.findall(characters))
    plain = [char for char in map(chr, range(0x80)) if char not in "0123456789#*"]
    varied = one_of([*plain, *suspects, *WHITE, "\x85", "\u2028", "\u2029"], is_not=True)
    tags = one_of(map(chr, range(0xE0020, ord(CANCEL_TAG))))
    flagged = "|".join(f"(?<={BLACK_FLAG}{tags * n})" for n in range(N_TAGS + 1))
    picture = r"[\p{So}\p{Sk}]"
    return (
        f"(?:(?<={joining})[{ZWNJ}{JOINER}]"
        f"|(?:(?<={picture})|(?<={varied}\ufe0f)){JOINER}(?={picture})"
        f"|(?<={varied}){selectors}"
        f"|(?:{flagged})[{chr(0xE0020)}-{CANCEL_TAG}])"
    )


def _digits(numbered: dict[str, str]) -> Iterator[Rule]:
    """Write the number of each marked character before it, and put ⟩ in its place."""
    for place in range(max(map(len, numbered.values()))):
        behind = f"(?<={MARK}{DIGIT * place})"
        digit_of = {char: number[place] for char, number in numbered.items() if place < len(number)}
        for digit in sorted(set(digit_of.values())):
            yield f"{behind}(?={one_of(c for c, d in digit_of.items() if d == digit)})", digit
    for n in sorted({len(number) for number in numbered.values()}):
        ended = one_of(char for char, number in numbered.items() if len(number) == n)
        yield f"(?<={MARK}{DIGIT * n}){ended}", "⟩"


def one_of(characters: Iterable[str], *, is_not: bool = False) -> str:
    """A class of these characters, neighbours as ranges."""
    ranges: list[list[int]] = []
    for code in sorted({ord(char) for char in characters}):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    parts = "".join(
        _literal(first) + (f"-{_literal(last)}" if last > first else "") for first, last in ranges
    )
    return f"[{'^' if is_not else ''}{parts}]"


def _literal(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "^-]\\[" else chr(code)
