"""Shades, heat maps and tiles: numbers as cells."""

from __future__ import annotations

import math

from flashcards.app.update.tiles import Tile, tile_rows
from flashcards.app.widgets.cells import row_width
from flashcards.app.widgets.heat import blocks, shade, triangle
from tests.app.drawn import plain


def test_shades_are_blank_only_for_nothing() -> None:
    assert shade(0.0) == " "
    assert shade(1.0) == "█"
    assert shade(math.nan) == " "
    assert [shade(i / 10) for i in range(11)] == sorted(
        [shade(i / 10) for i in range(11)], key=" ·░▒▓█".index
    )


def test_a_heat_map_shows_the_row_it_tells_about_when_there_are_too_many() -> None:
    n = 60
    rows = [[1 / (i + 1)] * (i + 1) for i in range(n)]
    drawn = plain(triangle(rows, [f"p{i}" for i in range(n)], 40, 60, 10))
    assert len(drawn) <= 10
    assert any(row.startswith("p40") and "▸" in row for row in drawn)
    assert all(len(row) <= 60 for row in drawn)


def test_a_heat_map_says_how_many_rows_it_leaves_out() -> None:
    rows = [[1 / (i + 1)] * (i + 1) for i in range(60)]
    labels = [f"p{i}" for i in range(60)]
    assert plain(triangle(rows, labels, 40, 60, 10))[1] == "… 33 rows before these, 19 after"
    assert plain(triangle(rows, labels, 59, 60, 10))[1] == "… 52 rows before these"
    assert plain(triangle(rows, labels, 2, 60, 10))[1] == "… 52 rows after these"
    assert "…" not in "".join(plain(triangle(rows[:9], labels[:9], 8, 60, 10)))


def test_what_is_hardly_looked_at_is_not_as_blank_as_what_cannot_be_seen() -> None:
    _, first, second = plain(triangle([[1.0], [0.0, 1.0]], ["a", "b"], 1, 40, 3))
    assert first.endswith("██████")
    assert second.endswith("······██████")


def test_blocks_are_means_against_the_greatest_cell() -> None:
    levels = bytes([255, 255, 0, 0] * 2)
    assert blocks(levels, 4, 2, 1) == ["█ "]
    assert blocks(bytes([250, 255, 252, 251]), 4, 4, 1)[0][:2] == "·█"
    assert blocks(bytes([9] * 4), 4, 4, 1) == ["████"]
    assert blocks(b"", 4, 2, 1) == []
    assert blocks(bytes(8), 4, 4, 2) == ["    ", "    "]


def test_tiles_are_boxed_then_bare_then_counted() -> None:
    tiles = [Tile(text, "") for text in ("a", "東京", "👩‍👩‍👧", " ", "e")]
    boxed = tile_rows(tiles, 60, 3)
    assert len(boxed) == 3
    assert len({row_width(row) for row in boxed}) == 1
    assert "␣" in plain(boxed)[1]
    many = [Tile(f"p{i}", "") for i in range(100)]
    cut = tile_rows(many, 40, 2)
    assert len(cut) == 2
    assert plain(cut)[-1].endswith(" more")
    assert max(row_width(row) for row in cut) <= 40
