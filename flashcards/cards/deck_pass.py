"""One pass over the file of a large deck: where each card stands, and what stands for its group.

numpy takes the plain lines (`plain_lines`), all of a block at a time, `reading.Reader` the others.
What the deck adds up to is in `indexing`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flashcards.cards.diagnostics import Diagnostic, diagnostic
from flashcards.cards.format import (
    encoding_problem,
    front_matter_of,
    group_of,
    looks_tabbed,
    utf16_problem,
)
from flashcards.cards.grammar import split_lines
from flashcards.cards.large import BACKWARD, BLOCK, MARKED, Report, hash_of
from flashcards.cards.plain_lines import (
    Bytes,
    Hasher,
    Hashes,
    Places,
    commuted_bytes,
    count_bytes,
    plain_lines,
)
from flashcards.cards.reading import Reader, WrittenCard
from flashcards.cards.shelf import DeckUnusable
from flashcards.cards.split import digest_of

BLOCK_BYTES = 2 << 20
MAX_LINE_BYTES = 32 << 20
N_PROBLEMS_KEPT = 1_000

TYPES = (np.uint32, np.uint32, np.uint8, np.uint64, np.uint64)
"""Of what is kept of a card: its place in the file, line, flags, hash of its prompt, and key of its
group."""


class DeckPass:
    """Goes through a deck file once.

    Attributes:
        stat, sha256: Of the file.
        parts: What is kept of the cards, block by block, as `TYPES` lists it.
        sections: (first card, name) where a section begins.
        used: How often each byte stands in the prompts and in the answers of plain lines.
        characters, answer_characters: Those of the other cards.
        longest, longest_answer: (bytes, card).
        problems: The first ones; `counts` has the number of each kind.
    """

    def __init__(self, path: Path, file: BufferedReader) -> None:
        """Reads the front matter. Raises DeckUnusable: the file is no deck."""
        self._path = path
        self._file = file
        self.stat = os.fstat(file.fileno())
        self.sha256 = hashlib.sha256()
        first = file.read(BLOCK_BYTES)
        first = first[: first.rfind(b"\n") + 1] or first
        text = first.decode("utf-8", "replace")
        if problem := utf16_problem(first):
            raise DeckUnusable(path, (problem,))
        lines = [line.rstrip("\r\n") for line in split_lines(text.removeprefix("\ufeff"))]
        self.front, n_front, problem = front_matter_of(lines, path.stem)
        if problem is not None:
            raise DeckUnusable(path, (problem,))
        self.is_tabbed = path.suffix.lower() == ".tsv" or looks_tabbed(lines[n_front:])
        self._reader = Reader(self.front, is_tabbed=self.is_tabbed)
        self._begin = len("".join(split_lines(text)[:n_front]).encode("utf-8"))
        self._line = n_front + 1
        if not n_front and text.startswith("\ufeff"):
            self._begin = 3
        if problem := encoding_problem(first[: self._begin], text):
            raise DeckUnusable(path, (problem,))
        self.problems: list[Diagnostic] = []
        self.counts: Counter[str] = Counter()
        self.note(self.front.diagnostics)
        self._max_characters = self.front.wishes.max_characters
        self._is_drawn = bool(
            self.front.meta.held_out > 0 or self.front.meta.group or self.front.group_of_prompt
        )
        self.parts: tuple[list[NDArray[np.generic]], ...] = ([], [], [], [], [])
        self.n_cards = 0
        self.sections: list[tuple[int, str]] = []
        self._section = self._section_in_force = ""
        self._block_start = 0
        self.used = [np.zeros(256, np.int64), np.zeros(256, np.int64)]
        self.characters: set[str] = set()
        self.answer_characters: set[str] = set()
        self.n_characters = 0
        self.longest, self.longest_answer = (0, 0), (0, 0)
        self.most_answers = 1
        self._hasher = Hasher(BLOCK_BYTES)

    def note(self, problems: Sequence[Diagnostic]) -> None:
        self.counts.update(problem.code for problem in problems)
        self.problems += problems[: max(0, N_PROBLEMS_KEPT - len(self.problems))]

    def go(self, report: Report) -> None:
        self._file.seek(0)
        self.sha256.update(self._file.read(self._begin))
        at, rest = self._begin, b""
        while True:
            report(at, self.stat.st_size)
            # a block has at most BLOCK_BYTES, or one line that is longer
            block = self._file.read(
                BLOCK_BYTES - len(rest) if len(rest) < BLOCK_BYTES // 2 else BLOCK_BYTES
            )
            self.sha256.update(block)
            data = rest + block
            end = data.rfind(b"\n") + 1 if block else len(data)
            if end:
                self._take(data[:end], at)
            at, rest = at + end, data[end:]
            if len(rest) > MAX_LINE_BYTES:
                text = f"a line of more than {MAX_LINE_BYTES >> 20} MB"
                raise DeckUnusable(self._path, (diagnostic("unreadable", self._line, 1, text),))
            if not block:
                break
        self._reader.finish()
        self._take_last()

    def _take(self, data: bytes, at: int) -> None:
        """Whole lines that begin at byte `at` of the file."""
        b: Bytes = np.frombuffer(data, np.uint8)
        line_ends = np.flatnonzero(b == 10)
        if not data.endswith(b"\n"):
            line_ends = np.append(line_ends, len(b))
        starts = np.concatenate(([0], line_ends[:-1] + 1))
        n_lines = len(starts)
        if self.is_tabbed or self.front.is_both_ways or not data:
            is_plain, spans = np.zeros(n_lines, np.bool_), [starts] * 4
        else:
            is_plain, spans = plain_lines(b, starts, line_ends, self._max_characters)
        written: list[tuple[int, WrittenCard, int]] = []
        sections: list[tuple[int, str]] = []
        n_more = 0
        shifts: list[tuple[int, int]] = []
        done = -1
        slow = np.flatnonzero(~is_plain).tolist()
        if self._is_in_block:
            slow.insert(0, 0)
        for first in slow:
            k = max(first, done + 1)
            if first <= done:
                continue
            while k < n_lines:
                start, end = int(starts[k]), int(line_ends[k])
                is_plain[k] = False
                n_more += self._feed(
                    data[start:end], k, at + start, self._line + k + n_more, written
                )
                if n_more and (not shifts or shifts[-1][1] != n_more):
                    shifts.append((k + 1, n_more))
                if self._reader.section != self._section:
                    self._section = self._reader.section
                    sections.append((k, self._section))
                done = k
                if not self._is_in_block:
                    break
                k += 1
        kept = np.flatnonzero(is_plain)
        lines = self._line + kept
        for k, n in shifts:
            lines[kept >= k] = self._line + kept[kept >= k] + n
        self._keep(data, b, at, kept, lines, [span[kept] for span in spans], written, sections)
        self._line += n_lines + n_more

    @property
    def _is_in_block(self) -> bool:
        return self._reader.block_line > 0

    def _feed(
        self, raw: bytes, k: int, at: int, line: int, written: list[tuple[int, WrittenCard, int]]
    ) -> int:
        """Give the line to the reader; how many more lines it is by lone carriage returns."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = raw[error.start]
            said = f"byte 0x{byte:02X} is not UTF-8; save the file as UTF-8"
            column = len(raw[: error.start].decode("utf-8")) + 1
            raise DeckUnusable(self._path, (diagnostic("utf8", line, column, said),)) from None
        parts = re.split(r"\r(?!\Z)", text) if "\r" in text else [text]
        for n, part in enumerate(parts):
            block = self._block_start
            self._reader.read(part.rstrip("\r"), line + n)
            if self._reader.block_line == line + n:
                self._block_start = at
            for card in self._reader.cards:
                written.append((k, card, block if card.style == "block" else at))
            self._reader.cards.clear()
            at += len(part.encode()) + 1
        if self._reader.problems:
            self.note(self._reader.problems)
            self._reader.problems.clear()
        return len(parts) - 1

    def _take_last(self) -> None:
        """The block that the file ends with."""
        self.note(self._reader.problems)
        written = [(0, card, self._block_start) for card in self._reader.cards]
        nothing = np.zeros(0, np.int64)
        self._keep(b"", np.zeros(0, np.uint8), 0, nothing, nothing, [nothing] * 4, written, [])

    def _keep(
        self,
        data: bytes,
        b: Bytes,
        at: int,
        order: Places,
        lines: Places,
        spans: list[Places],
        written: list[tuple[int, WrittenCard, int]],
        sections: list[tuple[int, str]],
    ) -> None:
        """Keep the cards of a block: plain ones by their spans, the others as they were written.

        Args:
            at: Where the block begins in the file.
            order, lines: Of each plain card, the line in the block and in the file.
            written: The line in the block, the card, and where it begins in the file.
            sections: (line in the block, name) where a section begins.
        """
        prompt_start, prompt_end, answer_start, answer_end = spans
        hashes = self._hasher.hashes(b, prompt_start, prompt_end)
        for counts, begin, end in zip(self.used, spans[::2], spans[1::2], strict=True):
            count_bytes(counts, b, begin, end)
        sizes = prompt_end - prompt_start
        answers = answer_end - answer_start
        self.n_characters += int(sizes.sum() + answers.sum())
        columns = [
            order,
            prompt_start + at,
            lines,
            np.zeros(len(order), np.int64),
            hashes,
            self._plain_keys(data, hashes, order, spans, sections),
            sizes + answers,
            answers,
        ]
        if written:
            rows = [row for one in written for row in self._rows(*one)]
            others = [
                np.array(column, old.dtype)
                for column, old in zip(zip(*rows, strict=True), columns, strict=True)
            ]
            columns = [np.concatenate(pair) for pair in zip(columns, others, strict=True)]
            by_line = np.argsort(columns[0], kind="stable")
            columns = [column[by_line] for column in columns]
        for k, name in sections:
            self.sections.append((self.n_cards + int(np.searchsorted(columns[0], k)), name))
            self._section_in_force = name
        if not len(columns[0]):
            return
        self.longest = self._longer(self.longest, columns[6])
        self.longest_answer = self._longer(self.longest_answer, columns[7])
        self.n_cards += len(columns[0])
        for part, column, kind in zip(self.parts, columns[1:6], TYPES, strict=True):
            part.append(column.astype(kind))

    def _longer(self, longest: tuple[int, int], sizes: Places) -> tuple[int, int]:
        """(size, card) of the longest so far; the first of several."""
        at = int(sizes.argmax())
        size = int(sizes[at])
        return (size, self.n_cards + at) if size > longest[0] else longest

    def _plain_keys(
        self,
        data: bytes,
        hashes: Hashes,
        order: Places,
        spans: list[Places],
        sections: list[tuple[int, str]],
    ) -> Hashes:
        """Of each plain card, what stands for its group."""
        if not self._is_drawn:
            return hashes
        pairs = zip(spans[0].tolist(), spans[1].tolist(), strict=True)
        prompts = (data[start:end] for start, end in pairs)
        front = self.front
        groups: Iterable[bytes]
        if front.group_of_prompt or front.meta.group == "section":
            groups = self._groups(prompts, order, sections)
        else:
            groups = map(commuted_bytes, prompts) if front.meta.group == "commutes" else prompts
        digests = b"".join([digest_of(group).digest() for group in groups])
        return np.frombuffer(digests, ">u8").astype(np.uint64)

    def _groups(
        self, prompts: Iterable[bytes], order: Places, sections: list[tuple[int, str]]
    ) -> Iterator[bytes]:
        section, coming = self._section_in_force, [*sections, (1 << 62, "")]
        for prompt, k in zip(prompts, order.tolist(), strict=True):
            while k > coming[0][0]:
                section = coming.pop(0)[1]
            yield group_of(prompt.decode(), section, self.front).encode()

    def _rows(self, k: int, card: WrittenCard, start: int) -> Iterator[tuple[int, ...]]:
        """What is kept of a card that the reader gave; of one of both directions, twice."""
        sides = [(card.prompt, card.answers)]
        if card.is_both_ways and card.prompt != card.answers[0]:
            sides.append((card.answers[0], [card.prompt]))
        group = group_of(card.prompt, card.section, self.front).encode("utf-8", "surrogatepass")
        key = int.from_bytes(digest_of(group).digest(), "big") if self._is_drawn else hash_of(group)
        flags = (BLOCK if card.style == "block" else 0) | (MARKED if card.is_marked else 0)
        for n, (prompt, answers) in enumerate(sides):
            self.characters.update(prompt, *answers)
            self.answer_characters.update(*answers)
            self.n_characters += len(prompt) + len(answers[0])
            self.most_answers = max(self.most_answers, len(answers))
            asked = prompt.encode("utf-8", "surrogatepass")
            longest = max(len(answer.encode("utf-8", "surrogatepass")) for answer in answers)
            side = flags | (BACKWARD if n else 0)
            size = len(asked) + longest
            yield k, start, card.line, side, hash_of(asked), key, size, longest
