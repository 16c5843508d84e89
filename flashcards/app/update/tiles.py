"""Pieces as tiles in a row, boxed where there is room: what a card is cut into."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, cut
from flashcards.wording.pieces import visible

MAX_TEXT_WIDTH = 14


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece, its style, and what stands under it ("" for nothing)."""

    text: str
    style: str
    under: str = ""

    @property
    def width(self) -> int:
        shown = cut(visible(self.text), MAX_TEXT_WIDTH)
        return max(1, cell_len(shown), cell_len(self.under)) + 2


def tile_rows(tiles: list[Tile], width: int, n_rows: int) -> list[Row]:
    """The tiles in at most `n_rows` rows: boxed; without boxes when that is too much; then cut."""
    has_under = any(tile.under for tile in tiles)
    boxed = _lines(tiles, width - 1, gap=1)
    n_boxed = 4 if has_under else 3
    if len(boxed) * n_boxed <= n_rows:
        return [row for line in boxed for row in _boxed(line, has_under)]
    n_bare = 2 if has_under else 1
    bare = _lines(tiles, width, gap=0)
    n_lines = max(1, n_rows // n_bare)
    rows = [row for line in bare[:n_lines] for row in _bare(line, has_under)]
    n_left = sum(len(line) for line in bare[n_lines:])
    if n_left:
        more = f" … {n_left:,} more"
        line, room = bare[n_lines - 1], width - cell_len(more)
        kept = [t for i, t in enumerate(line, 1) if sum(t.width for t in line[:i]) <= room]
        rows[-n_bare] = [*_bare(kept, False)[0], (more, ".muted")]
    return rows[:n_rows]


def _lines(tiles: list[Tile], width: int, *, gap: int) -> list[list[Tile]]:
    lines: list[list[Tile]] = [[]]
    used = 0
    for tile in tiles:
        needed = tile.width + gap
        if used + needed > width and lines[-1]:
            lines.append([])
            used = 0
        lines[-1].append(tile)
        used += needed
    return lines


def _boxed(line: list[Tile], has_under: bool) -> list[Row]:
    def rule(left: str, between: str, right: str) -> Row:
        return [(left + between.join("─" * tile.width for tile in line) + right, ".track")]

    middle: Row = [("│", ".track")]
    under: Row = [(" ", "")]
    for tile in line:
        middle += [(_centred(tile.text, tile.width), tile.style), ("│", ".track")]
        under.append((f"{tile.under:^{tile.width}} ", ".muted"))
    rows: list[Row] = [rule("┌", "┬", "┐"), middle, rule("└", "┴", "┘")]
    return [*rows, under] if has_under else rows


def _bare(line: list[Tile], has_under: bool) -> list[Row]:
    middle: Row = []
    for tile in line:
        middle += [(_centred(tile.text, tile.width - 1), tile.style), ("│", ".track")]
    under: Row = [(f"{tile.under:^{tile.width}}", ".muted") for tile in line]
    return [middle, under] if has_under else [middle]


def _centred(text: str, width: int) -> str:
    """Centred by what is drawn. A combining mark alone gets a base to sit on."""
    shown = cut(visible(text), MAX_TEXT_WIDTH)
    if shown and cell_len(shown) == 0:
        shown = "◌" + shown
    space = max(0, width - cell_len(shown))
    return " " * (space // 2) + shown + " " * (space - space // 2)
