"""Text with gaps, `{{c1::Rome::city}} is in {{c2::Italy}}`: one question for each number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flashcards.exchange.html_text import MAX_FIELD_CHARACTERS

GAP = "[...]"
MAX_NUMBERS = 100  # more gaps in one note are no notes of a person

_TOKEN = re.compile(r"\{\{c(\d{1,3}(?:,\d{1,3})*)::|\}\}|::")


class _Gap:
    """One `{{c1::text::hint}}`; gaps may stand inside gaps."""

    def __init__(self, numbers: frozenset[int]) -> None:
        self.numbers = numbers
        self.parts: list[str | _Gap] = []
        self.hint: list[str | _Gap] | None = None

    def add(self, part: str | _Gap) -> None:
        (self.parts if self.hint is None else self.hint).append(part)


def has_gaps(text: str) -> bool:
    return "{{c" in text and any(match[1] for match in _TOKEN.finditer(text))


def questions(text: str) -> Iterator[tuple[str, str]]:
    """Yield for each number, lowest first, the text with its gaps open, and what belongs into them.
    A text that is too long for a card is one pair, which is too long as well."""
    if len(text) > MAX_FIELD_CHARACTERS:
        yield text, text
        return
    root = _read(text)
    numbers = sorted(set(_numbers(root)))[:MAX_NUMBERS]
    for number in numbers:
        hidden: list[str] = []
        yield "".join(_question_of(part, number, hidden) for part in root.parts), ", ".join(hidden)


def _read(text: str) -> _Gap:
    """The text as parts and gaps; an unclosed gap ends with the text."""
    root = _Gap(frozenset())
    stack = [root]
    start = 0
    for match in _TOKEN.finditer(text):
        top = stack[-1]
        if match[1]:
            if len(stack) > 20:
                continue
            gap = _Gap(frozenset(map(int, match[1].split(","))))
            top.add(text[start : match.start()])
            top.add(gap)
            stack.append(gap)
        elif top is root or (match[0] == "::" and top.hint is not None):
            continue
        elif match[0] == "::":
            top.parts.append(text[start : match.start()])
            top.hint = []
        else:
            top.add(text[start : match.start()])
            stack.pop()
        start = match.end()
    stack[-1].add(text[start:])
    return root


def _numbers(gap: _Gap) -> Iterator[int]:
    yield from gap.numbers
    for part in gap.parts:
        if isinstance(part, _Gap):
            yield from _numbers(part)


def _question_of(part: str | _Gap, number: int, hidden: list[str]) -> str:
    """A part as the question of `number` shows it; what is not shown goes to `hidden`."""
    if isinstance(part, str):
        return part
    if number in part.numbers:
        hidden.append("".join(map(_plain, part.parts)))
        hint = "".join(map(_plain, part.hint or []))
        return f"[{hint}]" if hint else GAP
    return "".join(_question_of(inner, number, hidden) for inner in part.parts)


def _plain(part: str | _Gap) -> str:
    return part if isinstance(part, str) else "".join(map(_plain, part.parts))
