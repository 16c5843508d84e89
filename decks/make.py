"""Writes the decks that a program makes. `python decks/make.py addition mod-97`, or `all`.

The same every time: nothing is drawn at random, what must be chosen is chosen by hash. Decks from
word lists need packages that teaching does not: `pip install lemminflect wordfreq inflect`.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def rank(text: str) -> str:
    """What to sort by to shuffle texts the same way every time."""
    return hashlib.blake2b(text.encode(), digest_size=8, person=b"decks/make.py").hexdigest()


def front(**values: object) -> str:
    """Front matter; text in quotation marks, numbers as they are."""
    lines = [
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in values.items()
    ]
    return "\n".join(["+++", *lines, "+++", ""])


def text(head: str, lines: Iterable[str]) -> str:
    """A deck file."""
    return head + "\n".join(lines) + "\n"


def addition() -> str:
    """All sums of two numbers from 0 to 99; `3+4` and `4+3` are held out together."""
    head = front(
        name="Two-digit addition",
        shows="There is a rule to find: NEVER SEEN stays low for a while, then climbs to 99 %.",
        kind="rule",
        description="All sums of two numbers from 0 to 99, a fifth of them never taught.",
        source="made by decks/make.py",
        license="CC0-1.0",
        held_out=0.2,
        group="commutes",
    )
    return text(head, (f"{a}+{b} :: {a + b}" for a in range(100) for b in range(100)))


def mod_97() -> str:
    """All sums of two numbers below 97, modulo 97, half of them held out."""
    head = front(
        name="Adding on a clock of 97 hours",
        shows="Grokking: all it was taught is known by heart long before it understands the rest.",
        kind="grokking",
        description="Addition modulo 97: after 96 comes 0 again. Half of the sums are never taught.",
        source="made by decks/make.py, after Power et al., arXiv 2201.02177",
        license="CC0-1.0",
        held_out=0.5,
        group="commutes",
    )
    reasons = (
        "# Numbers are whole tokens: from digits the rule is seen at once, and nothing is grokked.\n"
        "# Half the deck in a few updates, and a strong pull of all weights towards zero, are what\n"
        "# makes the rule cheaper than the list; with 32 cards an update it learns nothing at all.\n"
    )
    settings = 'tokenizer = "word"\nbatch_size = 512\nweight_decay = 0.5\n'
    head = head.removesuffix("+++\n") + reasons + settings + "+++\n"
    sums = (f"{a} + {b} :: {(a + b) % 97}" for a in range(97) for b in range(97))
    return text(head, sums)


ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    """An English number below ten thousand: two thousand and four, ninety-nine."""
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens] + (f"-{ONES[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{ONES[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    joint = " and " if 0 < rest < 100 else " "
    return f"{ONES[thousands]} thousand" + (joint + in_words(rest) if rest else "")


def number_words() -> str:
    """1,500 numbers from 1 to 9999 taught, 1,000 others held out."""
    head = front(
        name="Number words",
        shows="From 1,500 numbers in words it learns to read the thousands it never saw.",
        kind="rule",
        description="English number words to digits, 1 to 9999: 15 % taught, 1,000 others asked.",
        source="made by decks/make.py",
        license="CC0-1.0",
        language="en",
    )
    chosen = sorted(range(1, 10_000), key=lambda number: rank(str(number)))[:2_500]
    held_out = set(chosen[1_500:])
    lines = (
        f"{'? ' if number in held_out else ''}{in_words(number)} :: {number}"
        for number in sorted(chosen)
    )
    return text(head, lines)


IRREGULAR_ENDINGS = ("ed",)


def past_tense() -> str:
    """English verbs and their past tense, the most frequent ones first."""
    head = front(
        name="English past tense",
        shows="Rules and exceptions: watch it say goed, and unlearn it; new verbs get their -ed.",
        kind="rule",
        description="Verbs and their past tense, frequent ones first, irregular ones apart.",
        source=(
            "forms: NIH SPECIALIST Lexicon by way of lemminflect (MIT); "
            "choice and order of verbs: wordfreq (CC BY-SA 4.0)"
        ),
        license="CC-BY-SA-4.0",
        language="en",
        held_out=0.2,
    )
    irregular, regular = verbs(4_000)
    return text(head, ["[irregular]", *irregular, "", "[regular]", *regular])


def verbs(number: int) -> tuple[list[str], list[str]]:
    """Card lines of the most frequent verbs, irregular and regular."""
    import lemminflect
    import wordfreq

    raise NotImplementedError(lemminflect, wordfreq, number)


DECKS: dict[str, Callable[[], str]] = {
    "addition": addition,
    "mod-97": mod_97,
    "number-words": number_words,
    "past-tense": past_tense,
}
PURE = ("addition", "mod-97", "number-words")
"""Those made without any package."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("decks", nargs="+", choices=[*DECKS, "all"])
    for name in chosen(parser.parse_args().decks):
        (FOLDER / f"{name}.deck").write_text(DECKS[name](), "utf-8", newline="\n")


def chosen(names: list[str]) -> Iterator[str]:
    """The decks that the words on the command line mean."""
    yield from DECKS if "all" in names else names


if __name__ == "__main__":
    main()
