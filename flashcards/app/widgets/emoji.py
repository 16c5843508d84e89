"""Pictures of emoji in half blocks, two colours a cell, from the font that came along. Its pictures
are PNGs of one kind, which the standard library reads; `CONTRIBUTING.md` says how one is added."""

import struct
import zlib
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

from flashcards.app.widgets.cells import Part, Rgb, Row, clusters

FONT = Path(__file__).with_name("NotoColorEmoji-subset.ttf")

Pixel = Rgb | None  # None lets the ground through
Plane = bytes  # a number of 0 to 255 for each pixel of the font's picture, in rows

WIDTH, SIDE, MARGIN = 136, 128, 4
"""Pixels of a picture in the font: a square with a margin on its left and right."""

N_ACROSS = 4  # pixels of the font that one of ours is the mean of, at least: more look alike

STEP = 16

_SELECTOR = "\ufe0f"  # asks for the picture of a character, and has none of its own


def png(character: str) -> bytes | None:
    """The font's picture of a character, `WIDTH` by `SIDE` pixels; None where it has none."""
    return _pngs().get(character)


def pictured(text: str) -> list[str]:
    """The emoji that the text consists of; [] where it has anything else, or the font lacks one."""
    emoji = [cluster.removesuffix(_SELECTOR) for cluster in clusters(text)]
    return emoji if all(cluster in _pngs() for cluster in emoji) else []


@lru_cache(128)
def picture(text: str, width: int, n_rows: int, ground: Rgb) -> list[Row]:
    """The emoji beside one another, as large as fit into so many cells and rows, on a ground of
    this colour; [] of any other text."""
    emoji = pictured(text)
    side = min(width // max(1, len(emoji)), 2 * n_rows, SIDE) // 2 * 2
    if not emoji or side == 0:
        return []
    pixels = [_pixels(cluster, side, ground) for cluster in emoji]
    joined = [[pixel for row in rows for pixel in row] for rows in zip(*pixels, strict=True)]
    return [_row(*pair) for pair in zip(joined[::2], joined[1::2], strict=True)]


def _row(upper: list[Pixel], lower: list[Pixel]) -> Row:
    cells = [_cell(*pair) for pair in zip(upper, lower, strict=True)]
    runs = groupby(cells, itemgetter(1))
    return [("".join(text for text, _ in run), style) for style, run in runs]


def _cell(above: Pixel, below: Pixel) -> Part:
    if above == below:
        return (" ", "") if above is None else ("█", _hex(above))
    if above is None or below is None:
        return ("▀", _hex(above)) if above is not None else ("▄", _hex(below))
    return "▀", f"{_hex(above)} on {_hex(below)}"


def _hex(pixel: Pixel) -> str:
    return "" if pixel is None else "#{:02x}{:02x}{:02x}".format(*pixel)


def _pixels(emoji: str, side: int, ground: Rgb) -> list[list[Pixel]]:
    """A square of so many pixels, each the mean of some of those of the font that it covers."""
    planes = _planes(_pngs()[emoji])
    edges = [SIDE * i // side for i in range(side + 1)]
    step = max(1, SIDE // side // N_ACROSS)
    rows = []
    for top, bottom in pairwise(edges):
        starts = range(top * WIDTH + MARGIN, bottom * WIDTH, step * WIDTH)
        lines = [slice(start, start + SIDE, step) for start in starts]
        columns = [zip(*(plane[line] for line in lines), strict=True) for plane in planes]
        sums = [list(map(sum, pixels)) for pixels in columns]
        row = []
        for left, right in pairwise(edges):
            part = slice(-(-left // step), -(-right // step))
            n = (part.stop - part.start) * len(lines)
            row.append(_pixel([sum(numbers[part]) / n for numbers in sums], ground))
        rows.append(row)
    return rows


def _pixel(means: list[float], ground: Rgb) -> Pixel:
    """Red, green and blue as far as they cover the ground, and how far that is, all 0 to 255. In
    steps of `STEP`, which nobody sees: more cells are alike, so a frame takes half the time."""
    *colours, cover = means
    if cover < STEP:
        return None
    mixed = [round(c + g * (255 - cover) / 255) for c, g in zip(colours, ground, strict=True)]
    red, green, blue = (min(255, (c + STEP // 2) // STEP * STEP) for c in mixed)
    return red, green, blue


def _planes(picture: bytes) -> tuple[Plane, Plane, Plane, Plane]:
    """Red, green, blue, each times how far a pixel covers the ground; and how far it does."""
    chunks = dict(_chunks(picture))
    packed = b"".join(data for kind, data in _chunks(picture) if kind == b"IDAT")
    raw = zlib.decompress(packed)
    indices = b"".join(raw[y + 1 : y + 1 + WIDTH] for y in range(0, len(raw), WIDTH + 1))
    palette = chunks[b"PLTE"]
    cover = chunks.get(b"tRNS", b"").ljust(256, b"\xff")
    tables = [
        bytes(c * a // 255 for c, a in zip(palette[i::3], cover, strict=False)).ljust(256, b"\0")
        for i in range(3)
    ]
    red, green, blue, covered = (indices.translate(table) for table in (*tables, cover))
    return red, green, blue, covered


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each part of a PNG (https://www.w3.org/TR/png-3/#5Chunk-layout)."""
    place = 8
    while place < len(picture):
        n_bytes, kind = struct.unpack_from(">I4s", picture, place)
        yield kind, picture[place + 8 : place + 8 + n_bytes]
        place += 12 + n_bytes


@cache
def _pngs() -> dict[str, bytes]:
    """The picture of each character that the font has: tables cmap, CBLC and CBDT of OpenType
    (https://learn.microsoft.com/typography/opentype/spec/cblc), as pyftsubset writes them."""
    font = FONT.read_bytes()
    (n_tables,) = struct.unpack_from(">H", font, 4)
    places = {}
    for i in range(n_tables):
        name, place = struct.unpack_from(">4s4xI", font, 12 + 16 * i)
        places[name] = place
    cmap, cblc, cbdt = (places[name] for name in (b"cmap", b"CBLC", b"CBDT"))
    (subtable,) = struct.unpack_from(">I", font, cmap + 8)
    (n_groups,) = struct.unpack_from(">I", font, cmap + subtable + 12)
    (index,) = struct.unpack_from(">I", font, cblc + 8)
    first, _, more = struct.unpack_from(">HHI", font, cblc + index)
    (images,) = struct.unpack_from(">I", font, cblc + index + more + 4)
    pngs = {}
    for i in range(n_groups):
        start, end, glyph = struct.unpack_from(">III", font, cmap + subtable + 16 + 12 * i)
        for n in range(end - start + 1):
            entry = cblc + index + more + 8 + 4 * (glyph + n - first)
            begin, after = struct.unpack_from(">II", font, entry)
            pngs[chr(start + n)] = font[cbdt + images + begin + 9 : cbdt + images + after]
    return pngs
