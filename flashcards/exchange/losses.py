"""What was left out or changed on the way: counted by kind, with examples.

Every reader reports here what it leaves out; nothing is dropped without a line in the summary.
What is said of each kind is in `losses.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flashcards.cards.diagnostics import counted, quoted
from flashcards.cards.printable import printable

MAX_EXAMPLES = 3

_ONE_OR_MANY = re.compile(r"\[([^|]*)\|([^]]*)\]")


class Losses:
    """A tally of what was lost, by kind, in the order in which the kinds first appeared."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}

    def add(self, kind: str, noun: str, where: str, sample: str = "") -> None:
        """Count one more.

        Args:
            kind: A key of `losses.toml`.
            noun: What it is: "note", "row", "line".
            where: Its place, "line 7"; "" when it has none.
            sample: Text of it that helps to find it.
        """
        key = kind, noun
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        if count < MAX_EXAMPLES and (where or sample):
            shown = printable(where) if where else ""
            if sample:
                shown = f"{shown} {quoted(sample, 30)}".lstrip()
            self._examples.setdefault(key, []).append(shown)

    def count(self, kind: str) -> int:
        """How many of a kind, whatever they are called."""
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
