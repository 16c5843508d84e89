"""Drawings as text."""

from flashcards.app.widgets.cells import Row


def plain(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def dots(grid: list[list[int]]) -> list[str]:
    return ["".join(chr(0x2800 | bits) for bits in row) for row in grid]
