"""Frames as an asciicast, version 2: a header line, then [seconds, "o", what is written].

After https://docs.asciinema.org/manual/asciicast/v2/. Only rows that changed are written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from flashcards.cards.printable import printable
from flashcards.record.screen import Cell, Frame, Rows

HIDE_CURSOR, CLEAR, RESET = "\x1b[?25l", "\x1b[2J", "\x1b[0m"


def cast(frames: Iterable[Frame], size: tuple[int, int], title: str) -> Iterator[str]:
    header = {
        "version": 2,
        "width": size[0],
        "height": size[1],
        "title": printable(title),
        "env": {"TERM": "xterm-256color"},
    }
    yield json.dumps(header, ensure_ascii=False) + "\n"
    at_s, before = 0.0, ()  # type: tuple[float, Rows]
    for frame in frames:
        written = "".join(_changes(before, frame.rows))
        if written:
            start = "" if before else HIDE_CURSOR + CLEAR
            yield _line(at_s, start + written)
        at_s, before = at_s + frame.seconds, frame.rows
    yield _line(at_s, RESET)


def _line(at_s: float, text: str) -> str:
    return json.dumps([round(at_s, 3), "o", text], ensure_ascii=False) + "\n"


def _changes(before: Rows, after: Rows) -> Iterator[str]:
    for i, row in enumerate(after):
        if i >= len(before) or before[i] != row:
            yield f"\x1b[{i + 1};1H" + "".join(_coloured(cell) for cell in row) + RESET


def _coloured(cell: Cell) -> str:
    codes = ["0", *(["1"] if cell.is_bold else []), *(["4"] if cell.is_underlined else [])]
    codes += ["38;2;{};{};{}".format(*cell.ink), "48;2;{};{};{}".format(*cell.paper)]
    return f"\x1b[{';'.join(codes)}m{cell.text}"
