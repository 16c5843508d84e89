"""Markdown notes as cards: `front::back`, `front:::back`, `Q:`/`A:`, and `?` between two parts.

The signs of Obsidian's Spaced Repetition (st3v3nmw/obsidian-spaced-repetition, README), Logseq,
and SuperMemo's Q&A text. Headings are sections. What is no card is counted as prose.
"""

import re

from flashcards.exchange.gathering import Gathering
from flashcards.exchange.notes import Options, Source

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.{1,500}?)[ \t#]*$")
_LIST = re.compile(r"\A[ \t]*(?:[-*+]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_PART = re.compile(r"[ \t]*(?:\*\*)?([QA]):(?:\*\*)?[ \t]*(.*)$")
_SPACED = re.compile(r"[ \t](:::?)[ \t]")
_BARE = re.compile(r"(?<!:)(:::?)(?!:)")
_CODE = re.compile(r"`[^`\n]*`")
_PROPERTY = re.compile(
    r"(?:id|title|alias|aliases|tags?|type|icon|public|filters|template|created|updated|collapsed|"
    r"card-[a-z-]{1,40}|heading|background-color|exclude-from-graph-view)::",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ \t]*(?:-[ \t]*){3,}$|[ \t]*(?:\*[ \t]*){3,}$|[ \t]*(?:_[ \t]*){3,}$")
MAX_LINE_CHARACTERS = 20_000


def looks_like(text: str) -> bool:
    lines = [line for line in text[:200_000].split("\n") if line.strip()]
    parts = {match[1] for line in lines if (match := _PART.match(line)) and match[2]}
    if parts == {"Q", "A"}:
        return True
    n_headings = sum(bool(_HEADING.match(line)) for line in lines)
    n_signs = sum(_sign(line) is not None for line in lines)
    return n_signs > 0 and 2 * n_signs >= len(lines) - n_headings


def read_markdown(text: str, suffix: str, options: Options) -> Source:
    reader = _NoteReader(is_html=bool(options.is_html))
    lines = text.split("\n")
    for number, line in enumerate(lines[reader.skip_front_matter(lines) :], reader.n_front + 1):
        reader.read(line, number)
    reader.end()
    gathering = reader.gathering
    unread = map(gathering.losses.count, ("empty", "too-long", "unanswered"))
    n_read = len(gathering.notes) + sum(unread)
    return gathering.source("Markdown: Q: and A:, ::, headings as sections", n_read)


def _sign(line: str) -> re.Match[str] | None:
    """The `::` or `:::` that parts a line: a spaced one, else the first outside of code."""
    bare = _CODE.sub(lambda match: "`" * len(match[0]), line)
    return _SPACED.search(bare) or _BARE.search(bare)


class _NoteReader:
    """Takes line after line; a blank line ends a card of several lines."""

    def __init__(self, *, is_html: bool) -> None:
        self.gathering = Gathering("card", is_html=is_html)
        self.n_front = 0
        self._section = ""
        self._fence = ""
        self._paragraph: list[str] = []
        self._first = 0
        self._parts: list[tuple[str, list[str]]] = []

    def skip_front_matter(self, lines: list[str]) -> int:
        """Count the YAML's lines at the top as properties, and return how many lines it takes."""
        if lines[0].strip() == "---":
            for index, line in enumerate(lines[1:500], 1):
                if line.strip() in ("---", "..."):
                    for number in range(1, index):
                        self._lose("property", number + 1, lines[number])
                    self.n_front = index + 1
                    break
        return self.n_front

    def read(self, line: str, number: int) -> None:
        if len(line) > MAX_LINE_CHARACTERS:
            self.end()
            self._lose("prose", number, line[:100])
        elif fence := _FENCE.match(line):
            self.end()
            self._fence = "" if self._fence == fence[1] else self._fence or fence[1]
            self._lose("code", number, line)
        elif self._fence:
            self._lose("code", number, line)
        elif not line.strip() or _RULE.match(line):
            self.end()
        elif heading := _HEADING.match(line):
            self.end()
            self._section = heading[1]
        elif part := _PART.match(_LIST.sub("", line, count=1)):
            if part[1] == "Q" or not self._parts:
                self.end()
                self._first = number
            self._parts.append((part[1], [part[2]]))
        elif self._parts:
            self._parts[-1][1].append(line.strip())
        else:
            self._paragraph.append(line)
            if len(self._paragraph) == 1:
                self._first = number

    def _lose(self, kind: str, number: int, sample: str) -> None:
        noun = "card" if kind == "unanswered" else "line"
        self.gathering.losses.add(kind, noun, f"line {number}", sample.strip()[:100])

    def end(self) -> None:
        """End what was begun (at a blank line, a heading, the end): a card, or prose."""
        if self._parts:
            self._end_parts()
        elif self._paragraph:
            self._end_paragraph()
        self._parts, self._paragraph = [], []

    def _end_parts(self) -> None:
        texts = [(letter, "\n".join(lines).strip()) for letter, lines in self._parts]
        letters = [letter for letter, _ in texts]
        if letters[0] != "Q" or len(texts) == 1:
            kind = "unanswered" if letters[0] == "Q" else "prose"
            self._lose(kind, self._first, texts[0][1])
            return
        self._add(texts[0][1], [text for _, text in texts[1:]], self._first)

    def _end_paragraph(self) -> None:
        marks = [index for index, line in enumerate(self._paragraph) if line.strip() in ("?", "??")]
        if len(marks) == 1 and 0 < marks[0] < len(self._paragraph) - 1:
            at = marks[0]
            texts = [_LIST.sub("", line, count=1).strip() for line in self._paragraph]
            front = "\n".join(texts[:at])
            back = "\n".join(texts[at + 1 :])
            self._add(front, [back], self._first, self._paragraph[at].strip() == "??")
            return
        for number, line in enumerate(self._paragraph, self._first):
            content = _LIST.sub("", line, count=1).strip()
            sign = _sign(content)
            if _PROPERTY.match(content):
                self._lose("property", number, content)
            elif sign is None:
                self._lose("prose", number, content)
            else:
                front = content[: sign.start(1)].strip()
                back = content[sign.end(1) :].strip()
                self._add(front, [back], number, sign[1] == ":::")

    def _add(self, front: str, backs: list[str], number: int, is_both_ways: bool = False) -> None:
        where = f"line {number}"
        self.gathering.add(front, backs, where, section=self._section, is_both_ways=is_both_ways)
