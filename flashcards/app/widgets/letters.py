"""Big letters, Latin, Cyrillic and Greek, drawn in `letters.txt`, five dots by eight, in quadrants
of cells: three cells by four rows at the least, and as large as there is room. Text with a
character that is not drawn there, such as a Chinese or an Arabic one, stays small."""

import math
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from flashcards.app.widgets.cells import wrap

_DOTS = 5
_PITCH = 6
_DOT_ROWS = 8
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


class LetterSize(NamedTuple):
    """Half cells that a dot takes, across and down. A cell is twice as high as it is wide."""

    across: int
    down: int

    @property
    def n_rows(self) -> int:
        return _DOT_ROWS * self.down // 2

    @property
    def n_cells(self) -> int:
        """Of a letter with the gap after it."""
        return _PITCH * self.across // 2

    @property
    def n_of_picture(self) -> int:
        """Letters whose place a picture takes, with a gap after it as after them."""
        return math.ceil((2 * self.n_rows + self.across / 2) / self.n_cells)

    def n_letters(self, width: int) -> int:
        """Letters in a line of so many cells; the gap after the last one needs none."""
        return (2 * width // self.across + 1) // _PITCH


SIZES = tuple(
    LetterSize(across, down)
    for down in range(1, 13)
    for across in range(max(1, 2 * down - 2), 2 * down + 1)
)
"""Each is at least as wide and as high as those before, so what grows with the room never shrinks
one way; the last of each height has square dots."""

NARROW, WIDE = SIZES[:2]

_ACCENTS = {
    "\u0300": (".#...", "..#.."),
    "\u0301": ("...#.", "..#.."),
    "\u0302": ("..#..", ".#.#."),
    "\u0303": (".#.#.", "#.#.."),
    "\u0308": (".#.#.", "....."),
    "\u030a": ("..#..", ".#.#."),
    "\u030c": (".#.#.", "..#.."),
}
_CEDILLA = "\u0327"
_ACCENTED = "aceinorsuyzACEHIKNORSUYZгикГИУαεηιυωΩ"
"""Drawn with accents; a capital is one row lower then."""
PICTURE = "\ue000"
"""Stands for a picture in a text: as high as its letters, and square."""

_SAME_DRAWING = (
    str.maketrans("“”„‘—−", '"""\'–-')
    | str.maketrans("АВЕІЈКМНОРСЅТХаеіјорсѕух", "ABEIJKMHOPCSTXaeijopcsyx")  # Cyrillic as Latin
    | str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧνο", "ABEZHIKMNOPTYXvo")  # Greek as Latin
    | str.maketrans("ΓΠΦκφµ", "ГПФкфμ")  # Greek as Cyrillic, and the micro sign
)
"""Characters that are drawn as others, by code point: marks as on a typewriter, and letters that
look the same."""


@cache
def _glyphs() -> dict[str, tuple[str, ...]]:
    """Eight strings of dots a character; the file has them side by side, below their names."""
    glyphs = {}
    for sheet in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n\n"):
        characters, *lines = sheet.splitlines()
        for i, character in enumerate(characters):
            start = i * _PITCH
            glyphs[character] = tuple(line[start : start + _DOTS] for line in lines)
    return glyphs


@cache
def _dots(character: str) -> tuple[str, ...] | None:
    """The eight rows of a character or of a letter with its accent, None when it isn't drawn."""
    glyphs = _glyphs()
    character = character.translate(_SAME_DRAWING)
    if character in glyphs:
        return glyphs[character]
    parts = unicodedata.normalize("NFD", character)
    letter, accent = parts[0].translate(_SAME_DRAWING), parts[1:]
    if letter not in _ACCENTED:
        return None
    if accent == _CEDILLA:
        return (*glyphs[letter][:7], "..#..")
    if accent in _ACCENTS and letter.islower():
        return (*_ACCENTS[accent], *glyphs[letter][2:])
    if accent in _ACCENTS:
        high, low = _ACCENTS[accent]
        capital = glyphs[letter]
        return (high if "#" in high else low, ".....", *capital[:5], capital[6])
    return None


def can_draw(text: str) -> bool:
    return bool(text) and all(_dots(character) is not None for character in text)


def big_width(text: str, size: LetterSize) -> int:
    """Cells that a text takes, without a gap after it."""
    return math.ceil((_PITCH * len(text) - 1) * size.across / 2)


@cache
def _drawn(character: str, size: LetterSize) -> tuple[str, ...]:
    dots = [row + "." for row in _dots_of(character)]
    rows = [[dot == "#" for dot in row for _ in range(size.across)] for row in dots]
    halves = [row for row in rows for _ in range(size.down)]
    drawn = []
    for upper, lower in zip(halves[::2], halves[1::2], strict=True):
        cells = zip(upper[::2], upper[1::2], lower[::2], lower[1::2], strict=True)
        drawn.append("".join(_QUADRANTS[a + 2 * b + 4 * c + 8 * d] for a, b, c, d in cells))
    return tuple(drawn)


def big(text: str, size: LetterSize) -> list[str]:
    """The text in rows of `big_width` cells. Only what `can_draw` says yes to."""
    letters = [_drawn(character, size) for character in text]
    width = big_width(text, size)
    return ["".join(letter[y] for letter in letters)[:width] for y in range(size.n_rows)]


def lines_at(text: str, width: int, n_rows: int, size: LetterSize) -> list[str]:
    """The lines of a text in letters of this size, broken at spaces, with as many `PICTURE` as a
    picture takes letters; [] when there is no room."""
    n_letters = size.n_letters(width)
    text = text.replace(PICTURE, PICTURE * size.n_of_picture)
    if max(map(len, text.split(" "))) > n_letters:
        return []
    lines = wrap(text, n_letters, n_rows // size.n_rows)
    return lines if " ".join(lines) == text else []


@lru_cache(256)
def largest(text: str, width: int, n_rows: int) -> tuple[LetterSize, list[str]] | None:
    """The largest letters in which a text fits into so many cells and rows, and its lines in them;
    None when it fits in none, or a character isn't drawn. Where there is more room they are never
    smaller."""
    if not text or not all(character == PICTURE or can_draw(character) for character in text):
        return None
    for size in reversed(SIZES):
        if lines := lines_at(text, width, n_rows, size):
            return size, lines
    return None


def big_rows(lines: list[str], size: LetterSize) -> list[str]:
    """The lines in big letters below one another. All rows are equally long."""
    rows = [row for line in lines for row in big(line, size)]
    widest = max(map(len, rows))
    return [row.ljust(widest) for row in rows]


def _dots_of(character: str) -> tuple[str, ...]:
    dots = ("." * _DOTS,) * _DOT_ROWS if character == PICTURE else _dots(character)
    assert dots is not None, "ask can_draw first"
    return dots
