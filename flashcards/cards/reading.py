"""Lines into cards: the body of a deck file, line by line, with a problem for each line that fails.

Knows nothing of who is kept back by share and of what the whole deck adds up to: see `format`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

import msgspec

from flashcards.cards.card import MAX_WRITTEN_CHARACTERS
from flashcards.cards.diagnostics import Diagnostic, diagnostic, excerpt
from flashcards.cards.front_matter import FENCE, FrontMatter
from flashcards.cards.grammar import (
    BAR,
    SEPARATOR,
    WHITE,
    as_taught,
    block_mark,
    is_never_seen,
    unescape_mark,
    unescape_separators,
)
from flashcards.cards.printable import hidden, symbol

Style = Literal["line", "tab", "block"]

MAX_LINE_CHARACTERS = MAX_WRITTEN_CHARACTERS  # a longer line is no card and is not looked into

_CARD_LIKE_COMMENT = re.compile(rf"#[^#{WHITE}].*[{WHITE}]:::?[{WHITE}]")
_SECTION = re.compile(r"\[([^\]]*)\]")
_NEARLY_SEPARATED = re.compile(r"\S:::?(?=\s)|(?<=\s):::?\S|\S:::?(?=\S)")
_OTHER_SEPARATOR = re.compile(rf"[{WHITE}](=>|->|→|==?|—|–|-|;|,|:)[{WHITE}]")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class WrittenCard(msgspec.Struct, gc=False):
    """A card as its lines give it, before the deck around it is known."""

    prompt: str
    answers: list[str]
    section: str
    is_marked: bool
    is_both_ways: bool
    style: Style
    line: int
    column: int
    last_line: int = 0
    card_index: int = -1

    @property
    def is_two(self) -> bool:
        """True for a card in either direction, unless both directions are the same."""
        return self.is_both_ways and self.prompt != self.answers[0]


class DeckReader:
    """Reads the lines of a body one after another, and gives each card to `take`."""

    def __init__(
        self, front: FrontMatter, take: Callable[[WrittenCard], None], *, is_tabbed: bool
    ) -> None:
        self.problems: list[Diagnostic] = []
        self._take = take
        self._section = ""
        self._is_tabbed = is_tabbed
        self._is_both_ways = front.is_both_ways
        self._max_characters = front.wishes.max_characters
        self._block: _Block | None = None

    def read(self, raw: str, line: int) -> None:
        if len(raw) > MAX_LINE_CHARACTERS:
            text = f"{len(raw):,} characters in one line; at most {MAX_LINE_CHARACTERS:,} are read"
            self._report("long-line", line, 1, text)
            return
        if self._block is None and not self._is_tabbed and self._read_plain(raw, line):
            return
        if not raw.isprintable():
            self._report_hidden(raw, line)
        if not raw.isascii():
            self._report_form(raw, line)
        content = raw.strip(WHITE)
        if not content:
            self._close_block()
        elif self._block is None or not self._continue_block(self._block, raw, line):
            self._read_line(raw, content, line)

    def finish(self) -> None:
        self._close_block()

    def _read_plain(self, raw: str, line: int) -> bool:
        """Take the line if it is `prompt :: answer` in letters that need no second look, and tell
        whether it was. Nearly every line of a large deck is; the reader below would give the same.
        """
        prompt, separator, answer = raw.partition(" :: ")
        if not (separator and raw.isascii() and raw.isprintable()):
            return False
        if raw[0] in "#[? " or ":" in prompt or ":" in answer or "|" in raw or "\\" in raw:
            return False
        prompt, answer = prompt.rstrip(" "), answer.strip(" ")
        if not prompt or not answer or len(prompt) + len(answer) > self._max_characters:
            return False
        both = self._is_both_ways
        card = WrittenCard(prompt, [answer], self._section, False, both, "line", line, 1, line)
        self._take(card)
        return True

    def _report(self, code: str, line: int, column: int, text: str) -> None:
        self.problems.append(diagnostic(code, line, column, text))

    def _report_hidden(self, raw: str, line: int) -> None:
        """One problem a line for each kind of character that cannot be seen."""
        reported = {"tab"}
        for index, char in hidden(raw):
            code, text = _hidden_problem(char)
            if code not in reported:
                reported.add(code)
                self._report(code, line, index + 1, text)

    def _report_form(self, raw: str, line: int) -> None:
        if unicodedata.is_normalized("NFC", raw):
            return
        normal = unicodedata.normalize("NFC", raw)
        pairs = enumerate(zip(raw, normal, strict=False))
        index = next((i for i, (a, b) in pairs if a != b), min(len(raw), len(normal)))
        text = "letters and accents apart (not Unicode NFC); they are read as one character"
        self._report("nfc", line, index + 1, text)

    def _read_line(self, raw: str, content: str, line: int) -> None:
        column = raw.index(content) + 1
        if content[0] == "#":
            if _CARD_LIKE_COMMENT.match(content):
                text = "read as a comment; if it is a card, start it with \\#"
                self._report("hidden-card", line, column, text)
            return
        if content[0] == "[" and self._read_section(content, line, column):
            return
        white = WHITE
        if self._is_tabbed:
            # Here a TAB at either end is an empty column, and no white space.
            white = WHITE.replace("\t", "")
            content = raw.strip(white)
            column = raw.index(content) + 1
        if is_marked := is_never_seen(content, white):
            rest = content[1:].lstrip(white)
            column += len(content) - len(rest)
            content = rest
        if self._is_tabbed:
            self._read_tabbed(content, is_marked, line, column)
        elif (mark := block_mark(content)) == "Q":
            self._block = _Block(is_marked, line, column, [[content[2:]]], line)
        elif mark == "A":
            text = "A: answers nothing; a Q: must stand before it, without a blank line between"
            self._report("stray-a", line, column, text)
        else:
            self._read_pair(content, is_marked, line, column)

    def _read_section(self, content: str, line: int, column: int) -> bool:
        """Read a line that starts with `[`, and tell whether it was meant as a section."""
        if match := _SECTION.fullmatch(content):
            self._section = " ".join(as_taught(match[1]).split())
            if not self._section:
                text = "a section needs a name, like [animals]"
                self._report("empty-section-name", line, column, text)
            return True
        if "\t" in content or any(not m[1] and m[2] != "|" for m in SEPARATOR.finditer(content)):
            return False
        if "]" in content:
            column += content.index("]") + 1
            text = "nothing may follow the ] of a section"
        else:
            text = "the section is not closed by ]; if it is a card, write prompt :: answer"
        self._report("section-unclosed", line, column, text)
        return True

    def _read_pair(self, content: str, is_marked: bool, line: int, column: int) -> None:
        tokens = [match for match in SEPARATOR.finditer(content) if not match[1]]
        colons = [match for match in tokens if match[2] != "|"]
        if not colons:
            self._report("no-separator", line, column, _separator_hint(content))
            return
        separator = colons[0]
        if len(colons) > 1:
            second = colons[1]
            text = f"a second {second[2]}; if it is part of the text, write \\{second[2]}"
            self._report("two-separators", line, column + second.start(), text)
            return
        prompt = unescape_mark(unescape_separators(content[: separator.start()].rstrip(WHITE)))
        bars = [match for match in tokens if match.start() > separator.start()]
        answers = _parts(content, separator.end(), bars, SEPARATOR)
        is_both = separator[2] == ":::" or self._is_both_ways
        card = WrittenCard(prompt, answers, self._section, is_marked, is_both, "line", line, column)
        self._add(card, line, column + separator.end())

    def _read_tabbed(self, content: str, is_marked: bool, line: int, column: int) -> None:
        columns = content.split("\t")
        while len(columns) > 2 and not columns[-1].strip(WHITE):
            columns.pop()
        if len(columns) == 1:
            text = "no TAB between prompt and answer; this deck is TAB-separated"
            self._report("no-separator", line, column, text)
            return
        if len(columns) > 2:
            at = column + len(columns[0]) + len(columns[1]) + 1
            text = f"{len(columns)} columns; a card has two, prompt and answer"
            self._report("columns", line, at, text)
            return
        prompt = unescape_mark(columns[0].strip(WHITE))
        bars = [match for match in BAR.finditer(columns[1]) if not match[1]]
        answers = _parts(columns[1], 0, bars, BAR)
        is_both = self._is_both_ways
        card = WrittenCard(prompt, answers, self._section, is_marked, is_both, "tab", line, column)
        self._add(card, line, column + len(columns[0]) + 1)

    def _continue_block(self, block: _Block, raw: str, line: int) -> bool:
        """Take a line as part of the open block; False when it starts a block of its own."""
        content = raw[1:].lstrip(WHITE) if is_never_seen(raw) else raw
        mark = block_mark(content)
        if mark == "Q":
            if len(block.texts) == 1:
                text = f"a second Q: before the one of line {block.line} was answered by A:"
                self._report("q-in-q", line, len(raw) - len(content) + 1, text)
                self._block = None
            else:
                self._close_block()
            return False
        if mark == "A" and content is raw:
            block.texts.append([raw[2:]])
        else:
            block.texts[-1].append(unescape_mark(raw))
        block.last_line = line
        return True

    def _close_block(self) -> None:
        block = self._block
        self._block = None
        if block is None:
            return
        line = block.line
        column = block.column
        is_both = self._is_both_ways
        if len(block.texts) == 1:
            text = "no A: answers this Q:; put it on the next line, without a blank line between"
            self._report("no-a", line, column, text)
            return
        prompt, *answers = (_joined(lines) for lines in block.texts)
        mark = block.is_marked
        section = self._section
        card = WrittenCard(prompt, answers, section, mark, is_both, "block", line, column)
        self._add(card, block.last_line, column)

    def _add(self, card: WrittenCard, last_line: int, answer_column: int) -> None:
        """Keep a card if it can be taught; `card` holds its texts as they were written."""
        line, column = card.line, card.column
        prompt = as_taught(card.prompt)
        answers = [as_taught(answer) for answer in card.answers]
        if not prompt:
            self._report("no-prompt", line, column, "nothing stands before the separator")
            return
        if not all(answers):
            what = "an answer is empty" if any(answers) else "nothing stands after the separator"
            self._report("no-answer", line, answer_column, what)
            return
        if any("\t" in text for text in (card.prompt, *card.answers)):
            self._report("tab", line, column, "a TAB inside the card; it is shown as ␉")
        if len(answers) > 1 and len(set(answers)) < len(answers):
            twice = next(answer for answer in answers if answers.count(answer) > 1)
            text = f"{excerpt(twice)} is given twice"
            self._report("duplicate-alternative", line, answer_column, text)
            answers = list(dict.fromkeys(answers))
        size = len(prompt) + max(map(len, answers))
        if size > self._max_characters:
            text = f"{size:,} characters; the model holds {self._max_characters:,}"
            text += ", prompt and answer"
            self._report("too-long", line, column, text)
            return
        card.prompt = prompt
        card.answers = answers
        card.last_line = last_line
        self._take(card)


class _Block(msgspec.Struct):
    is_marked: bool
    line: int
    column: int
    texts: list[list[str]]
    last_line: int


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip(WHITE) for line in lines).strip(WHITE + "\n")


def _parts(
    content: str, start: int, bars: list[re.Match[str]], separator: re.Pattern[str]
) -> list[str]:
    if not bars:
        return [unescape_separators(content[start:].strip(WHITE), separator)]
    ends = [*(bar.start() for bar in bars), len(content)]
    starts = [start, *(bar.end() for bar in bars)]
    pieces = (content[a:b].strip(WHITE) for a, b in zip(starts, ends, strict=True))
    return [unescape_separators(piece, separator) for piece in pieces]


def _separator_hint(content: str) -> str:
    if content == FENCE:
        return "front matter must be the first thing in the file"
    if "\t" in content:
        needed = "the extension .tsv, or one TAB on every line"
        return f"no :: in it; a TAB-separated deck needs {needed}"
    if match := _NEARLY_SEPARATED.search(content):
        sign = ":::" if ":::" in match[0] else "::"
        return f"put spaces around {sign}"
    if content[:2] in ("Q:", "A:"):
        return f"put a space after {content[:2]}"
    if match := _OTHER_SEPARATOR.search(content):
        return f"prompt and answer are parted by ::, not {match[1]}"
    return "no :: in it; write prompt :: answer, or # before a comment"


def _hidden_problem(char: str) -> tuple[str, str]:
    if char == "\0":
        return "nul", "NUL: this may not be a text file"
    if char == "\t":
        return "tab", ""
    if char in _DIRECTIONS:
        return "bidi", f"{symbol(char)} reorders text invisibly; it is shown instead"
    if unicodedata.category(char) == "Cc":
        return "control", f"control character U+{ord(char):04X}; it is shown as {symbol(char)}"
    return "invisible", f"{symbol(char)} cannot be seen; it is shown instead"
